// Loops as scf.while: frames of v1 and functions of While alike.
#include "compiler/conversion/graph_to_kernel/Carried.h"
#include "compiler/conversion/graph_to_kernel/Flow.h"
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

struct Variable {
  StringRef name;
  /// What it begins with, what it is called in the condition and in the body, and what the next
  /// round gets.
  Value start, inCondition, inBody, next;
};

/// A loop in terms of the graph's values.
struct Loop {
  Node node;
  SmallVector<Variable> variables;
  Value condition;
  /// Values of the condition that the loop ends with, and what they are called behind it.
  Values results, outputs;
  /// Where the nodes of the two regions stand.
  std::function<void(Scope &)> markCondition, markBody;
  /// Known of the results.
  SmallVector<Condition> atEnd;
};

// Behind what hands a value on inside of a loop.
Value source(Value value) {
  for (Node node = Node::of(value); node && (node.is("Identity") || isFlow(node, "Switch"));
       node = Node::of(value))
    value = node.input(0);
  return value;
}

class LoopLowering {
public:
  LoopLowering(GraphLowering &lowering, const Loop &loop)
      : lowering(lowering), loop(loop), b(lowering.builderAt(loop.node)),
        n(loop.node, lowering, b) {}

  void run() {
    if (!makeStarts())
      return;
    GraphLowering::Inner condition(lowering);
    bool good = makeCondition(condition);
    condition.leave();
    GraphLowering::Inner body(lowering);
    good &= makeBody(body);
    body.leave();
    if (good)
      finish(condition.region, body.region);
  }

private:
  bool isInvariant(const Variable &variable) const {
    return source(variable.next) == variable.inBody;
  }

  bool makeStarts() {
    for (const Variable &variable : loop.variables) {
      Lowered *start = lowering.find(variable.start);
      if (!start)
        return false;
      if (isInvariant(variable)) {
        invariants.push_back({&variable, *start});
        continue;
      }
      std::optional<Carried> first = carriedOf(n, variable.start, variable.inCondition);
      if (!first)
        return false;
      carried.push_back({&variable, *first});
    }
    for (auto &[variable, start] : carried)
      types.push_back(start.type());
    return true;
  }

  // Gives the variables to a region.
  void enter(GraphLowering::Inner &inner, Value Variable::*called) {
    for (auto &[variable, start] : invariants)
      inner.scope.values[variable->*called] = start;
    for (auto &[variable, start] : carried) {
      Value argument = inner.scope.block->addArgument(start.type(), b.getLoc());
      inner.scope.values[variable->*called] = start.as(argument);
      n.bindSizes(variable->*called, start.sizes());
    }
    for (const Variable &variable : loop.variables)
      if (Operation *made = (variable.*called).getDefiningOp())
        inner.scope.done.insert(made);
  }

  bool makeCondition(GraphLowering::Inner &inner) {
    loop.markCondition(inner.scope);
    enter(inner, &Variable::inCondition);
    Values wanted(loop.results);
    wanted.push_back(loop.condition);
    bool good = lowering.require(wanted) && lowering.expectAlways(loop.node, loop.condition);
    ImplicitLocOpBuilder inside = lowering.builderAt(loop.node);
    NodeLowering m(loop.node, lowering, inside);
    Value flag = good ? truth(m, loop.condition) : Value();
    SmallVector<Value> yielded(inner.scope.block->getArguments());
    for (Value result : loop.results) {
      if (!flag || !lowering.expectAlways(loop.node, result, loop.atEnd))
        return false;
      if (!addResult(m, result, yielded))
        return false;
    }
    if (!flag)
      return false;
    inside.create<scf::ConditionOp>(flag, yielded);
    endTypes.assign(ValueRange(yielded).getTypes().begin(), ValueRange(yielded).getTypes().end());
    return true;
  }

