// Element by element, broadcast. Of small integer tensors the elements are computed as well: shapes
// are made of them.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

// Element `index` of an input that is broadcast to `count` elements.
Dim elementAt(const ShapeInfo &info, size_t index) {
  return info.elements[info.elements.size() == 1 ? 0 : index];
}

// Number of elements of a result of vectors and scalars, nothing where elements are not known.
std::optional<size_t> elementCount(const ShapeInfo &a, const ShapeInfo &b) {
  if (!a.hasElements || !b.hasElements || a.rank() > 1 || b.rank() > 1)
    return std::nullopt;
  size_t x = a.elements.size(), y = b.elements.size();
  if (x != y && x != 1 && y != 1)
    return std::nullopt;
  return x == 1 ? y : x;
}

void binary(NodeShapes &s) { s.out(dimsOnly(s.broadcast(s.in(0), s.in(1)))); }

template <DerivedKind Kind> void arithmetic(NodeShapes &s) {
  ShapeInfo info = s.broadcast(s.in(0), s.in(1));
  if (std::optional<size_t> count = elementCount(s.in(0), s.in(1))) {
    info.hasElements = true;
    info.elements.clear();
    for (size_t i = 0; i < *count; ++i)
      info.elements.push_back(s.derived(Kind, elementAt(s.in(0), i), elementAt(s.in(1), i)));
  }
  s.out(std::move(info));
}

// C++'s division, which agrees with floor where nothing is negative.
void truncatedDivide(NodeShapes &s) {
  auto isNatural = [](const ShapeInfo &info) {
    return info.hasElements &&
           llvm::none_of(info.elements, [](Dim e) { return e.mayBeNegative(); });
  };
  if (isNatural(s.in(0)) && isNatural(s.in(1)))
    arithmetic<DerivedKind::FloorDivide>(s);
  else
    binary(s);
}

// A comparison with a tracked number tells what the other one means.
void comparison(NodeShapes &s) {
  if (std::optional<size_t> count = elementCount(s.in(0), s.in(1)))
    for (size_t i = 0; i < *count; ++i) {
      Dim a = elementAt(s.in(0), i), b = elementAt(s.in(1), i);
      if (b.isTracked())
        std::swap(a, b);
      if (a.isTracked() && b.isConstant() && s.state.writtenValue(a) == b.coefficient())
        s.conflict(b, a);
    }
  binary(s);
}

void negate(NodeShapes &s) {
  ShapeInfo info = s.in(0);
  for (Dim &element : info.elements)
    element = s.minus(0, element);
  s.out(std::move(info));
}

// A number that went through floats is no shape any more.
void cast(NodeShapes &s) {
  bool isInteger = isa_and_nonnull<IntegerType>(s.node.elementType(0));
  s.out(isInteger ? s.in(0) : dimsOnly(s.in(0)));
}

void select(NodeShapes &s) {
  const ShapeInfo &condition = s.in(0);
  ShapeInfo values = dimsOnly(s.same(s.in(1), s.in(2)));
  // A vector of conditions chooses rows.
  if (condition.hasRank(1) && values.ranked && values.rank() > 1)
    values.dims[0] = s.same(values.dims[0], condition.dims[0]);
  else if (condition.ranked && condition.rank() == values.rank())
    values = s.same(values, dimsOnly(condition));
  s.out(std::move(values));
}

void selectV2(NodeShapes &s) {
  s.out(dimsOnly(s.broadcast(s.in(0), s.broadcast(s.in(1), s.in(2)))));
}

void allSame(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  for (unsigned i = 1; i < s.numInputs(); ++i)
    info = s.same(info, dimsOnly(s.in(i)));
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, info);
}

// The bias lies along the channels.
void biasAdd(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  const ShapeInfo &bias = s.in(1);
  if (info.ranked && info.rank() >= 2 && bias.hasRank(1)) {
    size_t channels = s.text("data_format", "NHWC") == "NCHW" ? 1 : info.rank() - 1;
    info.dims[channels] = s.same(info.dims[channels], bias.dims[0]);
  }
  s.out(std::move(info));
}

void clip(NodeShapes &s) { s.out(dimsOnly(s.in(0))); }

