#include "compiler/transforms/graph/channels/ChannelMap.h"

#include <cmath>

#include "compiler/transforms/graph/Constants.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace firn::graph {

SmallVector<int64_t> ChannelAxis::constantShape() const {
  SmallVector<int64_t> shape(fromEnd, 1);
  shape[0] = channels;
  return shape;
}

void ChannelMap::then(const ChannelMap &next) {
  for (size_t c = 0; c < scale.size(); ++c) {
    scale[c] *= next.scale[c];
    offset[c] = offset[c] * next.scale[c] + next.offset[c];
  }
  llvm::append_range(sources, next.sources);
  scales |= next.scales;
}

bool ChannelMap::isFinite() const {
  auto finite = [](double value) { return std::isfinite(value); };
  return llvm::all_of(scale, finite) && llvm::all_of(offset, finite);
}

bool ChannelMap::hasOffset() const {
  return llvm::any_of(offset, [](double value) { return value != 0; });
}

static bool isFusedBatchNorm(Node node) {
  return node.isOneOf("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3");
}

bool isInferenceBatchNorm(Node node) {
  if (node.is("BatchNormWithGlobalNormalization"))
    return node.numInputs() == 5;
  auto training =
      isFusedBatchNorm(node) ? attrOrDefault<BoolAttr>(node, "is_training") : BoolAttr();
  return training && !training.getValue() && node.numInputs() == 5;
}

// Rank and place of the channels by a data_format; a rank of 0 for one that is not known.
static ChannelAxis axisOfFormat(StringRef format) {
  if (format == "NHWC" || format == "NDHWC")
    return {static_cast<int64_t>(format.size()), 1, 0};
  if (format == "NCHW" || format == "NCDHW")
    return {static_cast<int64_t>(format.size()), static_cast<int64_t>(format.size()) - 1, 0};
  return {};
}

static StringRef dataFormat(Node node) {
  auto format = attrOrDefault<StringAttr>(node, "data_format");
  return format ? format.getValue() : StringRef("NHWC");
}

std::optional<ChannelAxis> batchNormAxis(Node node) {
  Node mean = constantNode(node.input(node.numInputs() == 5 && isFusedBatchNorm(node) ? 3 : 1));
  ChannelAxis axis = axisOfFormat(dataFormat(node));
  if (!mean || axis.rank == 0 || mean.constantValue().getShape().size() != 1)
    return std::nullopt;
  axis.channels = mean.constantValue().getShape()[0];
  return axis;
}

static std::optional<ChannelMap> mapOfBatchNorm(Node node, const ChannelAxis &axis) {
  std::optional<ChannelAxis> own = batchNormAxis(node);
  if (!own || own->rank != axis.rank || own->fromEnd != axis.fromEnd ||
      own->channels != axis.channels)
    return std::nullopt;
  // FusedBatchNorm takes gamma, beta, mean, variance; the old op mean, variance, beta, gamma.
  bool fused = isFusedBatchNorm(node);
  auto gamma = constantNumbers(node.input(fused ? 1 : 4)),
       beta = constantNumbers(node.input(fused ? 2 : 3)),
       mean = constantNumbers(node.input(fused ? 3 : 1)),
       variance = constantNumbers(node.input(fused ? 4 : 2));
  for (const auto &list : {gamma, beta, mean, variance})
    if (!list || static_cast<int64_t>(list->size()) != axis.channels)
      return std::nullopt;
  auto epsilon = attrOrDefault<FloatAttr>(node, fused ? "epsilon" : "variance_epsilon");
  auto scales = attrOrDefault<BoolAttr>(node, "scale_after_normalization");
  if (!epsilon || (!fused && !scales))
    return std::nullopt;
  ChannelMap map(axis.channels);
  map.scales = true;
  llvm::append_range(map.sources, node.inputs().drop_front());
  for (int64_t c = 0; c < axis.channels; ++c) {
    map.scale[c] = 1 / std::sqrt((*variance)[c] + epsilon.getValueAsDouble());
    if (fused || scales.getValue())
      map.scale[c] *= (*gamma)[c];
    map.offset[c] = (*beta)[c] - (*mean)[c] * map.scale[c];
  }
  return map;
}

// A constant that broadcasts to the tensor along its channels, one number for each channel.
static std::optional<std::vector<double>> perChannel(Value constant, const ChannelAxis &axis) {
  Node node = constantNode(constant);
  if (!node)
    return std::nullopt;
  ArrayRef<int64_t> shape = node.constantValue().getShape();
  int64_t rank = shape.size();
  if (rank > axis.rank)
    return std::nullopt;
  for (int64_t i = 0; i < rank; ++i)
    if (shape[i] != 1 && (rank - i != axis.fromEnd || shape[i] != axis.channels))
      return std::nullopt;
  std::optional<std::vector<double>> numbers = constantNumbers(constant);
  if (numbers && numbers->size() == 1)
    numbers->resize(axis.channels, numbers->front());
  return numbers && static_cast<int64_t>(numbers->size()) == axis.channels ? numbers : std::nullopt;
}