  // A result is a variable as it is then, or made by the condition, or known before the loop.
  bool addResult(NodeLowering &m, Value result, SmallVectorImpl<Value> &yielded) {
    Lowered *lowered = lowering.find(result);
    bool isOutside = lowered->tensor && !lowering.isMadeHere(lowered->tensor.value);
    if (isOutside || (lowered->list && !lowered->list->elements)) {
      ends.push_back({*lowered, {}, 0});
      return true;
    }
    std::optional<Carried> last = carriedOf(m, result, result);
    if (!last)
      return false;
    if (!expectOutside(loop.node, last->sizes()))
      return false;
    auto *known = llvm::find(yielded, last->value());
    ends.push_back({{}, *last, static_cast<unsigned>(known - yielded.begin())});
    if (known == yielded.end())
      yielded.push_back(last->value());
    return true;
  }

  bool expectOutside(Node node, ArrayRef<Size> sizes) {
    for (Size size : sizes)
      if (auto value = llvm::dyn_cast<Value>(size); value && lowering.isMadeHere(value)) {
        lowering.unsupported(node, "a size of what the loop ends with depends on data");
        return false;
      }
    return true;
  }

  bool makeBody(GraphLowering::Inner &inner) {
    loop.markBody(inner.scope);
    enter(inner, &Variable::inBody);
    for (Type type : ArrayRef<Type>(endTypes).drop_front(std::min(types.size(), endTypes.size())))
      inner.scope.block->addArgument(type, b.getLoc());
    Values nexts;
    for (auto &[variable, start] : carried)
      nexts.push_back(variable->next);
    if (!lowering.require(nexts))
      return false;
    ImplicitLocOpBuilder inside = lowering.builderAt(loop.node);
    NodeLowering m(loop.node, lowering, inside);
    SmallVector<Value> yielded;
    for (auto &[variable, start] : carried) {
      if (!lowering.expectAlways(loop.node, variable->next))
        return false;
      std::optional<Carried> next = carriedOf(m, variable->next, variable->inCondition);
      if (!next)
        return false;
      if (!isSame(*variable, start, *next)) {
        lowering.unsupported(loop.node, "the shape of loop variable '" + variable->name +
                                            "' changes between iterations");
        return false;
      }
      yielded.push_back(castTo(inside, next->value(), start.type()));
    }
    inside.create<scf::YieldOp>(yielded);
    return true;
  }

  // Sizes are the same values, or the same by inference.
  bool isSame(const Variable &variable, const Carried &start, const Carried &next) {
    if (start.sizes().size() != next.sizes().size() || start.isList() != next.isList())
      return false;
    const ShapeInfo &first = lowering.shapeOf(variable.start),
                    &then = lowering.shapeOf(variable.next);
    for (auto [axis, size] : llvm::enumerate(start.sizes())) {
      if (size == next.sizes()[axis])
        continue;
      if (!first.hasRank(start.sizes().size()) || !then.hasRank(start.sizes().size()) ||
          first.dims[axis] != then.dims[axis])
        return false;
    }
    return true;
  }

  void finish(Region &condition, Region &body) {
    SmallVector<Value> starts;
    for (auto &[variable, start] : carried)
      starts.push_back(start.value());
    auto made = b.create<scf::WhileOp>(endTypes, starts);
    made.getBefore().takeBody(condition);
    made.getAfter().takeBody(body);
    for (auto [output, end] : llvm::zip(loop.outputs, ends)) {
      lowering.set(output, end.last ? end.last->as(made.getResult(end.index)) : end.outside);
      if (end.last && !end.last->isList())
        n.bindSizes(output, end.last->sizes());
    }
  }

  struct End {
    Lowered outside;
    std::optional<Carried> last;
    unsigned index;
  };

  GraphLowering &lowering;
  const Loop &loop;
  ImplicitLocOpBuilder b;
  NodeLowering n;
  std::vector<std::pair<const Variable *, Lowered>> invariants;
  std::vector<std::pair<const Variable *, Carried>> carried;
  SmallVector<Type> types, endTypes;
  std::vector<End> ends;
};

} // namespace

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
  LoopLowering(lowering, loop).run();
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
  LoopLowering(lowering, loop).run();
}

} // namespace firn::kernel
