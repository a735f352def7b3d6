// Runs a frozen graph on host tensors, one kernel per node, in TensorFlow's order of execution.
#pragma once

#include "compiler/reference/Evaluation.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

namespace firn::reference {

/// The value of a `#graph.tensor`. Nothing, with a reason, for a malformed one and for a reference
/// when `read` is null.
std::optional<Tensor> tensorOf(graph::TensorAttr value, const graph::ExtentReader &read,
                               std::string &why);
/// The inverse, its elements inline.
graph::TensorAttr attrOf(mlir::MLIRContext *context, const Tensor &tensor);

struct RunOptions {
  graph::ExtentReader read;
  /// Called after each node that was run, in order, with its outputs.
  std::function<void(graph::Node, llvm::ArrayRef<Tensor>)> observe;
};

using Feeds = llvm::DenseMap<mlir::Value, Tensor>;

/// Computes `fetches` (tensors and control tokens of one block; tokens yield absent tensors). Nodes
/// behind `feeds` do not run. Loops, conds and calls run as TensorFlow 1's executor runs them:
/// frames, iterations, dead tensors. Nothing after an error, which names the node: an op without a
/// kernel, inputs that do not fit it, a fetch on a branch that was not taken.
std::optional<Tensors> run(mlir::ModuleOp module, llvm::ArrayRef<mlir::Value> fetches,
                           const Feeds &feeds, const RunOptions &options, State &state,
                           std::string &error);

/// Ops in the graph and in the functions that it calls that have no kernel, sorted.
std::vector<std::string> missingKernels(mlir::ModuleOp module);

} // namespace firn::reference
