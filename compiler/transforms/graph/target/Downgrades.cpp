#include "compiler/transforms/graph/target/Downgrades.h"

#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/NodesBefore.h"
#include "compiler/transforms/graph/target/ShapeProofs.h"
#include "dialects/graph/OpTable.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace firn::graph {
namespace {

// An attribute of the op, by all that is known of it.
bool isAttrOf(StringRef op, StringRef attr) {
  const OpSignature *signature = lookupOp({op.data(), op.size()});
  return !signature || attr.starts_with("_") || signature->attr({attr.data(), attr.size()});
}

SmallVector<std::pair<StringRef, Attribute>> attrsFor(StringRef op, Node node) {
  SmallVector<std::pair<StringRef, Attribute>> attrs;
  for (NamedAttribute named : node.operation()->getAttrs()) {
    StringRef name = toNodeAttr(named.getName());
    if (!name.empty() && isAttrOf(op, name))
      attrs.emplace_back(name, named.getValue());
  }
  return attrs;
}

/// The same node under an older op, with its first `inputs` inputs and the attributes that the op
/// has.
bool rename(NodesBefore &make, StringRef op, unsigned inputs, unsigned outputs = 1) {
  Node node = make.place();
  make.replace(op, SmallVector<Value>(node.inputs().take_front(inputs)), attrsFor(op, node),
               outputs);
  return true;
}

bool isReal(Type type) { return isa<FloatType>(type) || (type.isInteger() && !type.isInteger(1)); }

/// `value`, and 0 where `guard` is 0, both broadcast to one shape.
bool zeroWhere(NodesBefore &make, Value guard, Value value) {
  // The product has the shape of the value, whatever is not finite in it.
  Value spread = make.elementwise("Mul", {guard, make.elementwise("OnesLike", value)});
  Value zero = make.elementwise("ZerosLike", value);
  Value isZero = make.compare("Equal", spread, zero);
  make.replace("Select", {isZero, zero, value}, {{"T", TypeAttr::get(elementTypeOf(value))}});
  return true;
}

bool divNoNan(NodesBefore &make, std::string &) {
  Value x = make.place().input(0), y = make.place().input(1);
  return zeroWhere(make, y, make.elementwise("RealDiv", {x, y}));
}
bool mulNoNan(NodesBefore &make, std::string &) {
  Value x = make.place().input(0), y = make.place().input(1);
  return zeroWhere(make, y, make.elementwise("Mul", {x, y}));
}
bool xdivy(NodesBefore &make, std::string &) {
  Value x = make.place().input(0), y = make.place().input(1);
  return zeroWhere(make, x, make.elementwise("RealDiv", {x, y}));
}
bool xlogy(NodesBefore &make, std::string &) {
  Value x = make.place().input(0), y = make.place().input(1);
  return zeroWhere(make, x, make.elementwise("Mul", {x, make.elementwise("Log", y)}));
}

// The older op lacks the last output.
bool batchNormV3(NodesBefore &make, std::string &why) {
  if (!make.place().output(5).use_empty())
    return why = "its output 5 is used", false;
  return rename(make, "FusedBatchNormV2", 5, 5);
}

bool batchMatMulV3(NodesBefore &make, std::string &why) {
  Node node = make.place();
  Type type = node.elementType(0);
  if (type != elementTypeOf(node.input(0)) || type != elementTypeOf(node.input(1)))
    return why = "it multiplies tensors of several types", false;
  auto flag = [&](StringRef name) { return attrOrDefault(node, name); };
  make.replace("BatchMatMulV2", SmallVector<Value>(node.inputs()),
               {{"T", TypeAttr::get(type)}, {"adj_x", flag("adj_x")}, {"adj_y", flag("adj_y")}});
  return true;
}

// The older op does not broadcast; it checks that what is not known here is equal.
bool batchMatMulV2(NodesBefore &make, std::string &why) {
  auto a = dyn_cast<RankedTensorType>(make.place().input(0).getType()),
       b = dyn_cast<RankedTensorType>(make.place().input(1).getType());
  why = "its inputs are not known to have equal batches";
  if (!a || !b || a.getRank() != b.getRank() || a.getRank() < 2)
    return false;
  for (auto [x, y] : llvm::zip(a.getShape().drop_back(2), b.getShape().drop_back(2)))
    if (x != y)
      return false;
  return rename(make, "BatchMatMul", 2);
}

/// `value` in every place of a tensor of `like`'s shape.
Value fillLike(NodesBefore &make, Value like, Value value) {
  Type i32 = make.attrs().getI32Type();
  Value shape =
      make.make("Shape", like, RankedTensorType::get({ShapedType::kDynamic}, i32),
                {{"T", TypeAttr::get(elementTypeOf(like))}, {"out_type", TypeAttr::get(i32)}});
  return make.make("Fill", {shape, value}, withElementType(like.getType(), elementTypeOf(value)),
                   {{"T", TypeAttr::get(elementTypeOf(value))}});
}

bool finishSelect(NodesBefore &make, Value condition, Value yes, Value no) {
  make.replace("Select", {condition, yes, no}, {{"T", TypeAttr::get(elementTypeOf(yes))}});
  return true;
}

// Select takes three equal shapes, or a scalar condition and two equal ones.
bool selectV2(NodesBefore &make, std::string &why) {
  Node node = make.place();
  Value condition = node.input(0), yes = node.input(1), no = node.input(2);
  Value like = isScalar(condition) ? (isScalar(yes) ? no : yes) : condition;
  auto fits = [&](Value value) { return isScalar(value) || haveSameShape(like, value); };
  if (fits(yes) && fits(no)) {
    auto spread = [&](Value value) {
      return isScalar(value) && !isScalar(like) ? fillLike(make, like, value) : value;
    };
    yes = spread(yes);
    return finishSelect(make, condition, yes, spread(no));
  }
  Type type = elementTypeOf(yes);
  if (!isReal(type))
    return why = "its inputs are not known to have equal shapes", false;
  // Ones of the common shape; of what they are made only the shape counts.
  Value number = make.cast(condition, type);
  Value sum = make.elementwise("Add", {make.elementwise("Add", {yes, no}), number});
  Value ones = make.elementwise("OnesLike", sum);
  Value spread = make.elementwise("Mul", {number, ones});
  Value chosen = make.compare("NotEqual", spread, make.elementwise("ZerosLike", ones));
  yes = make.elementwise("Mul", {yes, ones});
  return finishSelect(make, chosen, yes, make.elementwise("Mul", {no, ones}));
}

bool leakyRelu(NodesBefore &make, std::string &) {
  Value x = make.place().input(0);
  Type type = elementTypeOf(x);
  auto alpha = attrOrDefault<FloatAttr>(make.place(), "alpha");
  double slope = alpha ? alpha.getValueAsDouble() : 0.2;
  Value product = make.elementwise("Mul", {x, make.constant(type, {}, slope)});
  // Infinities times 0 are no numbers.
  if (slope == 0) {
    Value positive = make.compare("Greater", x, make.elementwise("ZerosLike", x));
    return finishSelect(make, positive, x, product);
  }
  make.replace(slope <= 1 ? "Maximum" : "Minimum", {x, product}, {{"T", TypeAttr::get(type)}});
  return true;
}

bool broadcastTo(NodesBefore &make, std::string &why) {
  Node node = make.place();
  Type type = node.elementType(0);
  if (!isReal(type))
    return why = "it broadcasts no numbers", false;
  Value shape = make.cast(node.input(1), make.attrs().getI32Type());
  Value ones = make.make("Fill", {shape, make.constant(type, {}, 1)}, node.output(0).getType(),
                         {{"T", TypeAttr::get(type)}});
  make.replace("Mul", {node.input(0), ones}, {{"T", TypeAttr::get(type)}});
  return true;
}

bool clipByValue(NodesBefore &make, std::string &) {
  Node node = make.place();
  Value below = make.elementwise("Minimum", {node.input(0), node.input(2)});
  make.replace("Maximum", {below, node.input(1)}, {{"T", TypeAttr::get(elementTypeOf(below))}});
  return true;
}

bool isZero(Value value) {
  std::optional<SmallVector<int64_t>> numbers = constantIntegers(value);
  return numbers && llvm::all_of(*numbers, [](int64_t n) { return n == 0; });
}

// With the main diagonal and nothing padded the later ops are the first ones.
bool matrixDiag(NodesBefore &make, std::string &why) {
  Node node = make.place();
  auto isFree = [](Value size) {
    std::optional<SmallVector<int64_t>> numbers = constantIntegers(size);
    return numbers && *numbers == SmallVector<int64_t>{-1};
  };
  if (!isZero(node.input(1)) || !isFree(node.input(2)) || !isFree(node.input(3)))
    return why = "it is not a square of the main diagonal", false;
  return rename(make, "MatrixDiag", 1);
}
bool matrixDiagPart(NodesBefore &make, std::string &why) {
  if (!isZero(make.place().input(1)))
    return why = "it does not take the main diagonal", false;
  return rename(make, "MatrixDiagPart", 1);
}
bool matrixSetDiag(NodesBefore &make, std::string &why) {
  if (!isZero(make.place().input(2)))
    return why = "it does not set the main diagonal", false;
  return rename(make, "MatrixSetDiag", 2);
}

bool nonMaxSuppressionV3(NodesBefore &make, std::string &why) {
  std::optional<std::vector<double>> threshold = constantNumbers(make.place().input(4));
  if (!threshold || threshold->size() != 1 || !(threshold->front() < -3e38))
    return why = "it drops boxes by their scores", false;
  return rename(make, "NonMaxSuppressionV2", 4);
}

// "" for an op that no other name has.
StringRef findRename(StringRef op) {
  static const llvm::StringMap<StringRef> renames = {{"AddV2", "Add"},
                                                     {"StatelessIf", "If"},
                                                     {"StatelessWhile", "While"},
                                                     {"StatelessCase", "Case"},
                                                     {"Snapshot", "Identity"},
                                                     {"GuaranteeConst", "Identity"},
                                                     {"EnsureShape", "Identity"},
                                                     {"CheckNumericsV2", "CheckNumerics"}};
  return renames.lookup(op);
}

using Rewrite = bool (*)(NodesBefore &, std::string &why);
struct RewriteOfOp {
  Rewrite rewrite;
  unsigned inputs, outputs;
};
RewriteOfOp findRewrite(StringRef op) {
  static const llvm::StringMap<RewriteOfOp> rewrites = {
      {"BatchMatMulV2", {batchMatMulV2, 2, 1}},
      {"BatchMatMulV3", {batchMatMulV3, 2, 1}},
      {"BroadcastTo", {broadcastTo, 2, 1}},
      {"ClipByValue", {clipByValue, 3, 1}},
      {"DivNoNan", {divNoNan, 2, 1}},
      {"FusedBatchNormV3", {batchNormV3, 5, 6}},
      {"LeakyRelu", {leakyRelu, 1, 1}},
      {"MatrixDiagPartV2", {matrixDiagPart, 3, 1}},
      {"MatrixDiagPartV3", {matrixDiagPart, 3, 1}},
      {"MatrixDiagV2", {matrixDiag, 5, 1}},
      {"MatrixDiagV3", {matrixDiag, 5, 1}},
      {"MatrixSetDiagV2", {matrixSetDiag, 3, 1}},
      {"MatrixSetDiagV3", {matrixSetDiag, 3, 1}},
      {"MulNoNan", {mulNoNan, 2, 1}},
      {"NonMaxSuppressionV3", {nonMaxSuppressionV3, 5, 1}},
      {"SelectV2", {selectV2, 3, 1}},
      {"Xdivy", {xdivy, 2, 1}},
      {"Xlogy", {xlogy, 2, 1}}};
  auto it = rewrites.find(op);
  return it == rewrites.end() ? RewriteOfOp{nullptr, 0, 0} : it->second;
}

// Explicit padding of a convolution as a Pad before it.
bool explicitPadding(NodesBefore &make, std::string &) {
  Node node = make.place();
  SmallVector<int64_t> paddings = integerList(node, "explicit_paddings");
  Value x = node.input(0);
  Type type = elementTypeOf(x), i32 = make.attrs().getI32Type();
  std::vector<double> numbers(paddings.begin(), paddings.end());
  Value amounts = make.constant(i32, {static_cast<int64_t>(numbers.size() / 2), 2}, numbers);
  Value padded = make.make("Pad", {x, amounts}, UnrankedTensorType::get(type),
                           {{"T", TypeAttr::get(type)}, {"Tpaddings", TypeAttr::get(i32)}});
  node.setAttr("padding", make.attrs().getStringAttr("VALID"));
  node.removeAttr("explicit_paddings");
  make.replace(node.type(), {padded, node.input(1)}, attrsFor(node.type(), node));
  return true;
}

// Where of numbers, as Where of bools.
bool whereOfNumbers(NodesBefore &make, std::string &why) {
  Node node = make.place();
  Value x = node.input(0);
  if (!isReal(elementTypeOf(x)))
    return why = "it looks for no numbers", false;
  Value found = make.compare("NotEqual", x, make.elementwise("ZerosLike", x));
  make.replace("Where", found, {});
  return true;
}

// Attributes that change nothing that a frozen graph computes.
bool isHint(Node node, StringRef attr) {
  if (attr == "exponential_avg_factor") {
    auto training = attrOrDefault<BoolAttr>(node, "is_training");
    return training && !training.getValue();
  }
  if (attr == "explicit_paddings")
    return node.attr<StringAttr>("padding") !=
           StringAttr::get(node.operation()->getContext(), "EXPLICIT");
  return llvm::is_contained({"output_shapes", "parallel_iterations", "grad_x", "grad_y", "grad_a",
                             "grad_b", "debug_name", "allowed_devices", "metadata",
                             "identical_element_shapes", "sparse_gradient", "executor_type"},
                            attr);
}

} // namespace

