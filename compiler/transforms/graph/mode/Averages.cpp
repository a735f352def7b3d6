#include "compiler/transforms/graph/mode/Averages.h"

#include <cmath>

#include "compiler/transforms/graph/Effects.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;

namespace firn::graph {
namespace {

// Ops on the way from a statistic to the write that averages it.
bool isOnTheWay(Node node) {
  return isForward(node) ||
         node.isOneOf("Cast", "Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "Neg") ||
         node.isOneOf("Switch", "Merge", "Square", "Select", "SelectV2", "IdentityN");
}

bool isWrite(Node node) {
  return node.isOneOf("Assign", "AssignAdd", "AssignSub", "AssignVariableOp", "AssignAddVariableOp",
                      "AssignSubVariableOp") &&
         node.numInputs() == 2;
}

// The variable behind a ref or a handle.
Value variableOf(Value value) {
  for (int depth = 0; depth < 64; ++depth) {
    Node node = Node::of(value);
    if (!node || isVariable(node))
      return node ? value : Value();
    if (!passesOn(node) && !isWrite(node))
      return {};
    value = node.input(0);
  }
  return {};
}

// The variable that a value is read from; null when it is no read.
Value readVariable(Value value) {
  Node node = Node::of(value);
  if (node && node.isOneOf("ReadVariableOp", "Identity", "Switch", "Enter"))
    return variableOf(node.input(0));
  return node && isVariable(node) && !isResource(elementTypeOf(value)) ? value : Value();
}

/// What a write leaves in its variable, when the variable and the statistic have given values.
class NewValue {
public:
  NewValue(Node write, Value statistic) : write(write), statistic(statistic) {
    variable = variableOf(write.input(0));
  }

  enum Kind { Other, Average, Copy };

  /// Whether the write averages the statistic into the variable, or puts it there as it is.
  Kind kind() {
    constexpr double kA = 1.75, kB = -0.5;
    std::optional<double> same = of(kA, kA), moved = of(kA, kB);
    if (!same || !moved || !near(*same, kA) || near(*moved, kA))
      return Other;
    return near(*moved, kB) ? Copy : Average;
  }

private:
  // Decays are floats that need not add up to 1.
  static bool near(double a, double b) { return std::fabs(a - b) <= 1e-5; }

  std::optional<double> of(double held, double observed) {
    ScalarValues::Assignment assignment;
    assignment[statistic] = observed;
    ScalarValues scalars(std::move(assignment));
    scalars.setFallback([&](Value value) { return guess(value, held, scalars); });
    Scalar operand = scalars.of(write.input(1));
    if (!operand.isKnown())
      return std::nullopt;
    if (write.isOneOf("AssignAdd", "AssignAddVariableOp"))
      return held + operand.number;
    if (write.isOneOf("AssignSub", "AssignSubVariableOp"))
      return held - operand.number;
    return operand.number;
  }

  // A read of the variable is its value; a decay that is not known may be any number.
  Scalar guess(Value value, double held, ScalarValues &) {
    if (readVariable(value) == variable || value == variable)
      return Scalar::known(held);
    Node node = Node::of(value);
    bool open = !node || isForward(node) || isOnTheWay(node);
    return open ? Scalar() : Scalar::known(0.375);
  }

  Node write;
  Value statistic, variable;
};

/// Walks forward from a statistic to the writes that take it in.
class AverageFinder {
public:
  SmallVector<Average> run(Value source) {
    SmallVector<Value> worklist{source};
    cameFrom[source] = Value();
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      for (OpOperand &use : value.getUses())
        if (Node::isNode(use.getOwner()))
          visit(value, Node(use.getOwner()), use.getOperandNumber(), worklist);
    }
    return settle();
  }

private:
  void visit(Value value, Node user, unsigned operand, SmallVectorImpl<Value> &worklist) {
    if (isControl(value))
      return;
    if (isWrite(user) && operand == 1) {
      writes.push_back({user, value});
      // A biased average goes on into the debiased one.
      if (user.numOutputs() == 1)
        advance(value, user.output(0), worklist);
      for (Operation *after : user.control().getUsers())
        if (Node::isNode(after) && Node(after).is("ReadVariableOp") &&
            variableOf(Node(after).input(0)) == variableOf(user.input(0)))
          followRead(value, user, Node(after), worklist);
    } else if (isOnTheWay(user)) {
      for (Value output : user.outputs())
        advance(value, output, worklist);
    }
  }

  // What is read after a write of a resource variable is what the write left.
  void followRead(Value value, Node write, Node read, SmallVectorImpl<Value> &worklist) {
    readAfter[read.output(0)] = write;
    advance(value, read.output(0), worklist);
  }

  void advance(Value from, Value to, SmallVectorImpl<Value> &worklist) {
    if (cameFrom.try_emplace(to, from).second)
      worklist.push_back(to);
  }

  SmallVector<Average> settle() {
    SmallVector<Average> averages;
    for (auto [write, value] : writes)
      if (Value variable = variableOf(write.input(0)))
        if (Value statistic = statisticOf(write, value))
          averages.push_back({variable, statistic, write});
    return preferDebiased(std::move(averages));
  }

  // On the way from the source to the write what is averaged; the source where the write keeps it
  // as it is, averaged by its op.
  Value statisticOf(Node write, Value value) {
    for (Value step = value; step && !writeBehind(step); step = cameFrom.lookup(step)) {
      NewValue::Kind kind = NewValue(write, step).kind();
      bool isSource = !cameFrom.lookup(step);
      if (kind == NewValue::Average || (kind == NewValue::Copy && isSource))
        return isSourceScaled(step) ? step : Value();
    }
    return {};
  }

  // `step` is the source in another shape or dtype, times or plus what does not come from the data:
  // a correction, or the shift of old moments. A mean's square is another statistic.
  bool isSourceScaled(Value step) {
    for (Value from = cameFrom.lookup(step); from; step = from, from = cameFrom.lookup(step)) {
      Node node = Node::of(step);
      if (node.is("Square"))
        return false;
      if (!node.isOneOf("Add", "AddV2", "Sub", "Mul", "RealDiv", "Div"))
        continue;
      Value other = node.input(0) == from ? node.input(1) : node.input(0);
      while (Node::of(other) && isForward(Node::of(other)) && !readVariable(other))
        other = Node::of(other).input(0);
      Node constant = Node::of(other);
      if (other == from || (!readVariable(other) && !(constant && constant.is("Const"))))
        return false;
    }
    return true;
  }

  // A write whose way leads through another write's output stands for both.
  SmallVector<Average> preferDebiased(SmallVector<Average> averages) {
    for (auto [write, value] : writes)
      for (Value step = value; step; step = cameFrom.lookup(step)) {
        Node source = writeBehind(step);
        if (!source || source == write)
          continue;
        for (Average &average : averages)
          if (average.write == source)
            if (Value variable = variableOf(write.input(0))) {
              average.variable = variable;
              average.write = write;
            }
      }
    return averages;
  }

  // The write whose result a value is; null for other values.
  Node writeBehind(Value value) const {
    Node source = Node::of(value);
    return source && isWrite(source) ? source : readAfter.lookup(value);
  }

  llvm::DenseMap<Value, Value> cameFrom;
  llvm::DenseMap<Value, Node> readAfter;
  SmallVector<std::pair<Node, Value>> writes;
};

} // namespace

SmallVector<Average> averagesOf(Value source) { return AverageFinder().run(source); }

} // namespace firn::graph
