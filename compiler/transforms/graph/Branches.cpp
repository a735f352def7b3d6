#include "compiler/transforms/graph/Branches.h"

#include <set>

#include "compiler/transforms/graph/Frames.h"

using namespace mlir;

namespace firn::graph {
namespace {

/// What has to be so for a node to run: each a Switch's predicate and the side.
using Conditions = std::set<std::pair<const void *, unsigned>>;

class Branches {
public:
  explicit Branches(Block &block) : block(block), frames(block) {}

  NodeSet run() {
    // Loops are walked around: what is inside runs under conditions anyway.
    for (bool changed = true; changed;) {
      changed = false;
      for (Operation &op : block.without_terminator())
        changed |= update(&op);
    }
    NodeSet found;
    for (Operation &op : block.without_terminator()) {
      Node node(&op);
      bool isGate = node.isOneOf("Switch", "RefSwitch", "_SwitchN", "Enter", "RefEnter");
      if (isGate || !frames.of(&op).empty() || !conditions[&op].empty())
        found.insert(&op);
    }
    return found;
  }

private:
  Conditions conditionsOf(Value value) {
    Operation *source = value.getDefiningOp();
    if (!source)
      return {};
    Conditions all = conditions[source];
    Node node(source);
    if (node.isOneOf("Switch", "RefSwitch") && !isControl(value))
      all.insert({node.input(1).getAsOpaquePointer(), cast<OpResult>(value).getResultNumber()});
    if (node.is("_SwitchN") && !isControl(value))
      all.insert({node.output(0).getAsOpaquePointer(), cast<OpResult>(value).getResultNumber()});
    return all;
  }

  // Of a Merge what all of its inputs have in common; of another node what any of them has.
  bool update(Operation *op) {
    Node node(op);
    Conditions all;
    if (node.isOneOf("Merge", "RefMerge")) {
      all = mergeConditions(node);
    } else {
      for (Value operand : op->getOperands()) {
        Conditions more = conditionsOf(operand);
        all.insert(more.begin(), more.end());
      }
    }
    // What decided inside of a loop is over with it.
    if (node.isOneOf("Exit", "RefExit"))
      dropInner(all);
    if (all == conditions[op])
      return false;
    conditions[op] = std::move(all);
    return true;
  }

  void dropInner(Conditions &all) {
    for (auto it = all.begin(); it != all.end();) {
      Operation *decides = Value::getFromOpaquePointer(it->first).getDefiningOp();
      it = decides && !frames.of(decides).empty() ? all.erase(it) : std::next(it);
    }
  }

  Conditions mergeConditions(Node merge) {
    Conditions common;
    bool isFirst = true;
    for (Value input : merge.inputs()) {
      if (Node source = Node::of(input);
          source && source.isOneOf("NextIteration", "RefNextIteration"))
        continue;
      Conditions more = conditionsOf(input), both;
      std::set_intersection(common.begin(), common.end(), more.begin(), more.end(),
                            std::inserter(both, both.begin()));
      common = isFirst ? more : both;
      isFirst = false;
    }
    for (Value control : merge.controls()) {
      Conditions more = conditionsOf(control);
      common.insert(more.begin(), more.end());
    }
    return common;
  }

  Block &block;
  Frames frames;
  llvm::DenseMap<Operation *, Conditions> conditions;
};

} // namespace

NodeSet conditionalNodes(Block &block) {
  bool hasGates = llvm::any_of(block.without_terminator(), [](Operation &op) {
    return Node(&op).isOneOf("Switch", "RefSwitch", "_SwitchN", "Enter", "RefEnter");
  });
  return hasGates ? Branches(block).run() : NodeSet();
}

} // namespace firn::graph
