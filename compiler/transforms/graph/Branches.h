// Which nodes run always, once: not in a loop, and not on one branch of a cond only.
#pragma once

#include <set>

#include "compiler/transforms/graph/Frames.h"
#include "compiler/transforms/graph/Reachability.h"

namespace firn::graph {

/// What decides whether a node runs: the predicate of a Switch (the index of a _SwitchN), behind
/// what hands it on as it is, and the output that is taken.
using Condition = std::pair<const void *, unsigned>;
using Conditions = std::set<Condition>;

/// Conditions and frames of the nodes of one block. A Merge has those that all of its inputs have,
/// and what decided inside of a loop is over behind its Exits.
class Branches {
public:
  explicit Branches(mlir::Block &block);
  const Conditions &of(mlir::Operation *op) const;
  /// Of a result: those of its node and, for an output of a Switch, that it is taken.
  Conditions of(mlir::Value value) const;
  const Frames &frames() const { return inFrames; }

private:
  bool update(mlir::Operation *op);
  void dropInner(mlir::Operation *exit, Conditions &all) const;
  Conditions mergeConditions(Node merge) const;

  Frames inFrames;
  llvm::DenseMap<mlir::Operation *, Conditions> conditions;
};

/// True for nodes that make the rest of a block conditional: Switch and Enter, and their like.
bool hasGates(mlir::Block &block);

/// The nodes of `block` that run in a loop, or on one branch of a v1 cond only. A Merge of both
/// branches runs always.
NodeSet conditionalNodes(mlir::Block &block);

} // namespace firn::graph
