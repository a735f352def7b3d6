#include "compiler/conversion/graph_to_kernel/ControlFlow.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

bool isFlow(Node node, StringRef type) {
  StringRef op = node.type();
  return op == type || (op.consume_front("Ref") && op == type);
}

static bool isNext(Value value) {
  Node source = Node::of(value);
  return source && isFlow(source, "NextIteration");
}

bool isLoopMerge(Node node) {
  return isFlow(node, "Merge") && node.numInputs() == 2 && llvm::any_of(node.inputs(), isNext);
}

Value startOf(Node merge) { return merge.input(isNext(merge.input(0))); }

Value nextOf(Node merge) { return Node::of(merge.input(!isNext(merge.input(0)))).input(0); }

void visitInOrder(ValueRange roots, llvm::function_ref<Values(Node)> needs,
                  llvm::function_ref<bool(Node)> enter, llvm::function_ref<void(Node)> visit) {
  struct Entry {
    Node node;
    Values needs;
  };
  SmallVector<Entry> stack;
  DenseSet<Operation *> seen;
  auto push = [&](Value value) {
    Node node = Node::of(value);
    if (!node || !enter(node) || !seen.insert(node.operation()).second)
      return;
    stack.push_back({node, needs(node)});
    std::reverse(stack.back().needs.begin(), stack.back().needs.end());
  };
  for (Value root : roots) {
    push(root);
    while (!stack.empty()) {
      Entry &top = stack.back();
      if (!top.needs.empty()) {
        push(top.needs.pop_back_val());
        continue;
      }
      Node node = top.node;
      stack.pop_back();
      visit(node);
    }
  }
}

ControlFlow::ControlFlow(Block &block, ValueRange wanted) : conditions(block) {
  if (!hasGates(block))
    return;
  collectNeeded(wanted);
  makeLoops();
  makeConds();
}

void ControlFlow::collectNeeded(ValueRange wanted) {
  auto inputs = [](Node node) { return Values(node.inputs()); };
  visitInOrder(
      wanted, inputs, [](Node) { return true; }, [&](Node node) { needed.push_back(node); });
}

void ControlFlow::makeLoops() {
  const Frames &frames = conditions.frames();
  for (Node node : needed) {
    if (isFlow(node, "Enter"))
      loops[frames.behind(node)].entries.push_back(node.output(0));
    FrameLoop &loop = loops[frames.of(node.operation()).str()];
    loop.frame = frames.of(node.operation()).str();
    if (isFlow(node, "Exit"))
      loop.exits.push_back(node);
    else if (isLoopMerge(node))
      loop.merges.push_back(node);
    else if (node.is("LoopCond"))
      loop.predicate = node.output(0);
  }
}

// The selector that sends each input from another branch.
ControlFlow::Decision ControlFlow::decisionOf(Node merge) const {
  unsigned count = merge.numInputs();
  const Conditions &common = conditions.of(merge.operation());
  for (auto [selector, side] : conditions.of(merge.input(0))) {
    if (common.count({selector, side}))
      continue;
    Decision decision{Value::getFromOpaquePointer(selector), {}, {}};
    decision.inputs.assign(count, count);
    for (auto [index, input] : llvm::enumerate(merge.inputs())) {
      Conditions all = conditions.of(input);
      for (unsigned branch = 0; branch < count; ++branch)
        if (all.count({selector, branch}) && decision.inputs[branch] == count)
          decision.inputs[branch] = index;
    }
    SmallVector<unsigned> sorted = decision.inputs;
    llvm::sort(sorted);
    if (llvm::equal(sorted, llvm::seq(0u, count)))
      return decision;
  }
  return {};
}

