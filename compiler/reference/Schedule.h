// Which nodes a run needs.
#pragma once

#include "compiler/reference/Interpreter.h"
#include "llvm/ADT/DenseSet.h"

namespace firn::reference {

using NodeSet = llvm::DenseSet<mlir::Operation *>;

/// True for a value that is there before any node runs: fed, a function's argument, or the control
/// token of a node that is fed.
bool isAvailable(mlir::Value value, const Feeds &feeds);

/// Nodes that `fetches` need when `feeds` are given.
NodeSet neededNodes(llvm::ArrayRef<mlir::Value> fetches, const Feeds &feeds);

} // namespace firn::reference