static bool downgrade(NodesBefore &make, std::string &why) {
  Node node = make.place();
  if (StringRef op = findRename(node.type()); !op.empty())
    return rename(make, op, node.numInputs(), node.numOutputs());
  RewriteOfOp found = findRewrite(node.type());
  return found.rewrite && node.numInputs() == found.inputs && node.numOutputs() == found.outputs &&
         found.rewrite(make, why);
}

bool downgradeOp(Node &node, NodeIndex &names, std::string &why) {
  NodesBefore make(node, names);
  bool done = downgrade(make, why);
  node = make.place();
  return done;
}

static bool downgrade(NodesBefore &make, StringRef attr, std::string &why) {
  Node node = make.place();
  if (isHint(node, attr))
    return node.removeAttr(attr), true;
  if (attr == "explicit_paddings" && node.isOneOf("Conv2D", "DepthwiseConv2dNative") &&
      node.numInputs() == 2)
    return explicitPadding(make, why);
  if (attr == "T" && node.is("Where") && node.numInputs() == 1)
    return whereOfNumbers(make, why);
  if (attr == "incompatible_shape_error" && node.numInputs() == 2) {
    why = "the shapes of its inputs are not known to fit each other";
    if (!surelyBroadcast(node.input(0), node.input(1)))
      return false;
    return node.removeAttr(attr), true;
  }
  return false;
}

bool downgradeAttr(Node &node, StringRef attr, NodeIndex &names, std::string &why) {
  NodesBefore make(node, names);
  bool done = downgrade(make, attr, why);
  node = make.place();
  return done;
}

} // namespace firn::graph
