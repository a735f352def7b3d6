#include "compiler/transforms/graph/mode/ScalarValues.h"

#include <cmath>

#include "compiler/reference/Interpreter.h"
#include "dialects/graph/Signature.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace firn::graph {

std::optional<double> splatNumber(TensorAttr tensor) {
  constexpr int64_t kMaxElements = 4096;
  if (!tensor || tensor.isReference() || tensor.getNumElements() == 0 ||
      tensor.getNumElements() > kMaxElements)
    return std::nullopt;
  std::string why;
  std::optional<reference::Tensor> value = reference::tensorOf(tensor, nullptr, why);
  std::optional<double> number;
  if (!value)
    return number;
  using Types = reference::Concat<reference::Reals, reference::Bools>::Type;
  reference::dispatch(Types{}, value->dtype(), [&](auto zero) {
    auto elements = value->values<decltype(zero)>();
    if (llvm::all_equal(elements))
      number = static_cast<double>(elements.front());
  });
  return number;
}

bool isForward(Node node) {
  return node.isOneOf("Identity", "Enter", "Exit", "StopGradient", "PreventGradient", "Snapshot",
                      "RefIdentity", "RefEnter") ||
         node.isOneOf("CheckNumerics", "Squeeze", "Reshape", "ExpandDims", "EnsureShape", "Print",
                      "LoopCond", "DeepCopy");
}

bool isLoopMerge(Node node) {
  return node.isOneOf("Merge", "RefMerge") && llvm::any_of(node.inputs(), [](Value input) {
           Node source = Node::of(input);
           return source && source.isOneOf("NextIteration", "RefNextIteration");
         });
}

Scalar ScalarValues::of(Value value) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  if (auto it = assignment.find(value); it != assignment.end())
    return Scalar::known(it->second);
  auto result = dyn_cast<OpResult>(value);
  // An edge back in a loop tells nothing.
  if (!result || !Node::isNode(result.getOwner()) || !open.insert(value).second)
    return fallback ? fallback(value) : Scalar();
  Scalar scalar = evaluate(Node(result.getOwner()), result.getResultNumber());
  if (scalar.kind == Scalar::Unknown && fallback)
    scalar = fallback(value);
  open.erase(value);
  known[value] = scalar;
  return scalar;
}

std::optional<bool> ScalarValues::truthOf(Value value) {
  Scalar scalar = of(value);
  return scalar.isKnown() ? std::optional<bool>(scalar.number != 0) : std::nullopt;
}

// Inputs before users, on a stack of its own: graphs are deeper than the machine's.
bool ScalarValues::isDead(Operation *op) {
  SmallVector<Operation *> stack{op};
  while (!stack.empty()) {
    Operation *top = stack.back();
    if (deadOps.count(top) || !Node::isNode(top)) {
      stack.pop_back();
      continue;
    }
    if (openOps.insert(top).second) {
      for (Value input : top->getOperands())
        if (Operation *source = input.getDefiningOp(); source && !openOps.count(source))
          stack.push_back(source);
      continue;
    }
    deadOps[top] = computeDead(top);
    stack.pop_back();
  }
  return deadOps.lookup(op);
}

bool ScalarValues::computeDead(Operation *op) {
  Node node(op);
  auto isDeadValue = [&](Value value) {
    Node source = Node::of(value);
    if (!source || deadOps.lookup(source.operation()) || isControl(value) ||
        !source.isOneOf("Switch", "RefSwitch"))
      return source && deadOps.lookup(source.operation());
    std::optional<bool> taken = truthOf(source.input(1));
    return taken && *taken != (cast<OpResult>(value).getResultNumber() == 1);
  };
  if (llvm::any_of(node.controls(), isDeadValue))
    return true;
  if (!node.isOneOf("Merge", "RefMerge"))
    return llvm::any_of(node.inputs(), isDeadValue);
  if (!isLoopMerge(node))
    return llvm::all_of(node.inputs(), isDeadValue);
  // A loop that is not entered has no iterations. What comes back from one decides nothing.
  return llvm::any_of(node.inputs(), [&](Value input) {
    Node source = Node::of(input);
    return source && !source.isOneOf("NextIteration", "RefNextIteration") && isDeadValue(input);
  });
}

Scalar ScalarValues::evaluate(Node node, unsigned output) {
  if (isDead(node.operation()))
    return Scalar::dead();
  if (TensorAttr value = node.constantValue()) {
    std::optional<double> number = splatNumber(value);
    return number ? Scalar::known(*number) : Scalar();
  }
  if (node.isOneOf("Switch", "RefSwitch"))
    return evaluateSwitch(node, output);
  if (node.isOneOf("Merge", "RefMerge"))
    return evaluateMerge(node, output);
  if (node.isOneOf("If", "StatelessIf"))
    return evaluateIf(node, output);
  if (isForward(node) && node.numInputs() > 0)
    return of(node.input(0));
  return output == 0 ? arithmetic(node) : Scalar();
}

