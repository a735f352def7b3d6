#include "compiler/transforms/graph/Branches.h"

using namespace mlir;

namespace firn::graph {

namespace {

bool isGate(Node node) {
  return node.isOneOf("Switch", "RefSwitch", "_SwitchN", "Enter", "RefEnter");
}

// tf.cond decides by an Identity of what its pivots are switched by.
Value deciding(Value predicate) {
  while (Node::of(predicate) && Node::of(predicate).is("Identity"))
    predicate = Node::of(predicate).input(0);
  return predicate;
}

} // namespace

bool hasGates(Block &block) {
  return llvm::any_of(block.without_terminator(), [](Operation &op) { return isGate(Node(&op)); });
}

// Loops are walked around: what is inside runs under conditions anyway.
Branches::Branches(Block &block) : inFrames(block) {
  for (bool changed = hasGates(block); changed;) {
    changed = false;
    for (Operation &op : block.without_terminator())
      changed |= update(&op);
  }
}

const Conditions &Branches::of(Operation *op) const {
  static const Conditions none;
  auto it = conditions.find(op);
  return it == conditions.end() ? none : it->second;
}

Conditions Branches::of(Value value) const {
  Operation *source = value.getDefiningOp();
  if (!source)
    return {};
  Conditions all = of(source);
  if (Node(source).isOneOf("Switch", "RefSwitch", "_SwitchN") && !isControl(value))
    all.insert({deciding(Node(source).input(1)).getAsOpaquePointer(),
                cast<OpResult>(value).getResultNumber()});
  return all;
}

// Of a Merge what all of its inputs have in common; of another node what any of them has.
bool Branches::update(Operation *op) {
  Node node(op);
  Conditions all;
  if (node.isOneOf("Merge", "RefMerge")) {
    all = mergeConditions(node);
  } else {
    for (Value operand : op->getOperands()) {
      Conditions more = of(operand);
      all.insert(more.begin(), more.end());
    }
  }
  if (node.isOneOf("Exit", "RefExit"))
    dropInner(op, all);
  if (all == of(op))
    return false;
  conditions[op] = std::move(all);
  return true;
}

void Branches::dropInner(Operation *exit, Conditions &all) const {
  StringRef frame = inFrames.of(exit);
  for (auto it = all.begin(); it != all.end();) {
    Operation *decides = Value::getFromOpaquePointer(it->first).getDefiningOp();
    bool isInside = decides && StringRef(inFrames.behind(Node(decides))).starts_with(frame);
    it = isInside ? all.erase(it) : std::next(it);
  }
}

Conditions Branches::mergeConditions(Node merge) const {
  Conditions common;
  bool isFirst = true;
  for (Value input : merge.inputs()) {
    if (Node source = Node::of(input);
        source && source.isOneOf("NextIteration", "RefNextIteration"))
      continue;
    Conditions more = of(input), both;
    std::set_intersection(common.begin(), common.end(), more.begin(), more.end(),
                          std::inserter(both, both.begin()));
    common = isFirst ? more : both;
    isFirst = false;
  }
  for (Value control : merge.controls()) {
    Conditions more = of(control);
    common.insert(more.begin(), more.end());
  }
  return common;
}

NodeSet conditionalNodes(Block &block) {
  NodeSet found;
  if (!hasGates(block))
    return found;
  Branches branches(block);
  for (Operation &op : block.without_terminator())
    if (isGate(Node(&op)) || !branches.frames().of(&op).empty() || !branches.of(&op).empty())
      found.insert(&op);
  return found;
}

} // namespace firn::graph
