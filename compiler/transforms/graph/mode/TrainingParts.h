// What is needed under an assignment of the flags, and which of it belongs to training.
#pragma once

#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/Masks.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

namespace firn::graph {

/// A FusedBatchNorm of any version with is_training=true.
bool isTrainingBatchNorm(Node node);
/// A Mean or Sum of a tensor that is no constant, over dimension 0 among others.
bool reducesBatch(Node node);
/// A dequeue, or what an iterator or a reader yields.
bool yieldsTrainingData(Node node);

/// Nodes that the fetches of a module's graph need when placeholders have certain values: branches
/// not taken, and masks that keep everything, need nothing. Function bodies are looked into.
class NeededUnder {
public:
  /// `stops`: values that are fed. `masks`: of all random nodes, by the node that yields the mask.
  using Masks = llvm::DenseMap<mlir::Operation *, Mask>;
  NeededUnder(mlir::ModuleOp module, const Masks &masks, const llvm::DenseSet<mlir::Value> &stops,
              ScalarValues::Assignment assignment);

  const NodeSet &nodes() const { return needed; }
  /// Those that belong to training: random ops, statistics of the batch, writes, queues.
  NodeSet trainingParts() const;

private:
  void visitBlock(mlir::Block &block, ScalarValues &scalars);
  void visitInputs(Node node, ScalarValues &scalars, llvm::SmallVectorImpl<mlir::Value> &next);
  void visitFunctions(Node node, ScalarValues &scalars);

  mlir::ModuleOp module;
  const Masks &masks;
  const llvm::DenseSet<mlir::Value> &stops;
  NodeSet needed;
  unsigned depth = 0;
};

/// The masks of all random nodes of a module.
NeededUnder::Masks collectMasks(mlir::ModuleOp module);

} // namespace firn::graph
