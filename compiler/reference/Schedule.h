// Which nodes a run needs.
#pragma once

#include "compiler/reference/Interpreter.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace firn::reference {

using NodeSet = llvm::DenseSet<mlir::Operation *>;

/// True for a value that is there before any node runs: fed, a function's argument, or the control
/// token of a node that is fed.
bool isAvailable(mlir::Value value, const Feeds &feeds);

/// Nodes that `fetches` need when `feeds` are given.
NodeSet neededNodes(llvm::ArrayRef<mlir::Value> fetches, const Feeds &feeds);

/// An op of v1 control flow, in its value or its Ref form.
bool isFlow(graph::Node node, llvm::StringRef type);

/// How many Enter nodes lead into each loop, by the loop's name.
llvm::StringMap<unsigned> countEnters(const NodeSet &nodes);

} // namespace firn::reference
