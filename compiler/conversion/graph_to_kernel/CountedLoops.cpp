// Loops that count.
#include "compiler/conversion/graph_to_kernel/Loop.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

Value handedOn(Value value) {
  for (Node node = Node::of(value);
       node && (node.is("Identity") || node.is("LoopCond") || isFlow(node, "Switch"));
       node = Node::of(value))
    value = node.input(0);
  return value;
}

bool isInvariant(const Loop::Variable &variable) {
  return handedOn(variable.next) == variable.inBody;
}

namespace {

class CountingFinder {
public:
  CountingFinder(const GraphLowering &lowering, const Loop &loop)
      : lowering(lowering), loop(loop) {}

  std::optional<Counting> run() {
    for (const Loop::Variable &variable : loop.variables)
      if (std::optional<int64_t> step = stepOf(variable))
        counting.counters.push_back({&variable, *step});
    bool counts = addLimits(loop.condition) && llvm::all_of(loop.results, [&](Value result) {
                    return variableOf(result) != nullptr;
                  });
    return counts ? std::optional(counting) : std::nullopt;
  }

private:
  // A constant, also one that is handed into the loop.
  std::optional<int64_t> constantOf(Value value) const {
    const ShapeInfo &info = lowering.shapeOf(value);
    return info.hasElements && info.elements.size() == 1 ? info.elements[0].constant()
                                                         : std::nullopt;
  }

  std::optional<int64_t> stepOf(const Loop::Variable &variable) const {
    Node add = Node::of(handedOn(variable.next));
    if (!add || !add.isOneOf("Add", "AddV2") ||
        !isa_and_nonnull<IntegerType>(elementTypeOf(variable.inBody)))
      return std::nullopt;
    if (handedOn(add.input(0)) == variable.inBody)
      return constantOf(add.input(1));
    return handedOn(add.input(1)) == variable.inBody ? constantOf(add.input(0)) : std::nullopt;
  }

  const Loop::Variable *variableOf(Value inCondition) const {
    for (const Loop::Variable &variable : loop.variables)
      if (variable.inCondition == handedOn(inCondition))
        return &variable;
    return nullptr;
  }

  bool addLimits(Value condition) {
    Node node = Node::of(handedOn(condition));
    if (!node)
      return false;
    if (node.is("LogicalAnd"))
      return addLimits(node.input(0)) && addLimits(node.input(1));
    bool isBelow = node.isOneOf("Less", "LessEqual"),
         isAbove = node.isOneOf("Greater", "GreaterEqual");
    if (!isBelow && !isAbove)
      return false;
    const Loop::Variable *variable = variableOf(node.input(isAbove));
    Value limit = node.input(isBelow);
    bool isCounter = llvm::any_of(counting.counters, [&](const Counter &counter) {
      return counter.variable == variable && counter.step == 1;
    });
    if (!isCounter || !isSameEachRound(limit))
      return false;
    counting.limits.push_back({variable, limit, node.isOneOf("LessEqual", "GreaterEqual")});
    return true;
  }

  bool isSameEachRound(Value limit) const {
    Values worklist{limit};
    DenseSet<Value> seen;
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (!seen.insert(value).second)
        continue;
      if (const Loop::Variable *variable = variableOf(value)) {
        if (!isInvariant(*variable))
          return false;
        continue;
      }
      Node node = Node::of(value);
      if (!node || isFlow(node, "Enter"))
        continue;
      if (isFlow(node, "Exit") || isFlow(node, "Merge"))
        return false;
      llvm::append_range(worklist, node.inputs());
    }
    return true;
  }

  const GraphLowering &lowering;
  const Loop &loop;
  Counting counting;
};

} // namespace

std::optional<Counting> countingOf(const GraphLowering &lowering, const Loop &loop) {
  return CountingFinder(lowering, loop).run();
}

} // namespace firn::kernel
