#include "compiler/transforms/graph/shapes/UseShapes.h"

#include "compiler/transforms/graph/shapes/Families.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace firn::graph {
namespace {

constexpr int64_t kAny = ShapedType::kDynamic;

/// An operand that has one rank always.
struct FixedRank {
  StringLiteral op;
  unsigned operand, rank;
};

constexpr FixedRank kFixedRanks[] = {
    {"AvgPool", 0, 4},
    {"AvgPool3D", 0, 5},
    {"BiasAdd", 1, 1},
    {"BroadcastTo", 1, 1},
    {"Case", 0, 0},
    {"Conv2DBackpropInput", 0, 1},
    {"Conv2DBackpropInput", 1, 4},
    {"Conv2DBackpropInput", 2, 4},
    {"Conv3D", 0, 5},
    {"CropAndResize", 0, 4},
    {"DepthToSpace", 0, 4},
    {"ExpandDims", 1, 0},
    {"Fill", 0, 1},
    {"Fill", 1, 0},
    {"FusedBatchNorm", 0, 4},
    {"FusedBatchNormV2", 0, 4},
    {"FusedBatchNormV3", 0, 4},
    {"If", 0, 0},
    {"LRN", 0, 4},
    {"LoopCond", 0, 0},
    {"MaxPool", 0, 4},
    {"MaxPool3D", 0, 5},
    {"MaxPoolWithArgmax", 0, 4},
    {"OneHot", 1, 0},
    {"OneHot", 2, 0},
    {"OneHot", 3, 0},
    {"Range", 0, 0},
    {"Range", 1, 0},
    {"Range", 2, 0},
    {"RefSwitch", 1, 0},
    {"Reshape", 1, 1},
    {"ResizeArea", 0, 4},
    {"ResizeBicubic", 0, 4},
    {"ResizeBilinear", 0, 4},
    {"ResizeBilinear", 1, 1},
    {"ResizeNearestNeighbor", 0, 4},
    {"ResizeNearestNeighbor", 1, 1},
    {"Slice", 1, 1},
    {"Slice", 2, 1},
    {"SpaceToDepth", 0, 4},
    {"Split", 0, 0},
    {"StatelessCase", 0, 0},
    {"StatelessIf", 0, 0},
    {"StridedSlice", 1, 1},
    {"StridedSlice", 2, 1},
    {"StridedSlice", 3, 1},
    {"Switch", 1, 0},
    {"Tile", 1, 1},
    {"TopKV2", 1, 0},
    {"Transpose", 1, 1},
};

constexpr StringLiteral kBroadcasts[] = {
    "Add",        "AddV2",
    "Atan2",      "Div",
    "DivNoNan",   "Equal",
    "FloorDiv",   "FloorMod",
    "Greater",    "GreaterEqual",
    "Less",       "LessEqual",
    "LogicalAnd", "LogicalOr",
    "Maximum",    "Minimum",
    "Mod",        "Mul",
    "NotEqual",   "Pow",
    "RealDiv",    "SquaredDifference",
    "Sub",        "TruncateDiv",
};

bool handsShapeOn(Node node, unsigned index) {
  if (node.isOneOf("Merge", "RefMerge", "AddN", "AccumulateNV2"))
    return true;
  ShapeRule rule = findShapeRule(node.type());
  return index == 0 && (rule == sameAsFirst || rule == passOnFirst ||
                        node.isOneOf("Cast", "Neg", "ClipByValue", "IdentityN"));
}

} // namespace

std::optional<UseShapes::Sizes> UseShapes::of(Value value) {
  if (const ShapeInfo &info = shapes.of(value); info.ranked) {
    Sizes sizes;
    for (Dim dim : info.dims)
      sizes.push_back(dim.constant().value_or(kAny));
    return sizes;
  }
  if (!visiting.insert(value).second)
    return std::nullopt;
  std::optional<Sizes> found;
  for (OpOperand &use : value.getUses())
    if (Node::isNode(use.getOwner()) && !found)
      found = ofUse(use);
  visiting.erase(value);
  return found;
}

std::optional<UseShapes::Sizes> UseShapes::ofUse(OpOperand &use) {
  Node node(use.getOwner());
  unsigned index = use.getOperandNumber();
  for (const FixedRank &fixed : kFixedRanks)
    if (node.is(fixed.op) && fixed.operand == index)
      return Sizes(fixed.rank, kAny);
  if (node.is("MatMul"))
    return ofMatrix(node, index);
  if (node.isOneOf("Conv2D", "DepthwiseConv2dNative"))
    return ofImage(node, index);
  if (node.is("Pack"))
    return ofPart(node);
  if (llvm::is_contained(kBroadcasts, node.type()))
    return ofBroadcast(node, index);
  if (handsShapeOn(node, index))
    for (Value output : node.outputs())
      if (std::optional<Sizes> sizes = of(output))
        return sizes;
  return std::nullopt;
}

// Where the other operand has fewer dimensions than the result, this one has them all. Its sizes
// are those of the result: an operand that is repeated says so.
std::optional<UseShapes::Sizes> UseShapes::ofBroadcast(Node node, unsigned index) {
  std::optional<Sizes> result = of(node.output(0));
  const ShapeInfo &other = shapes.of(node.input(1 - index));
  if (!result || (!result->empty() && !(other.ranked && other.rank() < result->size())))
    return std::nullopt;
  return result;
}

std::optional<UseShapes::Sizes> UseShapes::ofPart(Node node) {
  std::optional<Sizes> result = of(node.output(0));
  return result && !result->empty() ? std::optional(Sizes(result->size() - 1, kAny)) : std::nullopt;
}

int64_t UseShapes::sizeOf(Value value, unsigned rank, unsigned axis) const {
  const ShapeInfo &info = shapes.of(value);
  return info.hasRank(rank) ? info.dims[axis].constant().value_or(kAny) : kAny;
}

// What is summed over is as long in both matrices.
std::optional<UseShapes::Sizes> UseShapes::ofMatrix(Node node, unsigned index) const {
  auto isTransposed = [&](unsigned operand) {
    auto flag = node.attr<BoolAttr>(operand == 0 ? "transpose_a" : "transpose_b");
    return flag && flag.getValue();
  };
  unsigned other = 1 - index;
  // [rows, summed] and [summed, columns].
  int64_t summed = sizeOf(node.input(other), 2, (other == 1) == isTransposed(other));
  Sizes sizes(2, kAny);
  sizes[(index == 0) != isTransposed(index)] = summed;
  return sizes;
}

// The filter is [height, width, channels, …].
std::optional<UseShapes::Sizes> UseShapes::ofImage(Node node, unsigned index) const {
  Sizes sizes(4, kAny);
  auto layout = node.attr<StringAttr>("data_format");
  if (index == 0 && !(layout && layout.getValue() == "NCHW"))
    sizes[3] = sizeOf(node.input(1), 4, 2);
  else if (index == 0)
    sizes[1] = sizeOf(node.input(1), 4, 2);
  return index < 2 ? std::optional(sizes) : std::nullopt;
}

} // namespace firn::graph
