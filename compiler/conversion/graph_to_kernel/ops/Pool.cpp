// The largest element, or the mean, of a window.
#include "compiler/conversion/graph_to_kernel/ops/Pool.h"

#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

Tensor libraryPool(NodeLowering &n, const Tensor &image, const WindowAxes &axes,
                   ArrayRef<Size> sizes, PoolKind kind) {
  SmallVector<int64_t> padding = *constantPadding(axes);
  return n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<PoolOp>(init.getType(), image.value, init, ValueRange(), kind, windowOf(axes),
                              stridesOf(axes), padding);
  });
}

// How many elements of the image lie under the window at a place: the others count for nothing.
Number tapsInside(ImplicitLocOpBuilder &b, const WindowAxes &axes, int dtype) {
  Place count = placeOf(b, int64_t(1)), zero = placeOf(b, int64_t(0));
  for (auto [i, axis] : llvm::enumerate(axes)) {
    Place out = placeOf(b, b.create<linalg::IndexOp>(1 + i).getResult());
    Place first = out * axis.stride - placeOf(b, axis.before);
    Place end = min(first + axis.window, placeOf(b, axis.in));
    count = count * (end - max(first, zero));
  }
  return fromIndex(b, count.value, dtype);
}

Tensor meanOfWindows(NodeLowering &n, const Tensor &image, const WindowAxes &axes) {
  Tensor wide = widened(n, image);
  WindowAxes placed = axes;
  Tensor sums = foldWindows(n, withPadding(n, wide, placed), placed, kAdding);
  if (!sums)
    return {};
  return map(n, {sums}, image.dtype, sums.sizes,
             [&](ArrayRef<Number> x) { return x[0] / tapsInside(*x[0].b, axes, x[0].dtype); });
}

} // namespace

Tensor pooled(NodeLowering &n, const Tensor &input, ArrayRef<int64_t> window,
              ArrayRef<int64_t> strides, PoolKind kind) {
  std::optional<ImageFormat> format = input ? imageFormat(n, input) : std::nullopt;
  if (!format)
    return {};
  Tensor image = toChannelsLast(n, input, *format);
  SmallVector<int64_t> ones(format->spatialRank(), 1);
  std::optional<WindowAxes> axes = placeWindows(
      n, *format, image.sizes, spatialList(window, *format), spatialList(strides, *format), ones);
  if (!axes)
    return {};
  Sizes sizes = imageSizes(n, *format, image.sizes.front(), *axes, image.sizes.back());
  Tensor result;
  // The library's pools are made for images of one size.
  bool isFixed = llvm::all_of(ArrayRef<Size>(image.sizes).drop_front(),
                              [](Size size) { return constantSize(size).has_value(); });
  if (image.dtype == DT_FLOAT && format->rank == 4 && isFixed && constantPadding(*axes))
    result = libraryPool(n, image, *axes, sizes, kind);
  else if (kind == PoolKind::Average)
    result = meanOfWindows(n, image, *axes);
  else
    result = foldWindows(n, withPadding(n, image, *axes, &kGreatest), *axes, kGreatest);
  return fromChannelsLast(n, result, *format);
}

