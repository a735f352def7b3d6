// Convolutions and pools: windows that move over the spatial dimensions.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

/// Where batch, channels and the spatial dimensions stand.
struct DataLayout {
  DataLayout(NodeShapes &s, size_t rank) : rank(rank) {
    isChannelsFirst = s.text("data_format", "N").starts_with("NC");
  }
  size_t channels() const { return isChannelsFirst ? 1 : rank - 1; }
  size_t spatial(size_t index) const { return index + (isChannelsFirst ? 2 : 1); }

  size_t rank;
  bool isChannelsFirst;
};

// Entry of a list attribute that goes by dimension; 1 where there is none.
int64_t entry(ArrayRef<int64_t> list, size_t dim) { return dim < list.size() ? list[dim] : 1; }

// How many windows there are in one dimension.
Dim windows(NodeShapes &s, Dim size, Dim window, int64_t stride, int64_t dilation,
            StringRef padding, Dim padded) {
  Dim step(std::max<int64_t>(stride, 1));
  if (padding == "SAME")
    return s.derived(DerivedKind::CeilDivide, size, step);
  // (window - 1) * dilation more than the first element.
  Dim reach = s.times(s.minus(window, 1), Dim(dilation));
  Dim room = s.minus(s.plus(size, padded), reach);
  Dim count = s.derived(DerivedKind::CeilDivide, room, step);
  return count.isConstant() ? Dim(std::max<int64_t>(count.coefficient(), 0)) : s.asDim(count);
}

// The output of windows over `from`; `windowOf` gives their size by spatial index.
ShapeInfo slide(NodeShapes &s, const ShapeInfo &from, ArrayRef<int64_t> strides,
                llvm::function_ref<Dim(size_t)> windowOf) {
  DataLayout layout(s, from.rank());
  StringRef padding = s.text("padding", "VALID");
  SmallVector<int64_t> dilations = s.integers("dilations"), pads = s.integers("explicit_paddings");
  ShapeInfo info = dimsOnly(from);
  for (size_t i = 0; i + 2 < from.rank(); ++i) {
    size_t dim = layout.spatial(i);
    int64_t padded = 2 * dim + 1 < pads.size() ? pads[2 * dim] + pads[2 * dim + 1] : 0;
    info.dims[dim] = windows(s, from.dims[dim], windowOf(i), entry(strides, dim),
                             entry(dilations, dim), padding, padding == "EXPLICIT" ? padded : 0);
  }
  return info;
}

// The filter is [spatial …, channels in, channels out].
void conv(NodeShapes &s) {
  const ShapeInfo &from = s.in(0), &filter = s.in(1);
  size_t rank = s.node.type().contains("3D") ? 5 : 4;
  ShapeInfo info = s.freshOfRank(rank);
  DataLayout layout(s, rank);
  if (from.hasRank(rank) && filter.hasRank(rank))
    info = slide(s, from, s.integers("strides"), [&](size_t i) { return filter.dims[i]; });
  else if (from.hasRank(rank))
    info.dims[0] = from.dims[0];
  if (filter.hasRank(rank))
    info.dims[layout.channels()] = filter.dims[rank - 1];
  s.out(std::move(info));
  for (unsigned i = 1; i < s.numOutputs(); ++i)
    s.out(i, ShapeInfo::scalar());
}

// The filter is [height, width, channels, multiplier].
void depthwise(NodeShapes &s) {
  const ShapeInfo &from = s.in(0), &filter = s.in(1);
  ShapeInfo info = s.freshOfRank(4);
  DataLayout layout(s, 4);
  if (from.hasRank(4) && filter.hasRank(4))
    info = slide(s, from, s.integers("strides"), [&](size_t i) { return filter.dims[i]; });
  else if (from.hasRank(4))
    info.dims[0] = from.dims[0];
  if (filter.hasRank(4))
    info.dims[layout.channels()] = s.times(filter.dims[2], filter.dims[3]);
  s.out(std::move(info));
}

// A transposed convolution yields the shape that its first input says.
void convBackpropInput(NodeShapes &s) {
  size_t rank = s.node.type().contains("3D") ? 5 : 4;
  const ShapeInfo &filter = s.in(1), &from = s.in(2);
  ShapeInfo info = s.shapeFromElements(s.in(0));
  DataLayout layout(s, rank);
  bool isDepthwise = s.node.type().starts_with("Depthwise");
  if (info.hasRank(2)) {
    // Height and width alone are allowed.
    ShapeInfo whole = s.freshOfRank(rank);
    for (size_t i = 0; i < 2; ++i)
      whole.dims[layout.spatial(i)] = info.dims[i];
    info = whole;
  }
  if (!info.hasRank(rank))
    info = s.freshOfRank(rank);
  if (from.hasRank(rank))
    info.dims[0] = s.same(info.dims[0], from.dims[0]);
  if (filter.hasRank(rank)) {
    Dim channels = isDepthwise ? filter.dims[2] : filter.dims[rank - 2];
    info.dims[layout.channels()] = s.same(info.dims[layout.channels()], channels);
  }
  s.out(std::move(info));
}