constexpr ShapeRuleEntry kBinary[] = {
    {"Add", arithmetic<DerivedKind::Plus>},
    {"AddV2", arithmetic<DerivedKind::Plus>},
    {"Sub", arithmetic<DerivedKind::Minus>},
    {"Mul", arithmetic<DerivedKind::Times>},
    {"FloorDiv", arithmetic<DerivedKind::FloorDivide>},
    {"FloorMod", arithmetic<DerivedKind::Modulo>},
    {"Maximum", arithmetic<DerivedKind::Maximum>},
    {"Minimum", arithmetic<DerivedKind::Minimum>},
    {"Div", truncatedDivide},
    {"RealDiv", binary},
    {"TruncateDiv", truncatedDivide},
    {"TruncateMod", binary},
    {"Mod", binary},
    {"DivNoNan", binary},
    {"MulNoNan", binary},
    {"Xdivy", binary},
    {"Xlogy", binary},
    {"Xlog1py", binary},
    {"Pow", binary},
    {"Atan2", binary},
    {"SquaredDifference", binary},
    {"ApproximateEqual", binary},
    {"Less", binary},
    {"LessEqual", binary},
    {"Greater", binary},
    {"GreaterEqual", binary},
    {"Equal", comparison},
    {"NotEqual", comparison},
    {"LogicalAnd", binary},
    {"LogicalOr", binary},
    {"BitwiseAnd", binary},
    {"BitwiseOr", binary},
    {"BitwiseXor", binary},
    {"LeftShift", binary},
    {"RightShift", binary},
    {"NextAfter", binary},
    {"Igamma", binary},
    {"Igammac", binary},
    {"Zeta", binary},
    {"Polygamma", binary},
    {"Complex", binary},
    {"BiasAdd", biasAdd},
    {"BiasAddV1", biasAdd},
    {"Select", select},
    {"SelectV2", selectV2},
    {"AddN", allSame},
    {"AccumulateNV2", allSame},
    {"ClipByValue", clip},
    {"Neg", negate},
    {"Cast", cast},
};

constexpr StringLiteral kUnary[] = {
    "Abs",
    "Acos",
    "Acosh",
    "Angle",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "BesselI0e",
    "BesselI1e",
    "Ceil",
    "ComplexAbs",
    "Conj",
    "Cos",
    "Cosh",
    "Digamma",
    "Elu",
    "Erf",
    "Erfc",
    "Erfinv",
    "Exp",
    "Expm1",
    "Floor",
    "Imag",
    "Inv",
    "Invert",
    "IsFinite",
    "IsInf",
    "IsNan",
    "LeakyRelu",
    "Lgamma",
    "Log",
    "Log1p",
    "LogicalNot",
    "Ndtri",
    "OnesLike",
    "Real",
    "Reciprocal",
    "Relu",
    "Relu6",
    "Rint",
    "Round",
    "Rsqrt",
    "Selu",
    "Sigmoid",
    "Sign",
    "Sin",
    "Sinh",
    "Softplus",
    "Softsign",
    "Sqrt",
    "Square",
    "Tan",
    "Tanh",
    "ZerosLike",
    "LRN",
    "FakeQuantWithMinMaxArgs",
    "FakeQuantWithMinMaxVars",
    "FakeQuantWithMinMaxVarsPerChannel",
    "QuantizeAndDequantize",
    "QuantizeAndDequantizeV2",
    "QuantizeAndDequantizeV3",
    "QuantizeAndDequantizeV4",
    "Dequantize",
    // Gradients have the shape of what they are with respect to.
    "EluGrad",
    "InvGrad",
    "ReciprocalGrad",
    "Relu6Grad",
    "ReluGrad",
    "RsqrtGrad",
    "SeluGrad",
    "SigmoidGrad",
    "SoftplusGrad",
    "SoftsignGrad",
    "SqrtGrad",
    "TanhGrad",
    "MaxPoolGrad",
    "LRNGrad",
    // Elements in another order.
    "Reverse",
    "ReverseV2",
    "Roll",
    "RandomShuffle",
};

} // namespace

ShapeRules elementwiseShapeRules() {
  static const auto *all = [] {
    auto *entries = new SmallVector<ShapeRuleEntry>(std::begin(kBinary), std::end(kBinary));
    for (StringLiteral op : kUnary)
      entries->push_back({op, sameAsFirst});
    return entries;
  }();
  return *all;
}

} // namespace firn::graph
