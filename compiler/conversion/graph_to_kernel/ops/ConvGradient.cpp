// Gradients of convolutions. That of the input is what models call a transposed convolution: each
// element is spread over a window of the result.
#include "compiler/conversion/graph_to_kernel/ops/Conv.h"

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Movement.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// The taps `first`, `first + step`, … of each axis of the filter.
struct Taps {
  int64_t first, step, count;
};

// The results of a filter that belong to one group of a convolution.
struct Results {
  int64_t first, count;
};

// [window…, channels, results] as [taps…, results, channels], the last tap first.
Tensor turnedFilter(NodeLowering &n, ArrayRef<Taps> taps, Results results) {
  Tensor filter = n.in(1);
  if (!filter)
    return {};
  unsigned spatial = taps.size();
  if (std::optional<reference::Tensor> known = constantInput(n, 1)) {
    reference::Shape own = reference::stridesOf(known->shape()), shape, strides;
    int64_t start = results.first * own[spatial + 1];
    for (auto [i, tap] : llvm::enumerate(taps)) {
      shape.push_back(tap.count);
      strides.push_back(-tap.step * own[i]);
      start += (tap.first + (tap.count - 1) * tap.step) * own[i];
    }
    shape.append({results.count, known->dim(spatial)});
    strides.append({own[spatial + 1], own[spatial]});
    reference::Tensor turned(known->dtype(), shape);
    reference::copyElements(*known, {start, strides}, turned, {0, reference::stridesOf(shape)},
                            shape);
    return constantOf(n, turned);
  }
  Sizes sizes;
  for (const Taps &tap : taps)
    sizes.push_back(n.size(tap.count));
  sizes.append({n.size(results.count), filter.sizes[spatial]});
  return n.generate(filter.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Place> places = placesOf(b, at);
    std::swap(places[spatial], places[spatial + 1]);
    places[spatial + 1] = places[spatial + 1] + results.first;
    for (auto [i, tap] : llvm::enumerate(taps))
      places[i] = placeOf(b, tap.first + (tap.count - 1) * tap.step) - places[i] * tap.step;
    return NodeLowering::read(b, filter, valuesOf(places));
  });
}

// The gradient's elements a stride apart, zeros between and around them: then the gradient of the
// input is a convolution with the turned filter that needs no padding.
Tensor spread(NodeLowering &n, const Tensor &gradient, const WindowAxes &axes) {
  Sizes sizes = gradient.sizes, offsets = n.repeated(0, gradient.rank());
  Sizes strides = n.repeated(1, gradient.rank());
  for (auto [i, axis] : llvm::enumerate(axes)) {
    Size reach = n.size(axis.extent() - 1);
    sizes[1 + i] = n.add(axis.in, reach);
    offsets[1 + i] = n.sub(reach, axis.before);
    strides[1 + i] = n.size(axis.stride);
  }
  return n.insert(gradient, n.zeros(gradient.dtype, sizes), offsets, strides);
}

// The axes of the convolution that makes the input's gradient from the spread one.
WindowAxes spreadAxes(NodeLowering &n, const WindowAxes &axes) {
  WindowAxes plain = axes;
  for (WindowAxis &axis : plain) {
    axis.out = axis.in;
    axis.in = n.add(axis.in, n.size(axis.extent() - 1));
    axis.stride = 1;
    axis.before = axis.behind = n.size(0);
  }
  return plain;
}

// Results at places `phase`, `phase + stride`, … see the same taps of the filter, of consecutive
// elements of the gradient: a convolution without zeros between them.
struct Phase {
  Taps taps;
  WindowAxis axis;      // its `before` and `behind` may be negative
  Size count, firstRow; // results, and the first of them
};

std::optional<Phase> phaseOf(NodeLowering &n, const WindowAxis &axis, int64_t phase) {
  std::optional<int64_t> before = constantSize(axis.before);
  std::optional<int64_t> in = constantSize(axis.in), out = constantSize(axis.out);
  if (!before || !in || !out || axis.dilation != 1)
    return std::nullopt;
  int64_t first = (phase + *before) % axis.stride, shift = (phase + *before) / axis.stride;
  int64_t taps = axis.window > first ? (axis.window - first + axis.stride - 1) / axis.stride : 0;
  int64_t count = *in > phase ? (*in - phase + axis.stride - 1) / axis.stride : 0;
  Phase result;
  result.taps = {first, axis.stride, taps};
  result.axis.in = axis.out;
  result.axis.window = taps;
  result.axis.before = n.size(taps - 1 - shift);
  result.axis.behind = n.size(count - 1 + shift - (*out - 1));
  result.axis.out = n.size(count);
  result.count = n.size(count);
  result.firstRow = n.size(phase);
  return result;
}

