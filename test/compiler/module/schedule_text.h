// What the tests of this room share: schedules from text.
#pragma once

#include "compiler/module/BuildProgram.h"
#include "compiler/support/Status.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>

namespace firn {

/// A module with a schedule.
class ScheduleText {
public:
  explicit ScheduleText(const std::string &text);

  schedule::ProgramOp program();
  /// The weights of the program.
  const WeightLayout &weights() const { return layout; }
  /// Its program; what was diagnosed in `message` otherwise.
  mlir::FailureOr<BuiltProgram> build();
  std::string message() const { return std::string(diagnostics.status().message()); }
  mlir::ModuleOp module() { return *parsed; }

private:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  DiagnosticCollector diagnostics{&context};
  mlir::OwningOpRef<mlir::ModuleOp> parsed;
  WeightLayout layout;
};

/// The steps in `schedule.program @main`.
std::string programOf(const std::string &steps);

} // namespace firn