static std::optional<ChannelMap> mapOfBias(Node node, const ChannelAxis &axis) {
  int64_t fromEnd = dataFormat(node) == "NCHW" ? axis.rank - 1 : 1;
  Node bias = constantNode(node.input(1));
  if (fromEnd != axis.fromEnd || !bias ||
      bias.constantValue().getShape() != ArrayRef(axis.channels))
    return std::nullopt;
  std::optional<std::vector<double>> numbers = constantNumbers(node.input(1));
  if (!numbers)
    return std::nullopt;
  ChannelMap map(axis.channels);
  map.offset = std::move(*numbers);
  map.sources = {node.input(1)};
  return map;
}

static std::optional<ChannelMap> mapOfArithmetic(Node node, unsigned operand,
                                                 const ChannelAxis &axis) {
  bool divides = node.isOneOf("RealDiv", "Div"), subtracts = node.is("Sub");
  if (divides && operand == 1)
    return std::nullopt;
  std::optional<std::vector<double>> numbers = perChannel(node.input(1 - operand), axis);
  if (!numbers)
    return std::nullopt;
  ChannelMap map(axis.channels);
  map.sources = {node.input(1 - operand)};
  map.scales = node.is("Mul") || divides || (subtracts && operand == 1);
  for (int64_t c = 0; c < axis.channels; ++c) {
    double number = (*numbers)[c];
    if (node.is("Mul"))
      map.scale[c] = number;
    else if (divides)
      map.scale[c] = 1 / number;
    else
      map.offset[c] = subtracts && operand == 0 ? -number : number;
    if (subtracts && operand == 1)
      map.scale[c] = -1;
  }
  return map;
}

std::optional<ChannelMap> channelMapOf(Node node, unsigned operand, const ChannelAxis &axis) {
  if (operand == 0 && isInferenceBatchNorm(node))
    return mapOfBatchNorm(node, axis);
  if (node.numInputs() != 2 || operand > 1)
    return std::nullopt;
  if (operand == 0 && node.isOneOf("BiasAdd", "BiasAddV1"))
    return mapOfBias(node, axis);
  if (node.isOneOf("Mul", "RealDiv", "Div", "Add", "AddV2", "Sub"))
    return mapOfArithmetic(node, operand, axis);
  return std::nullopt;
}

static std::optional<ChannelAxis> behindReshape(Node node, ChannelAxis axis) {
  std::optional<SmallVector<int64_t>> shape = constantIntegers(node.input(1));
  if (!shape || shape->empty() || !axis.isLast())
    return std::nullopt;
  axis.rank = shape->size();
  if (shape->back() == axis.channels)
    return axis;
  // [-1, C, 1, 1]: elements follow each other as before, and the channels come second.
  bool ones = axis.rank > 2 && (*shape)[1] == axis.channels &&
              llvm::all_of(ArrayRef(*shape).drop_front(2), [](int64_t dim) { return dim == 1; });
  axis.fromEnd = axis.rank - 1;
  return ones ? std::optional(axis) : std::nullopt;
}

// Axes that are taken out; those behind the channels bring these nearer to the end.
static std::optional<ChannelAxis> behindSqueeze(Node node, ChannelAxis axis) {
  SmallVector<int64_t> dims = integerList(node, "squeeze_dims");
  if (dims.empty())
    return std::nullopt;
  ChannelAxis result = axis;
  for (int64_t dim : dims) {
    int64_t fromEnd = dim < 0 ? -dim : axis.rank - dim;
    if (fromEnd == axis.fromEnd)
      return std::nullopt;
    --result.rank;
    result.fromEnd -= fromEnd < axis.fromEnd;
  }
  return result;
}

static std::optional<ChannelAxis> behindExpandDims(Node node, ChannelAxis axis) {
  std::optional<SmallVector<int64_t>> dim = constantIntegers(node.input(1));
  if (!dim || dim->size() != 1)
    return std::nullopt;
  ++axis.rank;
  int64_t fromEnd = dim->front() < 0 ? -dim->front() : axis.rank - dim->front();
  axis.fromEnd += fromEnd <= axis.fromEnd;
  return axis;
}

static bool keepsChannels(Node batchToSpace, const ChannelAxis &axis) {
  std::optional<SmallVector<int64_t>> block = constantIntegers(batchToSpace.input(1)),
                                      crops = constantIntegers(batchToSpace.input(2));
  int64_t channelDim = axis.rank - axis.fromEnd - 1; // among the dimensions behind the batch
  if (!block || !crops || crops->size() != 2 * block->size() || channelDim < 0)
    return false;
  if (channelDim >= static_cast<int64_t>(block->size()))
    return true;
  return (*block)[channelDim] == 1 && (*crops)[2 * channelDim] == 0 &&
         (*crops)[2 * channelDim + 1] == 0;
}

std::optional<ChannelAxis> channelsBehind(Node node, const ChannelAxis &axis) {
  if (node.is("Identity"))
    return axis;
  if (node.is("Reshape"))
    return behindReshape(node, axis);
  if (node.is("Squeeze"))
    return behindSqueeze(node, axis);
  if (node.is("ExpandDims"))
    return behindExpandDims(node, axis);
  if (node.is("BatchToSpaceND") && keepsChannels(node, axis))
    return axis;
  return std::nullopt;
}

} // namespace firn::graph