// Negative padding takes elements away.
Tensor withoutCropped(NodeLowering &n, const Tensor &gradient, WindowAxes &axes) {
  Sizes offsets = n.repeated(0, gradient.rank()), sizes = gradient.sizes;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t before = staticSize(axis.before), behind = staticSize(axis.behind);
    offsets[1 + i] = n.size(std::max<int64_t>(-before, 0));
    int64_t cropped = std::max<int64_t>(-before, 0) + std::max<int64_t>(-behind, 0);
    sizes[1 + i] = n.sub(sizes[1 + i], n.size(cropped));
    axis.in = sizes[1 + i];
    axis.before = n.size(std::max<int64_t>(before, 0));
    axis.behind = n.size(std::max<int64_t>(behind, 0));
  }
  return n.slice(gradient, offsets, sizes);
}

Tensor phaseResult(NodeLowering &n, const Tensor &gradient, Results results, const Phase &y,
                   const Phase &x) {
  WindowAxes axes{y.axis, x.axis};
  Tensor part = withoutCropped(n, gradient, axes);
  return convolved(n, part, turnedFilter(n, {y.taps, x.taps}, results), axes);
}

// All phases of two axes, each convolution stored with gaps that the others fill. Nothing where
// sizes are not constant.
std::optional<Tensor> inPhases(NodeLowering &n, const Tensor &gradient, Results results,
                               const WindowAxes &axes, ArrayRef<Size> sizes) {
  if (axes.size() != 2 || gradient.dtype != DT_FLOAT)
    return std::nullopt;
  Sizes strides{n.size(1), n.size(axes[0].stride), n.size(axes[1].stride), n.size(1)};
  bool isCovered = axes[0].window >= axes[0].stride && axes[1].window >= axes[1].stride;
  Tensor whole = isCovered ? n.empty(gradient.dtype, sizes) : n.zeros(gradient.dtype, sizes);
  for (int64_t i = 0; i < axes[0].stride; ++i)
    for (int64_t j = 0; j < axes[1].stride; ++j) {
      std::optional<Phase> y = phaseOf(n, axes[0], i), x = phaseOf(n, axes[1], j);
      if (!y || !x)
        return std::nullopt;
      bool isEmpty = constantSize(y->count) == int64_t(0) || constantSize(x->count) == int64_t(0);
      if (isEmpty || y->taps.count == 0 || x->taps.count == 0)
        continue;
      Tensor part = phaseResult(n, gradient, results, *y, *x);
      if (axes[0].stride == 1 && axes[1].stride == 1)
        return part;
      whole = n.insert(part, whole, {n.size(0), y->firstRow, x->firstRow, n.size(0)}, strides);
    }
  return whole;
}

// Sizes of the input (channels last): all of them, or the spatial ones alone.
std::optional<Sizes> inputSizes(NodeLowering &n, ImageFormat format, const Tensor &gradient,
                                const Tensor &filter) {
  std::optional<Sizes> given = n.elements(0);
  if (!given)
    given = n.outSizes(0);
  if (!given)
    return std::nullopt;
  if (static_cast<int64_t>(given->size()) == format.rank)
    return toChannelsLast(n.outSizes(0, *given), format);
  given->insert(given->begin(), gradient.sizes.front());
  given->push_back(filter.sizes[format.spatialRank()]);
  return given;
}

Tensor inputGradient(NodeLowering &n, const Tensor &gradient, Results results,
                     const WindowAxes &axes, ArrayRef<Size> sizes) {
  if (std::optional<Tensor> result = inPhases(n, gradient, results, axes, sizes))
    return *result;
  SmallVector<Taps> all;
  for (const WindowAxis &axis : axes)
    all.push_back({0, 1, axis.window});
  return convolved(n, spread(n, gradient, axes), turnedFilter(n, all, results),
                   spreadAxes(n, axes));
}

