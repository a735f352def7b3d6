// The v1 control flow of one block as loops and conds: what belongs to which, and what has to be
// there before it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "compiler/transforms/graph/Branches.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace firn::kernel {

using Values = llvm::SmallVector<mlir::Value>;

/// A loop of Enter, Merge, Switch, NextIteration and Exit nodes. Only what is needed is listed.
struct FrameLoop {
  std::string frame;
  /// Of the loop's Switches; null when there is none.
  mlir::Value predicate;
  llvm::SmallVector<graph::Node> merges, exits;
  /// What Enter nodes bring in.
  Values entries;
};

/// A cond of Switch and Merge nodes: Merges of one predicate that need nothing of each other.
struct FrameCond {
  /// The predicate of the Switches, or the index of the _SwitchNs. Null where the inputs of a Merge
  /// do not exclude each other.
  mlir::Value selector;
  unsigned numBranches = 0;
  llvm::SmallVector<graph::Node> merges;
  /// The selector, and what is used on the branches and stands outside of them.
  Values entries;
};

/// Visits what `roots` need, each after what it needs itself. `needs` lists the needs of a node,
/// `enter` says whether to look at it; each node is visited once at most.
void visitInOrder(mlir::ValueRange roots, llvm::function_ref<Values(graph::Node)> needs,
                  llvm::function_ref<bool(graph::Node)> enter,
                  llvm::function_ref<void(graph::Node)> visit);

class ControlFlow {
public:
  /// Of the nodes that `wanted` needs.
  ControlFlow(mlir::Block &block, mlir::ValueRange wanted);

  const graph::Branches &branches() const { return conditions; }
  const FrameLoop &loopOf(graph::Node exit) const;
  const FrameCond &condOf(graph::Node merge) const;
  /// Which input of a Merge comes from each branch of its cond.
  llvm::SmallVector<unsigned> inputsByBranch(graph::Node merge) const;
  /// The one input of a Merge that can have a value, where the others ask for both branches of a
  /// cond at once.
  std::optional<unsigned> onlyInput(graph::Node merge) const;
  /// What has to be there before the node is lowered in the place where it stands: of an Exit and
  /// of the Merge of a cond what their whole loop or cond needs from outside.
  Values needs(graph::Node node) const;

private:
  struct Decision {
    mlir::Value selector;
    llvm::SmallVector<unsigned> inputs; // by branch
    Values entries;
  };

  void collectNeeded(mlir::ValueRange wanted);
  void makeLoops();
  Decision decisionOf(graph::Node merge) const;
  Values entriesOf(graph::Node merge, mlir::Value selector) const;
  void makeConds();
  /// How many conds lie behind one another up to the node: conds of one depth don't need each
  /// other.
  unsigned depthOf(graph::Node node);
  Values ownNeeds(graph::Node node) const;

  graph::Branches conditions;
  llvm::SmallVector<graph::Node> needed;
  std::map<std::string, FrameLoop> loops;
  llvm::DenseMap<mlir::Operation *, Decision> decisions;
  llvm::DenseMap<mlir::Operation *, unsigned> depths;
  std::vector<FrameCond> conds;
  llvm::DenseMap<mlir::Operation *, unsigned> condIndex;
};

/// An op of v1 control flow, in its value or its Ref form.
bool isFlow(graph::Node node, llvm::StringRef type);
/// A Merge that begins the rounds of a loop, what it begins with, and what it goes on with.
bool isLoopMerge(graph::Node node);
mlir::Value startOf(graph::Node loopMerge);
mlir::Value nextOf(graph::Node loopMerge);

} // namespace firn::kernel
