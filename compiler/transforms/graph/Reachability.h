// Which nodes what a block is wanted for needs.
#pragma once

#include "dialects/graph/Node.h"
#include "llvm/ADT/DenseSet.h"

namespace firn::graph {

using NodeSet = llvm::DenseSet<mlir::Operation *>;

/// Nodes from which `values` are reached through tensors and, with `throughControls`, control
/// tokens.
NodeSet nodesBehind(mlir::ValueRange values, bool throughControls = true);

/// Nodes that come after `values`, through tensors and control tokens.
NodeSet nodesAfter(mlir::ValueRange values);

/// Erases the nodes of `block` that its terminator does not reach.
void eraseUnreachable(mlir::Block &block);

/// Erases nodes whatever uses of each other they have; nothing outside `nodes` may use them.
void eraseNodes(llvm::ArrayRef<mlir::Operation *> nodes);

} // namespace firn::graph