Scalar ScalarValues::evaluateSwitch(Node node, unsigned output) {
  std::optional<bool> taken = truthOf(node.input(1));
  if (taken && *taken != (output == 1))
    return Scalar::dead();
  return of(node.input(0));
}

Scalar ScalarValues::evaluateMerge(Node node, unsigned output) {
  if (output != 0 || isLoopMerge(node))
    return {};
  std::optional<Scalar> only;
  for (Value input : node.inputs()) {
    Scalar scalar = of(input);
    if (scalar.isDead())
      continue;
    if (!scalar.isKnown() || (only && only->number != scalar.number))
      return {};
    only = scalar;
  }
  return only.value_or(Scalar::dead());
}

Scalar ScalarValues::evaluateIf(Node node, unsigned output) {
  std::optional<bool> taken = node.numInputs() ? truthOf(node.input(0)) : std::nullopt;
  auto name = node.attr<FuncAttr>(taken && *taken ? "then_branch" : "else_branch");
  auto module = node.operation()->getParentOfType<ModuleOp>();
  FuncOp branch = taken && name ? findFunction(module, name.getName()) : FuncOp();
  if (!branch || output >= branch.getFetch().getTensors().size())
    return {};
  Assignment arguments;
  for (unsigned i = 0; i < branch.getNumDataArgs() && i + 1 < node.numInputs(); ++i)
    if (Scalar scalar = of(node.input(i + 1)); scalar.isKnown())
      arguments[branch.getNodes().getArgument(i)] = scalar.number;
  return ScalarValues(std::move(arguments)).of(branch.getFetch().getTensors()[output]);
}

namespace {

using Function = double (*)(double, double);

// Elementwise ops that expressions of modes and averages are made of.
Function functionOf(StringRef op) {
  return llvm::StringSwitch<Function>(op)
      .Cases("Add", "AddV2", [](double a, double b) { return a + b; })
      .Case("Sub", [](double a, double b) { return a - b; })
      .Case("Mul", [](double a, double b) { return a * b; })
      .Cases("RealDiv", "Div", [](double a, double b) { return a / b; })
      .Case("Pow", [](double a, double b) { return std::pow(a, b); })
      .Case("Maximum", [](double a, double b) { return std::fmax(a, b); })
      .Case("Minimum", [](double a, double b) { return std::fmin(a, b); })
      .Case("Equal", [](double a, double b) -> double { return a == b; })
      .Case("NotEqual", [](double a, double b) -> double { return a != b; })
      .Case("Less", [](double a, double b) -> double { return a < b; })
      .Case("LessEqual", [](double a, double b) -> double { return a <= b; })
      .Case("Greater", [](double a, double b) -> double { return a > b; })
      .Case("GreaterEqual", [](double a, double b) -> double { return a >= b; })
      .Case("LogicalAnd", [](double a, double b) -> double { return a != 0 && b != 0; })
      .Case("LogicalOr", [](double a, double b) -> double { return a != 0 || b != 0; })
      .Case("LogicalNot", [](double a, double) -> double { return a == 0; })
      .Cases("Inv", "Reciprocal", [](double a, double) { return 1 / a; })
      .Case("Neg", [](double a, double) { return -a; })
      .Case("Floor", [](double a, double) { return std::floor(a); })
      .Case("Square", [](double a, double) { return a * a; })
      .Default(nullptr);
}

// The first element where the dtype is narrower than double.
double roundTo(Type type, double number) {
  if (type && type.isF32())
    return static_cast<float>(number);
  if (type && type.isInteger(1))
    return number != 0;
  return type && isa<IntegerType>(type) ? std::trunc(number) : number;
}

} // namespace

Scalar ScalarValues::arithmetic(Node node) {
  if (node.isOneOf("Select", "SelectV2") && node.numInputs() == 3) {
    std::optional<bool> chosen = truthOf(node.input(0));
    return chosen ? of(node.input(*chosen ? 1 : 2)) : Scalar();
  }
  if (node.is("Cast") && node.numInputs() == 1) {
    Scalar scalar = of(node.input(0));
    return scalar.isKnown() ? Scalar::known(roundTo(node.elementType(0), scalar.number)) : scalar;
  }
  if (node.isOneOf("ZerosLike", "OnesLike"))
    return Scalar::known(node.is("OnesLike"));
  if (node.is("Fill") && node.numInputs() == 2)
    return of(node.input(1));
  Function function = functionOf(node.type());
  if (!function || node.numInputs() == 0 || node.numInputs() > 2)
    return {};
  Scalar a = of(node.input(0)), b = of(node.input(node.numInputs() - 1));
  // One operand may decide alone.
  if (node.isOneOf("LogicalAnd", "LogicalOr"))
    for (Scalar scalar : {a, b})
      if (scalar.isKnown() && (scalar.number != 0) == node.is("LogicalOr"))
        return Scalar::known(scalar.number != 0);
  if (!a.isKnown() || !b.isKnown())
    return a.isDead() || b.isDead() ? Scalar::dead() : Scalar();
  return Scalar::known(roundTo(node.elementType(0), function(a.number, b.number)));
}

} // namespace firn::graph