void convBackpropFilter(NodeShapes &s) { s.out(s.shapeFromElements(s.in(1))); }

void pool(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  size_t rank = s.node.type().contains("3D") ? 5 : 4;
  if (!from.hasRank(rank)) {
    s.out(0, s.freshOfRank(rank));
    s.out(1, s.output(0));
    return;
  }
  DataLayout layout(s, rank);
  SmallVector<int64_t> sizes = s.integers("ksize"), strides = s.integers("strides");
  // MaxPoolV2 takes them as inputs.
  if (sizes.empty())
    sizes = s.constants(1).value_or(SmallVector<int64_t>());
  if (strides.empty())
    strides = s.constants(2).value_or(SmallVector<int64_t>());
  if (sizes.size() != rank || strides.size() != rank) {
    ShapeInfo info = s.freshOfRank(rank);
    info.dims[0] = from.dims[0];
    return s.out(std::move(info));
  }
  ShapeInfo info = slide(s, from, strides, [&](size_t i) { return Dim(sizes[layout.spatial(i)]); });
  // Windows over the channels.
  size_t channels = layout.channels();
  if (sizes[channels] != 1)
    info.dims[channels] = windows(s, from.dims[channels], Dim(sizes[channels]), strides[channels],
                                  1, s.text("padding"), 0);
  s.out(0, info);
  s.out(1, s.node.is("MaxPoolWithArgmax") ? info : ShapeInfo::scalar());
  s.out(2, ShapeInfo::scalar());
}

void fractionalPool(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  ShapeInfo info = s.freshOfRank(4);
  if (from.hasRank(4)) {
    info.dims[0] = from.dims[0];
    info.dims[3] = from.dims[3];
  }
  s.out(0, info);
  s.out(1, s.freshOfRank(1));
  s.out(2, s.freshOfRank(1));
}

void dilation2d(NodeShapes &s) {
  const ShapeInfo &from = s.in(0), &filter = s.in(1);
  if (!from.hasRank(4) || !filter.hasRank(3))
    return s.out(s.freshOfRank(4));
  SmallVector<int64_t> strides = s.integers("strides"), rates = s.integers("rates");
  ShapeInfo info = dimsOnly(from);
  for (size_t i = 0; i < 2; ++i)
    info.dims[i + 1] = windows(s, from.dims[i + 1], filter.dims[i], entry(strides, i + 1),
                               entry(rates, i + 1), s.text("padding"), 0);
  s.out(std::move(info));
}

void extractImagePatches(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  SmallVector<int64_t> sizes = s.integers("ksizes"), strides = s.integers("strides"),
                       rates = s.integers("rates");
  if (!from.hasRank(4) || sizes.size() != 4)
    return s.out(s.freshOfRank(4));
  ShapeInfo info = dimsOnly(from);
  for (size_t i = 1; i < 3; ++i)
    info.dims[i] = windows(s, from.dims[i], Dim(sizes[i]), entry(strides, i), entry(rates, i),
                           s.text("padding"), 0);
  info.dims[3] = s.times(info.dims[3], Dim(sizes[1] * sizes[2]));
  s.out(std::move(info));
}

constexpr ShapeRuleEntry kRules[] = {
    {"Conv2D", conv},
    {"Conv3D", conv},
    {"_FusedConv2D", conv},
    {"QuantizedConv2D", conv},
    {"QuantizedConv2DWithBias", conv},
    {"QuantizedConv2DWithBiasAndRelu", conv},
    {"DepthwiseConv2dNative", depthwise},
    {"_FusedDepthwiseConv2dNative", depthwise},
    {"Conv2DBackpropInput", convBackpropInput},
    {"Conv3DBackpropInput", convBackpropInput},
    {"Conv3DBackpropInputV2", convBackpropInput},
    {"DepthwiseConv2dNativeBackpropInput", convBackpropInput},
    {"Conv2DBackpropFilter", convBackpropFilter},
    {"Conv3DBackpropFilterV2", convBackpropFilter},
    {"DepthwiseConv2dNativeBackpropFilter", convBackpropFilter},
    {"MaxPool", pool},
    {"MaxPoolV2", pool},
    {"MaxPool3D", pool},
    {"MaxPoolWithArgmax", pool},
    {"AvgPool", pool},
    {"AvgPool3D", pool},
    {"QuantizedMaxPool", pool},
    {"QuantizedAvgPool", pool},
    {"AvgPoolGrad", [](NodeShapes &s) { s.out(s.shapeFromElements(s.in(0))); }},
    {"FractionalMaxPool", fractionalPool},
    {"FractionalAvgPool", fractionalPool},
    {"Dilation2D", dilation2d},
    {"ExtractImagePatches", extractImagePatches},
};

} // namespace

ShapeRules convShapeRules() { return kRules; }

} // namespace firn::graph
