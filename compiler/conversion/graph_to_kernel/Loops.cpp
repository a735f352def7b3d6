// Loops as the graph writes them: frames of v1, and functions of While.
#include <set>

#include "compiler/conversion/graph_to_kernel/Flow.h"
#include "compiler/conversion/graph_to_kernel/Loop.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

void lowerFrameLoop(GraphLowering &lowering, Node exit) {
  Block *block = exit.operation()->getBlock();
  const FrameLoop &found = lowering.flowOf(block).loopOf(exit);
  for (Node each : found.exits)
    lowering.scope().done.insert(each.operation());
  if (!found.predicate)
    return lowering.unsupported(exit, "the loop has no LoopCond");
  Loop loop;
  loop.node = exit;
  for (Node merge : found.merges)
    loop.variables.push_back(
        {merge.name(), startOf(merge), merge.output(0), merge.output(0), nextOf(merge)});
  loop.condition = found.predicate;
  for (Node each : found.exits) {
    loop.results.push_back(each.input(0));
    loop.outputs.push_back(each.output(0));
  }
  loop.atEnd = {{found.predicate.getAsOpaquePointer(), 0}};
  loop.markCondition = [&](Scope &scope) {
    scope.frameBlock = block;
    scope.frame = found.frame;
  };
  loop.markBody = [&](Scope &scope) {
    loop.markCondition(scope);
    scope.holds = {{found.predicate.getAsOpaquePointer(), 1}};
  };
  lowerLoop(lowering, loop);
}

namespace {

// Arguments that `wanted` of a function needs.
SmallVector<unsigned> argumentsBehind(FuncOp function, Value wanted) {
  Values worklist{wanted};
  DenseSet<Value> seen{wanted};
  SmallVector<unsigned> found;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      found.push_back(argument.getArgNumber());
      continue;
    }
    for (Value input : Node::of(value).inputs())
      if (seen.insert(input).second)
        worklist.push_back(input);
  }
  return found;
}

// Variables that the condition and the used results need, and what the body makes them of.
SmallVector<unsigned> neededVariables(Node node, FuncOp condition, FuncOp body) {
  SmallVector<unsigned> worklist = argumentsBehind(condition, condition.getFetch().getTensors()[0]);
  for (unsigned i = 0; i < node.numOutputs(); ++i)
    if (!node.output(i).use_empty())
      worklist.push_back(i);
  std::set<unsigned> needed;
  while (!worklist.empty()) {
    unsigned index = worklist.pop_back_val();
    if (needed.insert(index).second)
      llvm::append_range(worklist, argumentsBehind(body, body.getFetch().getTensors()[index]));
  }
  return {needed.begin(), needed.end()};
}

} // namespace

void lowerWhile(GraphLowering &lowering, Node node) {
  FuncOp condition = lowering.enterFunction(node, node.attr("cond"), {0});
  FuncOp body = condition ? lowering.enterFunction(node, node.attr("body"), {}) : FuncOp();
  if (!body)
    return;
  if (body.getFetch().getTensors().size() != node.numInputs())
    return lowering.unsupported(node, "the body has another number of results");
  SmallVector<unsigned> needed = neededVariables(node, condition, body);
  if (!lowering.enterFunction(node, node.attr("body"), needed))
    return;
  Loop loop;
  loop.node = node;
  for (unsigned index : needed) {
    Value inCondition = condition.getNodes().getArgument(index);
    loop.variables.push_back({body.getArgName(index), node.input(index), inCondition,
                              body.getNodes().getArgument(index),
                              body.getFetch().getTensors()[index]});
    if (node.output(index).use_empty())
      continue;
    loop.results.push_back(inCondition);
    loop.outputs.push_back(node.output(index));
  }
  loop.condition = condition.getFetch().getTensors()[0];
  loop.markCondition = [&](Scope &scope) { scope.function = &condition.getNodes(); };
  loop.markBody = [&](Scope &scope) { scope.function = &body.getNodes(); };
  lowerLoop(lowering, loop);
}

} // namespace firn::kernel