// Each group by itself, the channels side by side.
Tensor inputGradients(NodeLowering &n, const Tensor &gradient, int64_t groups,
                      const WindowAxes &axes, ArrayRef<Size> sizes) {
  Results results{0, n.in(1).type().getShape().back() / groups};
  if (groups == 1)
    return inputGradient(n, gradient, results, axes, sizes);
  Sizes offsets = n.repeated(0, gradient.rank()), mine = gradient.sizes, channels(sizes);
  channels.back() = n.size(staticSize(sizes.back()) / groups);
  mine.back() = n.size(results.count);
  SmallVector<Tensor> parts;
  for (int64_t group = 0; group < groups; ++group, results.first += results.count) {
    offsets.back() = n.size(results.first);
    Tensor part = n.slice(gradient, offsets, mine);
    parts.push_back(inputGradient(n, part, results, axes, channels));
  }
  return n.concat(parts, gradient.rank() - 1);
}

void backpropInputOf(NodeLowering &n, const Tensor &given, std::optional<Sizes> sizes,
                     ImageFormat format) {
  Tensor filter = n.in(1);
  if (!sizes || !filter || !filter.type().hasStaticShape())
    return n.fail("sizes that are not known");
  Tensor gradient = toChannelsLast(n, given, format);
  std::optional<WindowAxes> axes =
      placeWindows(n, format, *sizes, filter.type().getShape().take_front(format.spatialRank()));
  if (!axes)
    return;
  std::optional<int64_t> channels = constantSize(sizes->back());
  if (!channels)
    return n.fail("channels of unknown number");
  for (auto [i, axis] : llvm::enumerate(*axes))
    axis.out = gradient.sizes[1 + i];
  int64_t groups = *channels / std::max<int64_t>(staticSize(filter.sizes[format.spatialRank()]), 1);
  n.give(fromChannelsLast(n, inputGradients(n, gradient, groups, *axes, *sizes), format));
}

void backpropInput(NodeLowering &n) {
  Tensor gradient = n.in(2), filter = n.in(1);
  std::optional<ImageFormat> format = gradient ? imageFormat(n, gradient) : std::nullopt;
  if (format && filter)
    backpropInputOf(n, gradient, inputSizes(n, *format, gradient, filter), *format);
}

// The first version of the op takes the input instead of its sizes.
void backpropInputOfTensor(NodeLowering &n) {
  Tensor gradient = n.in(2), input = n.in(0);
  std::optional<ImageFormat> format = gradient ? imageFormat(n, gradient) : std::nullopt;
  if (format && input)
    backpropInputOf(n, gradient, toChannelsLast(input.sizes, *format), *format);
}

void backpropFilter(NodeLowering &n) {
  Tensor input = n.in(0), given = n.in(2);
  std::optional<SmallVector<int64_t>> shape = n.constants(1);
  std::optional<ImageFormat> format = input && given ? imageFormat(n, input) : std::nullopt;
  if (!shape || !format)
    return;
  int64_t spatial = format->spatialRank();
  Tensor image = toChannelsLast(n, input, *format), gradient = toChannelsLast(n, given, *format);
  std::optional<WindowAxes> axes =
      placeWindows(n, *format, image.sizes, ArrayRef<int64_t>(*shape).take_front(spatial));
  if (!axes)
    return;
  std::optional<int64_t> channels = constantSize(image.sizes.back());
  if (!channels)
    return n.fail("channels of unknown number");
  int64_t each = (*shape)[spatial], groups = *channels / std::max<int64_t>(each, 1);
  Size results = n.size(shape->back() / std::max<int64_t>(groups, 1));
  auto inGroups = [&](const Tensor &x, Size size) {
    Sizes split(ArrayRef<Size>(x.sizes).drop_back());
    split.append({n.size(groups), size});
    return n.reshape(x, split);
  };
  // Loops: window…, channels, batch, out…, groups, results.
  auto dim = [&](unsigned i) { return n.b.getAffineDimExpr(i); };
  unsigned loops = 2 * spatial + 4;
  AffineExpr channel = dim(spatial), group = dim(loops - 2), result = dim(loops - 1);
  Factor in{inGroups(withPadding(n, image, *axes), n.size(each)), {dim(spatial + 1)}},
      by{inGroups(gradient, results), {dim(spatial + 1)}};
  SmallVector<AffineExpr> out;
  Sizes sizes, whole;
  for (auto [i, axis] : llvm::enumerate(*axes)) {
    AffineExpr position = dim(spatial + 2 + i);
    in.places.push_back(position * axis.stride + dim(i) * axis.dilation);
    by.places.push_back(position);
    out.push_back(dim(i));
    sizes.push_back(n.size(axis.window));
  }
  in.places.append({group, channel});
  by.places.append({group, result});
  out.append({channel, group, result});
  sizes.append({n.size(each), n.size(groups), results});
  for (int64_t size : *shape)
    whole.push_back(n.size(size));
  n.give(n.reshape(sumOfProducts(n, loops, in, by, out, sizes, image.dtype), whole));
}

