#include "compiler/transforms/graph/target/ShapeProofs.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace firn::graph {

static bool isUnaryElementwise(Node node) {
  static const llvm::StringSet<> ops = {
      "Abs",      "BiasAdd",    "BiasAddV1",  "Cast",      "Ceil",  "CheckNumerics", "Cos",
      "Elu",      "Erf",        "Exp",        "Expm1",     "Floor", "Identity",      "Inv",
      "IsFinite", "IsInf",      "IsNan",      "LeakyRelu", "Log",   "Log1p",         "LogicalNot",
      "Neg",      "LogSoftmax", "OnesLike",   "Relu",      "Relu6", "Reciprocal",    "Rint",
      "Round",    "Rsqrt",      "Selu",       "Sigmoid",   "Sign",  "Sin",           "Softmax",
      "Softplus", "Softsign",   "Sqrt",       "Square",    "Tan",   "Tanh",          "StopGradient",
      "Snapshot", "ZerosLike",  "EnsureShape"};
  return ops.contains(node.type()) || node.type().starts_with("FusedBatchNorm");
}

static bool isBinaryElementwise(Node node) {
  static const llvm::StringSet<> ops = {
      "Add",       "AddV2",        "Sub",        "Mul",       "RealDiv",     "Div",
      "DivNoNan",  "Maximum",      "Minimum",    "Pow",       "FloorDiv",    "FloorMod",
      "Greater",   "GreaterEqual", "Less",       "LessEqual", "Equal",       "NotEqual",
      "LogicalOr", "Mod",          "LogicalAnd", "MulNoNan",  "TruncateDiv", "SquaredDifference"};
  return node.numInputs() == 2 && ops.contains(node.type());
}

static RankedTensorType rankedType(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

bool isScalar(Value value) {
  RankedTensorType type = rankedType(value);
  return type && type.getRank() == 0;
}

// The tensor whose shape this one has.
static Value shapeRoot(Value value, unsigned depth = 0) {
  Node node = Node::of(value);
  if (!node || depth > 32 || node.numInputs() == 0 || value != node.output(0))
    return value;
  if (isUnaryElementwise(node))
    return shapeRoot(node.input(0), depth + 1);
  if (!isBinaryElementwise(node))
    return value;
  if (isScalar(node.input(1)))
    return shapeRoot(node.input(0), depth + 1);
  if (isScalar(node.input(0)))
    return shapeRoot(node.input(1), depth + 1);
  Value first = shapeRoot(node.input(0), depth + 1), second = shapeRoot(node.input(1), depth + 1);
  return first == second ? first : value;
}

bool haveSameShape(Value a, Value b) {
  RankedTensorType left = rankedType(a), right = rankedType(b);
  if (left && right && left.hasStaticShape() && left.getShape() == right.getShape())
    return true;
  return shapeRoot(a) == shapeRoot(b);
}

bool surelyBroadcast(Value a, Value b) {
  RankedTensorType left = rankedType(a), right = rankedType(b);
  auto isOne = [](RankedTensorType type) {
    return type && type.hasStaticShape() && type.getNumElements() == 1;
  };
  if (isOne(left) || isOne(right) || haveSameShape(a, b))
    return true;
  if (!left || !right)
    return false;
  size_t common = std::min(left.getRank(), right.getRank());
  return llvm::all_of(
      llvm::zip(left.getShape().take_back(common), right.getShape().take_back(common)),
      [](auto dims) {
        auto [x, y] = dims;
        return x == 1 || y == 1 || (x == y && !ShapedType::isDynamic(x));
      });
}

} // namespace firn::graph
