// The bridge between the two idioms of errors: absl::Status without an MLIRContext, diagnostics
// with one.
#pragma once

#include "absl/status/status.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

namespace firn {

/// Emits a failed status as an error at `loc`; always failure.
mlir::LogicalResult emitStatus(mlir::Location loc, const absl::Status &status);

/// Collects the diagnostics of a context while it lives, as one message: "node 'a/b': expected …"
/// and its notes, a line each.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);
  ~DiagnosticCollector();
  DiagnosticCollector(const DiagnosticCollector &) = delete;
  DiagnosticCollector &operator=(const DiagnosticCollector &) = delete;

  /// The errors as an InvalidArgument status; at most `limit` of them, with a count of the others.
  /// Ok when there was none.
  absl::Status status(size_t limit = 20) const;
  /// Texts of the warnings, in order.
  const std::vector<std::string> &warnings() const { return warningTexts; }

private:
  mlir::MLIRContext *context;
  mlir::DiagnosticEngine::HandlerID handler;
  std::vector<std::string> errorTexts, warningTexts;
};

} // namespace firn
