#include "compiler/conversion/graph_to_kernel/ops/Window.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace firn::kernel {

std::optional<ImageFormat> imageFormat(NodeLowering &n, const Tensor &image) {
  StringRef text = n.text("data_format");
  ImageFormat format{text.starts_with("NC"), image.rank()};
  bool isKnown =
      text.empty() || text == "NHWC" || text == "NDHWC" || text == "NCHW" || text == "NCDHW";
  if (isKnown && image.rank() >= 3)
    return format;
  n.fail("images in " + text);
  return std::nullopt;
}

Sizes toChannelsLast(ArrayRef<Size> sizes, ImageFormat format) {
  Sizes last(sizes);
  if (format.channelsFirst)
    std::rotate(last.begin() + 1, last.begin() + 2, last.end());
  return last;
}

static Sizes toFormat(ArrayRef<Size> sizes, ImageFormat format) {
  Sizes first(sizes);
  if (format.channelsFirst)
    std::rotate(first.begin() + 1, first.end() - 1, first.end());
  return first;
}

Tensor toChannelsLast(NodeLowering &n, const Tensor &image, ImageFormat format) {
  if (!format.channelsFirst || !image)
    return image;
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, image.rank()));
  std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return n.transpose(image, order);
}

Tensor fromChannelsLast(NodeLowering &n, const Tensor &image, ImageFormat format) {
  if (!format.channelsFirst || !image)
    return image;
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, image.rank()));
  std::rotate(order.begin() + 1, order.end() - 1, order.end());
  return n.transpose(image, order);
}

SmallVector<int64_t> spatialList(ArrayRef<int64_t> list, ImageFormat format) {
  SmallVector<int64_t> spatial(format.spatialRank(), 1);
  if (static_cast<int64_t>(list.size()) == format.rank)
    for (int64_t i = 0; i < format.spatialRank(); ++i)
      spatial[i] = list[format.spatialAxis(i)];
  return spatial;
}

namespace {

// TensorFlow's SAME: as many outputs as strides fit, the larger half of the padding behind. With a
// stride of 1 it does not depend on the size of the image.
void placeSame(NodeLowering &n, WindowAxis &axis) {
  axis.out = n.ceilDiv(axis.in, n.size(axis.stride));
  Size padding = n.size(axis.extent() - 1);
  if (axis.stride > 1 && axis.extent() > 1) {
    Size covered = n.add(n.mul(n.sub(axis.out, n.size(1)), n.size(axis.stride)), padding);
    padding = n.max(n.sub(n.add(covered, n.size(1)), axis.in), n.size(0));
  } else if (axis.stride > 1) {
    padding = n.size(0);
  }
  axis.before = n.floorDiv(padding, n.size(2));
  axis.behind = n.sub(padding, axis.before);
}

void placePadded(NodeLowering &n, WindowAxis &axis, int64_t before, int64_t behind) {
  axis.before = n.size(before);
  axis.behind = n.size(behind);
  Size room = n.add(axis.in, n.size(before + behind - axis.extent() + axis.stride));
  axis.out = n.max(n.floorDiv(room, n.size(axis.stride)), n.size(0));
}

} // namespace

std::optional<WindowAxes> placeWindows(NodeLowering &n, ImageFormat format, ArrayRef<Size> sizes,
                                       ArrayRef<int64_t> window, ArrayRef<int64_t> strides,
                                       ArrayRef<int64_t> dilations) {
  StringRef padding = n.text("padding");
  SmallVector<int64_t> paddings = n.integers("explicit_paddings");
  bool isExplicit = padding == "EXPLICIT";
  if ((isExplicit && static_cast<int64_t>(paddings.size()) != 2 * format.rank) ||
      (!isExplicit && padding != "SAME" && padding != "VALID")) {
    n.fail("the padding " + padding);
    return std::nullopt;
  }
  WindowAxes axes;
  for (int64_t i = 0; i < format.spatialRank(); ++i) {
    WindowAxis axis;
    axis.in = sizes[1 + i];
    axis.window = window[i];
    axis.stride = strides[i];
    axis.dilation = dilations[i];
    int64_t at = 2 * format.spatialAxis(i);
    if (padding == "SAME")
      placeSame(n, axis);
    else
      placePadded(n, axis, isExplicit ? paddings[at] : 0, isExplicit ? paddings[at + 1] : 0);
    axes.push_back(axis);
  }
  return axes;
}

std::optional<WindowAxes> placeWindows(NodeLowering &n, ImageFormat format, ArrayRef<Size> sizes,
                                       ArrayRef<int64_t> window) {
  return placeWindows(n, format, sizes, window, spatialList(n.integers("strides"), format),
                      spatialList(n.integers("dilations"), format));
}

Sizes imageSizes(NodeLowering &n, ImageFormat format, Size batch, WindowAxes &axes, Size channels,
                 unsigned index) {
  Sizes sizes{batch};
  for (const WindowAxis &axis : axes)
    sizes.push_back(axis.out);
  sizes.push_back(channels);
  sizes = toChannelsLast(n.outSizes(index, toFormat(sizes, format)), format);
  for (auto [i, axis] : llvm::enumerate(axes))
    axis.out = sizes[1 + i];
  return sizes;
}

std::optional<SmallVector<int64_t>> constantPadding(const WindowAxes &axes) {
  SmallVector<int64_t> padding;
  for (const WindowAxis &axis : axes) {
    std::optional<int64_t> before = constantSize(axis.before), behind = constantSize(axis.behind);
    if (!before || !behind)
      return std::nullopt;
    padding.append({*before, *behind});
  }
  return padding;
}

