// What a freeze did, gathered while it runs.
#pragma once

#include <memory>

#include "compiler/pipeline/Freeze.h"
#include "compiler/pipeline/Model.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassInstrumentation.h"

namespace firn {

class ReportBuilder {
public:
  ReportBuilder(const Model &model, const FreezeOptions &options);

  /// Looks at the graph before the pass that freezes variables: which ones it has, and which
  /// writes.
  std::unique_ptr<mlir::PassInstrumentation> instrumentation();
  /// Looks at the frozen graph.
  void finish(mlir::ModuleOp module);
  FreezeReport &report() { return result; }

private:
  friend class FreezeObserver;
  void beforeFreeze(mlir::ModuleOp module);
  void collectInputs(mlir::ModuleOp module);
  void collectOutputs(mlir::ModuleOp module);
  void collectEmptyTables(mlir::ModuleOp module);
  void collectWarnings(mlir::ModuleOp module);

  FreezeReport result;
  std::vector<std::string> writes;
};

} // namespace firn
