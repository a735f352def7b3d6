#include "compiler/transforms/graph/channels/LinearNode.h"

#include <cmath>

#include "compiler/transforms/graph/Constants.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace firn::graph {

static bool flag(Node node, StringRef name) {
  auto value = attrOrDefault<BoolAttr>(node, name);
  return value && value.getValue();
}

// Which input holds the weights, and how many of their axes lie behind the output channels.
struct WeightsLayout {
  unsigned input;
  int64_t rank;       // of the weights
  int64_t axesBehind; // behind the axis of the output channels
};

static std::optional<WeightsLayout> weightsLayout(Node node) {
  if (node.isOneOf("Conv2D", "DepthwiseConv2dNative") && node.numInputs() == 2)
    return WeightsLayout{1, 4, 0};
  if (node.is("Conv3D") && node.numInputs() == 2)
    return WeightsLayout{1, 5, 0};
  if (node.is("Conv2DBackpropInput") && node.numInputs() == 3)
    return WeightsLayout{1, 4, 1};
  if (node.is("Conv3DBackpropInputV2") && node.numInputs() == 3)
    return WeightsLayout{1, 5, 1};
  if (node.is("MatMul") && node.numInputs() == 2)
    return WeightsLayout{1, 2, flag(node, "transpose_b")};
  if (node.isOneOf("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3") && node.numInputs() == 2)
    return WeightsLayout{1, 2, flag(node, "adj_y")};
  return std::nullopt;
}

// The output's channels: by data_format for convolutions, last for matrices.
static std::optional<ChannelAxis> outputAxis(Node node) {
  if (node.is("MatMul"))
    return ChannelAxis{2, 1, 0};
  if (node.type().starts_with("BatchMatMul")) {
    auto type = dyn_cast<RankedTensorType>(node.output(0).getType());
    return type ? std::optional(ChannelAxis{type.getRank(), 1, 0}) : std::nullopt;
  }
  auto format = attrOrDefault<StringAttr>(node, "data_format");
  int64_t rank = node.type().starts_with("Conv3D") ? 5 : 4;
  if (format && (format.getValue() == "NHWC" || format.getValue() == "NDHWC"))
    return ChannelAxis{rank, 1, 0};
  if (format && (format.getValue() == "NCHW" || format.getValue() == "NCDHW"))
    return ChannelAxis{rank, rank - 1, 0};
  return std::nullopt;
}

std::optional<LinearNode> linearNode(Node node) {
  std::optional<WeightsLayout> layout = weightsLayout(node);
  std::optional<ChannelAxis> axis = layout ? outputAxis(node) : std::nullopt;
  Node weights = axis ? constantNode(node.input(layout->input)) : Node();
  if (!weights || node.numOutputs() != 1)
    return std::nullopt;
  ArrayRef<int64_t> shape = weights.constantValue().getShape();
  if (static_cast<int64_t>(shape.size()) != layout->rank)
    return std::nullopt;
  LinearNode linear{node, layout->input, 1, *axis};
  for (int64_t dim : shape.take_back(layout->axesBehind))
    linear.inner *= dim;
  linear.axis.channels = shape[layout->rank - 1 - layout->axesBehind];
  // Channel m of input channel i comes out as channel i * multiplier + m.
  if (node.is("DepthwiseConv2dNative"))
    linear.axis.channels *= shape[2];
  return linear;
}

std::optional<reference::Tensor> scaledWeights(const LinearNode &linear, ArrayRef<double> scale) {
  Value weights = Node(linear.node).input(linear.weights);
  std::optional<reference::Tensor> tensor = constantTensor(weights);
  std::optional<std::vector<double>> numbers = tensor ? numbersOf(*tensor) : std::nullopt;
  if (!numbers)
    return std::nullopt;
  size_t at = 0;
  while (at < numbers->size())
    for (double factor : scale)
      for (int64_t i = 0; i < linear.inner; ++i)
        (*numbers)[at++] *= factor;
  reference::Tensor scaled = tensorOfNumbers(tensor->dtype(), tensor->shape(), *numbers);
  std::optional<std::vector<double>> rounded = numbersOf(scaled);
  if (!llvm::all_of(*rounded, [](double value) { return std::isfinite(value); }))
    return std::nullopt;
  return scaled;
}

} // namespace firn::graph