SmallVector<int64_t> windowOf(const WindowAxes &axes) {
  return llvm::map_to_vector(axes, [](const WindowAxis &axis) { return axis.window; });
}
SmallVector<int64_t> stridesOf(const WindowAxes &axes) {
  return llvm::map_to_vector(axes, [](const WindowAxis &axis) { return axis.stride; });
}
SmallVector<int64_t> dilationsOf(const WindowAxes &axes) {
  return llvm::map_to_vector(axes, [](const WindowAxis &axis) { return axis.dilation; });
}

Tensor withPadding(NodeLowering &n, const Tensor &image, WindowAxes &axes, const Folding *filler) {
  if (!image)
    return {};
  Sizes sizes = image.sizes, offsets = n.repeated(0, image.rank());
  for (auto [i, axis] : llvm::enumerate(axes)) {
    offsets[1 + i] = axis.before;
    axis.in = sizes[1 + i] = n.add(sizes[1 + i], n.add(axis.before, axis.behind));
    axis.before = axis.behind = n.size(0);
  }
  if (sizes == image.sizes)
    return image;
  Tensor whole = n.generate(image.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange) {
    return filler ? filler->start(b, image.dtype).value : zeroOf(b, image.elementType());
  });
  return n.insert(image, whole, offsets, n.repeated(1, image.rank()));
}

// Where the tap of a window lies.
static AffineExpr tapPlace(const WindowAxis &axis, AffineExpr out, AffineExpr tap) {
  return out * axis.stride + tap * axis.dilation;
}

Tensor patchesOf(NodeLowering &n, const Tensor &image, const WindowAxes &axes) {
  if (!image)
    return {};
  Sizes sizes{image.sizes.front()};
  for (const WindowAxis &axis : axes)
    sizes.push_back(axis.out);
  for (const WindowAxis &axis : axes)
    sizes.push_back(n.size(axis.window));
  sizes.push_back(image.sizes.back());
  return n.generate(image.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Place> all = placesOf(b, at), places{all.front()};
    for (auto [i, axis] : llvm::enumerate(axes))
      places.push_back(all[1 + i] * axis.stride + all[1 + axes.size() + i] * axis.dilation);
    places.push_back(all.back());
    return NodeLowering::read(b, image, valuesOf(places));
  });
}

Value foldTaps(ImplicitLocOpBuilder &b, const WindowAxes &axes, ArrayRef<Place> at, Value start,
               const TapBody &step) {
  SmallVector<Place> taps, places;
  std::function<Value(ImplicitLocOpBuilder &, Value)> overAxis = [&](ImplicitLocOpBuilder &inner,
                                                                     Value so_far) -> Value {
    size_t i = taps.size();
    if (i == axes.size())
      return step(inner, taps, places, so_far);
    const WindowAxis &axis = axes[i];
    Place zero = placeOf(inner, int64_t(0)), dilation = placeOf(inner, axis.dilation);
    Place first = at[i] * axis.stride - placeOf(inner, axis.before);
    // Taps before the image's first element are skipped, and those behind its last.
    Place skipped = (max(zero - first, zero) + (axis.dilation - 1)) / dilation;
    Place inside = max(placeOf(inner, axis.in) - first + (axis.dilation - 1), zero) / dilation;
    Place end = min(inside, placeOf(inner, axis.window));
    return foldRange(skipped, end, so_far,
                     [&](ImplicitLocOpBuilder &body, Place tap, Value carried) {
                       taps.push_back(tap);
                       places.push_back(first + tap * axis.dilation);
                       Value result = overAxis(body, carried);
                       taps.pop_back();
                       places.pop_back();
                       return result;
                     });
  };
  return overAxis(b, start);
}

Tensor foldWindows(NodeLowering &n, const Tensor &image, const WindowAxes &axes,
                   const Folding &folding) {
  if (!image)
    return {};
  unsigned spatial = axes.size(), loops = 2 + 2 * spatial;
  auto dim = [&](unsigned i) { return n.b.getAffineDimExpr(i); };
  // Loops: batch, out…, window…, channels.
  SmallVector<AffineExpr> in{dim(0)}, out{dim(0)}, window;
  SmallVector<utils::IteratorType> kinds(loops, utils::IteratorType::parallel);
  Sizes sizes{image.sizes.front()}, taps;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    AffineExpr position = dim(1 + i), tap = dim(1 + spatial + i);
    in.push_back(tapPlace(axis, position, tap));
    out.push_back(position);
    window.push_back(tap);
    kinds[1 + spatial + i] = utils::IteratorType::reduction;
    sizes.push_back(axis.out);
    taps.push_back(n.size(axis.window));
  }
  in.push_back(dim(loops - 1));
  out.push_back(dim(loops - 1));
  sizes.push_back(image.sizes.back());
  Tensor result = n.generate(image.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange) {
    return folding.start(b, image.dtype).value;
  });
  // Only its shape counts: it says how far the loops over the window run.
  Tensor shape = n.empty(image.dtype, taps);
  MLIRContext *context = n.b.getContext();
  SmallVector<AffineMap> maps{AffineMap::get(loops, 0, in, context),
                              AffineMap::get(loops, 0, window, context),
                              AffineMap::get(loops, 0, out, context)};
  auto op = n.b.create<linalg::GenericOp>(
      result.value.getType(), ValueRange{image.value, shape.value}, result.value, maps, kinds,
      [&](OpBuilder &inner, Location loc, ValueRange x) {
        ImplicitLocOpBuilder b(loc, inner);
        Number so_far{&b, x[2], image.dtype}, element{&b, x[0], image.dtype};
        b.create<linalg::YieldOp>(folding.step(so_far, element).value);
      });
  result.value = op.getResult(0);
  return result;
}

} // namespace firn::kernel