// [window…, channels, multiplier], for which each channel sums up its multiples.
void depthwiseBackpropInput(NodeLowering &n) {
  Tensor given = n.in(2), filter = n.in(1);
  std::optional<ImageFormat> format = given && filter ? imageFormat(n, given) : std::nullopt;
  std::optional<Sizes> sizes = format ? inputSizes(n, *format, given, filter) : std::nullopt;
  if (!sizes || !filter.type().hasStaticShape())
    return n.fail("sizes that are not known");
  Tensor gradient = toChannelsLast(n, given, *format);
  std::optional<WindowAxes> axes =
      placeWindows(n, *format, *sizes, filter.type().getShape().take_front(2));
  if (!axes)
    return;
  Tensor wide = spread(n, gradient, *axes);
  WindowAxes plain = spreadAxes(n, *axes);
  Tensor turned =
      n.generate(filter.dtype, filter.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
        SmallVector<Place> places = placesOf(b, at);
        for (unsigned i : {0u, 1u})
          places[i] = placeOf(b, filter.sizes[i]) - 1 - places[i];
        return NodeLowering::read(b, filter, valuesOf(places));
      });
  // Loops: batch, out…, channel, window…, multiplier.
  auto dim = [&](unsigned i) { return n.b.getAffineDimExpr(i); };
  Sizes split(ArrayRef<Size>(wide.sizes).drop_back());
  split.append({filter.sizes[2], filter.sizes[3]});
  Factor in{n.reshape(wide, split), {dim(0)}}, by{turned, {dim(4), dim(5), dim(3), dim(6)}};
  for (auto [i, axis] : llvm::enumerate(plain))
    in.places.push_back(dim(1 + i) + dim(4 + i) * axis.dilation);
  in.places.append({dim(3), dim(6)});
  Tensor result =
      sumOfProducts(n, 7, in, by, {dim(0), dim(1), dim(2), dim(3)}, *sizes, gradient.dtype);
  n.give(fromChannelsLast(n, result, *format));
}

void depthwiseBackpropFilter(NodeLowering &n) {
  Tensor input = n.in(0), given = n.in(2);
  std::optional<SmallVector<int64_t>> shape = n.constants(1);
  std::optional<ImageFormat> format = input && given ? imageFormat(n, input) : std::nullopt;
  if (!shape || !format)
    return;
  Tensor image = toChannelsLast(n, input, *format), gradient = toChannelsLast(n, given, *format);
  std::optional<WindowAxes> axes =
      placeWindows(n, *format, image.sizes, ArrayRef<int64_t>(*shape).take_front(2));
  if (!axes)
    return;
  Sizes sizes;
  for (int64_t size : *shape)
    sizes.push_back(n.size(size));
  // Loops: window…, batch, out…, channel, multiplier.
  auto dim = [&](unsigned i) { return n.b.getAffineDimExpr(i); };
  Tensor padded = withPadding(n, image, *axes);
  Sizes split(ArrayRef<Size>(gradient.sizes).drop_back());
  split.append({sizes[2], sizes[3]});
  Factor in{padded, {dim(2)}},
      by{n.reshape(gradient, split), {dim(2), dim(3), dim(4), dim(5), dim(6)}};
  for (auto [i, axis] : llvm::enumerate(*axes))
    in.places.push_back(dim(3 + i) * axis.stride + dim(i) * axis.dilation);
  in.places.push_back(dim(5));
  n.give(sumOfProducts(n, 7, in, by, {dim(0), dim(1), dim(5), dim(6)}, sizes, image.dtype));
}

const LoweringEntry kConvGradient[] = {
    {"Conv2DBackpropFilter", backpropFilter},
    {"Conv2DBackpropInput", backpropInput},
    {"Conv3DBackpropFilterV2", backpropFilter},
    {"Conv3DBackpropInput", backpropInputOfTensor},
    {"Conv3DBackpropInputV2", backpropInput},
    {"DepthwiseConv2dNativeBackpropFilter", depthwiseBackpropFilter},
    {"DepthwiseConv2dNativeBackpropInput", depthwiseBackpropInput},
};

} // namespace

Lowerings convGradientLowerings() { return kConvGradient; }

} // namespace firn::kernel