// Walks the branches up to what stands outside of them.
Values ControlFlow::entriesOf(Node merge, Value selector) const {
  const void *key = selector.getAsOpaquePointer();
  auto isOnBranch = [&](const Conditions &all) {
    auto it = all.lower_bound({key, 0});
    return it != all.end() && it->first == key;
  };
  Values entries{selector}, worklist(merge.inputs());
  DenseSet<Value> seen(worklist.begin(), worklist.end());
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!value.getDefiningOp() || !isOnBranch(conditions.of(value))) {
      entries.push_back(value);
      continue;
    }
    Node node = Node::of(value);
    bool isSwitch = isFlow(node, "Switch") || node.is("_SwitchN");
    for (Value input : node.inputs().take_front(isSwitch ? 1 : node.numInputs()))
      if (seen.insert(input).second)
        worklist.push_back(input);
  }
  return entries;
}

unsigned ControlFlow::depthOf(Node root) {
  visitInOrder(
      root.output(0), [&](Node node) { return ownNeeds(node); },
      [&](Node node) { return !depths.count(node.operation()); },
      [&](Node node) {
        unsigned depth = decisions.count(node.operation());
        for (Value value : ownNeeds(node))
          if (Operation *source = value.getDefiningOp())
            depth = std::max(depth,
                             depths.lookup(source) + unsigned(decisions.count(node.operation())));
        depths[node.operation()] = depth;
      });
  return depths.lookup(root.operation());
}

void ControlFlow::makeConds() {
  for (Node node : needed)
    if (isFlow(node, "Merge") && !isLoopMerge(node))
      if (Decision decision = decisionOf(node); decision.selector) {
        decision.entries = entriesOf(node, decision.selector);
        decisions[node.operation()] = std::move(decision);
      }
  using Key = std::tuple<const void *, unsigned, unsigned, std::string, Conditions>;
  std::map<Key, unsigned> indices;
  for (Node node : needed) {
    auto it = decisions.find(node.operation());
    if (it == decisions.end())
      continue;
    Key key{it->second.selector.getAsOpaquePointer(), node.numInputs(), depthOf(node),
            conditions.frames().of(node.operation()).str(), conditions.of(node.operation())};
    auto [known, isNew] = indices.try_emplace(std::move(key), conds.size());
    if (isNew)
      conds.push_back({it->second.selector, node.numInputs(), {}, {}});
    FrameCond &cond = conds[known->second];
    cond.merges.push_back(node);
    llvm::append_range(cond.entries, it->second.entries);
    condIndex[node.operation()] = known->second;
  }
}

const FrameLoop &ControlFlow::loopOf(Node exit) const {
  return loops.at(conditions.frames().of(exit.operation()).str());
}

const FrameCond &ControlFlow::condOf(Node merge) const {
  static const FrameCond none;
  auto it = condIndex.find(merge.operation());
  return it == condIndex.end() ? none : conds[it->second];
}

SmallVector<unsigned> ControlFlow::inputsByBranch(Node merge) const {
  auto it = decisions.find(merge.operation());
  return it == decisions.end() ? SmallVector<unsigned>() : it->second.inputs;
}

std::optional<unsigned> ControlFlow::onlyInput(Node merge) const {
  std::optional<unsigned> only;
  for (auto [index, input] : llvm::enumerate(merge.inputs())) {
    const Conditions all = conditions.of(input);
    auto isSameSelector = [](const Condition &a, const Condition &b) { return a.first == b.first; };
    if (std::adjacent_find(all.begin(), all.end(), isSameSelector) != all.end())
      continue;
    if (only)
      return std::nullopt;
    only = index;
  }
  return only;
}

Values ControlFlow::ownNeeds(Node node) const {
  if (isFlow(node, "Exit"))
    return loopOf(node).entries;
  if (isFlow(node, "Switch") || node.is("_SwitchN"))
    return {node.input(0)};
  if (!isFlow(node, "Merge"))
    return Values(node.inputs());
  if (isLoopMerge(node))
    return {startOf(node)};
  if (auto it = decisions.find(node.operation()); it != decisions.end())
    return it->second.entries;
  std::optional<unsigned> only = onlyInput(node);
  return only ? Values{node.input(*only)} : Values();
}

Values ControlFlow::needs(Node node) const {
  const FrameCond &cond = condOf(node);
  return cond.selector ? cond.entries : ownNeeds(node);
}

} // namespace firn::kernel