namespace {

// Windows over the channels lie side by side.
void depthPool(NodeLowering &n, int64_t depth) {
  Tensor image = n.in(0);
  if (!image)
    return;
  Sizes split = image.sizes, sizes = image.sizes;
  split.back() = sizes.back() = n.floorDiv(split.back(), n.size(depth));
  split.push_back(n.size(depth));
  n.give(n.reshape(fold(n, n.reshape(image, split), {image.rank()}, false, kGreatest), sizes));
}

void maxPoolOf(NodeLowering &n, ArrayRef<int64_t> window, ArrayRef<int64_t> strides) {
  bool overChannels = window.size() == 4 && window.back() > 1 && n.text("data_format") != "NCHW";
  if (overChannels)
    return depthPool(n, window.back());
  n.give(pooled(n, n.in(0), window, strides, PoolKind::Max));
}

void maxPool(NodeLowering &n) { maxPoolOf(n, n.integers("ksize"), n.integers("strides")); }

void maxPoolV2(NodeLowering &n) {
  std::optional<SmallVector<int64_t>> window = n.constants(1), strides = n.constants(2);
  if (window && strides)
    maxPoolOf(n, *window, *strides);
}

void averagePool(NodeLowering &n) {
  n.give(pooled(n, n.in(0), n.integers("ksize"), n.integers("strides"), PoolKind::Average));
}

// The place of the largest element of each window in its image, flattened; of equal ones the first.
Tensor placesOfLargest(NodeLowering &n, const Tensor &image, const WindowAxes &axes,
                       ArrayRef<Size> sizes) {
  return n.generate(DT_INT64, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Place> out = placesOf(b, at.drop_front().drop_back());
    Place width = placeOf(b, image.sizes[2]), channels = placeOf(b, image.sizes[3]);
    Place channel = placeOf(b, at.back());
    auto elementAt = [&](Place flat) {
      Place pixel = flat / channels;
      Value y = (pixel / width).value, x = (pixel % width).value;
      return Number{&b, NodeLowering::read(b, image, {at.front(), y, x, at.back()}), image.dtype};
    };
    auto step = [&](ImplicitLocOpBuilder &, ArrayRef<Place>, ArrayRef<Place> places,
                    Value so_far) -> Value {
      Place here = (places[0] * width + places[1]) * channels + channel, best{&b, so_far};
      Place known = max(best, placeOf(b, int64_t(0)));
      Condition isLarger{&b, (elementAt(here) > elementAt(known)).value};
      return choose(best < 0 || isLarger, here, best).value;
    };
    Value largest = foldTaps(b, axes, out, placeOf(b, int64_t(-1)).value, step);
    return b.create<arith::IndexCastOp>(b.getI64Type(), largest);
  });
}

void maxPoolWithArgmax(NodeLowering &n) {
  Tensor image = n.in(0);
  std::optional<ImageFormat> format = image ? imageFormat(n, image) : std::nullopt;
  if (!format)
    return;
  SmallVector<int64_t> ones(format->spatialRank(), 1);
  std::optional<WindowAxes> axes =
      placeWindows(n, *format, image.sizes, spatialList(n.integers("ksize"), *format),
                   spatialList(n.integers("strides"), *format), ones);
  if (!axes)
    return;
  Sizes sizes = imageSizes(n, *format, image.sizes.front(), *axes, image.sizes.back());
  Tensor places = placesOfLargest(n, image, *axes, sizes);
  Size pixels = n.mul(image.sizes[1], image.sizes[2]);
  Tensor flat = n.reshape(image, {image.sizes[0], n.mul(pixels, image.sizes[3])});
  n.give(0, n.generate(image.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Place place = placeOf(b, NodeLowering::read(b, places, at));
    Value kept = clamp(place, placeOf(b, flat.sizes[1])).value;
    return NodeLowering::read(b, flat, {at.front(), kept});
  }));
  Size imageSize = flat.sizes[1];
  bool acrossBatch = n.flag("include_batch_in_index");
  n.give(1, map(n, {places}, n.outDtype(1), sizes, [&](ArrayRef<Number> x) {
           if (!acrossBatch)
             return x[0];
           ImplicitLocOpBuilder &b = *x[0].b;
           Place batch = placeOf(b, b.create<linalg::IndexOp>(0).getResult());
           return x[0] + fromIndex(b, (batch * placeOf(b, imageSize)).value, DT_INT64);
         }));
}

const LoweringEntry kPool[] = {
    {"AvgPool", averagePool}, {"AvgPool3D", averagePool}, {"MaxPool", maxPool},
    {"MaxPool3D", maxPool},   {"MaxPoolV2", maxPoolV2},   {"MaxPoolWithArgmax", maxPoolWithArgmax},
};

} // namespace

Lowerings poolLowerings() { return kPool; }

} // namespace firn::kernel
