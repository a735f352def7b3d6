// What passes tell of their work: the list behind `firn freeze --report`.
#pragma once

#include <string>
#include <vector>

#include "mlir/IR/BuiltinOps.h"

namespace firn::graph {

/// Array of dictionaries {kind, node, text} on the module.
inline constexpr llvm::StringLiteral kChangesAttr = "graph.changes";

/// One thing that was done.
struct Change {
  /// "bound", "removed", "rewritten", "folded"; "kept": left as it is, as asked; "left": left as it
  /// is for want of knowledge.
  std::string kind;
  std::string node;
  /// What it became, or why.
  std::string text;
};

/// Appends to the module's list.
void recordChanges(mlir::ModuleOp module, llvm::ArrayRef<Change> changes);
/// The list, taken from the module.
std::vector<Change> takeChanges(mlir::ModuleOp module);

} // namespace firn::graph
