// Convolutions. The library has those of f32 images with a constant filter; others are a product of
// the elements under each window with the filter, or plain sums of products.
#include "compiler/conversion/graph_to_kernel/ops/Conv.h"

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Movement.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

namespace {

Sizes resultSizes(const Tensor &image, const WindowAxes &axes, Size channels) {
  Sizes sizes{image.sizes.front()};
  for (const WindowAxis &axis : axes)
    sizes.push_back(axis.out);
  sizes.push_back(channels);
  return sizes;
}

Tensor libraryConv(NodeLowering &n, const Tensor &given, const Tensor &filter, WindowAxes axes) {
  Tensor image = constantPadding(axes) ? given : withPadding(n, given, axes);
  Value panels = n.panels(filter, /*transposed=*/false);
  Sizes sizes = resultSizes(image, axes, filter.sizes.back());
  return n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<Conv2DOp>(init.getType(), image.value, panels, init, ValueRange(),
                                windowOf(axes), stridesOf(axes), dilationsOf(axes),
                                *constantPadding(axes));
  });
}

// Of each place a row of the elements under the window; the product with the filter's columns.
Tensor productOfPatches(NodeLowering &n, const Tensor &image, const Tensor &matrix,
                        const WindowAxes &axes) {
  Sizes sizes = resultSizes(image, axes, matrix.sizes.back());
  Size rows = n.product(ArrayRef<Size>(sizes).drop_back());
  bool isWhole = llvm::all_of(
      axes, [](const WindowAxis &axis) { return axis.window == 1 && axis.stride == 1; });
  Tensor patches = n.reshape(isWhole ? image : patchesOf(n, image, axes), {rows, matrix.sizes[0]});
  return n.reshape(matrixProduct(n, patches, matrix, false, image.dtype), sizes);
}

// Row after row of the result: only what lies under the windows of one has to be stored.
Tensor productsByRow(NodeLowering &n, const Tensor &image, const Tensor &matrix,
                     const WindowAxes &axes) {
  Sizes ones = n.repeated(1, image.rank()), part = image.sizes;
  part[1] = n.size(axes.front().extent());
  WindowAxes single = axes;
  single.front().in = part[1];
  single.front().out = n.size(1);
  Tensor empty = n.zeros(image.dtype, resultSizes(image, axes, matrix.sizes.back()));
  auto oneRow = [&](Size row, ArrayRef<Tensor> so_far) -> SmallVector<Tensor> {
    Sizes from = n.repeated(0, image.rank()), to = from;
    from[1] = n.mul(row, n.size(axes.front().stride));
    to[1] = row;
    Tensor made = productOfPatches(n, n.slice(image, from, part, ones), matrix, single);
    return {n.insert(made, so_far.front(), to, ones)};
  };
  return n.rounds(axes.front().out, empty, oneRow).front();
}

// A constant behind a reshape is one of another shape.
Tensor reshapedFilter(NodeLowering &n, const Tensor &filter, ArrayRef<Size> sizes) {
  return isConstant(filter) ? reshapedConstant(n, filter, sizes) : n.reshape(filter, sizes);
}

// The library's convolutions are made for images of one size.
bool hasFixedSizes(const Tensor &image) {
  return llvm::all_of(ArrayRef<Size>(image.sizes).drop_front(),
                      [](Size size) { return constantSize(size).has_value(); });
}

Tensor productConv(NodeLowering &n, const Tensor &given, const Tensor &filter, WindowAxes axes) {
  Tensor image = withPadding(n, given, axes);
  Size terms = n.product(ArrayRef<Size>(filter.sizes).drop_back());
  Tensor matrix = reshapedFilter(n, filter, {terms, filter.sizes.back()});
  bool isSmall = hasFixedSizes(given) || axes.front().extent() == 1;
  return isSmall ? productOfPatches(n, image, matrix, axes) : productsByRow(n, image, matrix, axes);
}

// Loops: batch, out…, group, window…, channels of the group, results of the group.
Tensor sumsOverWindows(NodeLowering &n, const Tensor &given, const Tensor &filter, WindowAxes axes,
                       int64_t groups) {
  Tensor image = withPadding(n, given, axes);
  Size each = filter.sizes[filter.rank() - 2];
  Size results = n.floorDiv(filter.sizes.back(), n.size(groups));
  unsigned spatial = axes.size(), loops = 4 + 2 * spatial;
  auto dim = [&](unsigned i) { return n.b.getAffineDimExpr(i); };
  AffineExpr group = dim(1 + spatial), channel = dim(loops - 2), result = dim(loops - 1);
  Sizes grouped(ArrayRef<Size>(image.sizes).drop_back());
  grouped.append({n.size(groups), each});
  Sizes filters(ArrayRef<Size>(filter.sizes).drop_back());
  filters.append({n.size(groups), results});
  Factor in{n.reshape(image, grouped), {dim(0)}}, by{n.reshape(filter, filters), {}};
  SmallVector<AffineExpr> out{dim(0)};
  for (auto [i, axis] : llvm::enumerate(axes)) {
    AffineExpr tap = dim(2 + spatial + i);
    in.places.push_back(dim(1 + i) * axis.stride + tap * axis.dilation);
    by.places.push_back(tap);
    out.push_back(dim(1 + i));
  }
  in.places.append({group, channel});
  by.places.append({channel, group, result});
  out.append({group, result});
  Sizes sizes = resultSizes(image, axes, n.size(groups));
  sizes.push_back(results);
  Tensor sums = sumOfProducts(n, loops, in, by, out, sizes, image.dtype);
  return n.reshape(sums, resultSizes(image, axes, filter.sizes.back()));
}

Tensor depthwiseConv(NodeLowering &n, const Tensor &given, const Tensor &filter, WindowAxes axes) {
  Tensor image = constantPadding(axes) ? given : withPadding(n, given, axes);
  Sizes sizes = resultSizes(image, axes, filter.sizes.back());
  return n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<DepthwiseConv2DOp>(init.getType(), image.value, filter.value, init,
                                         ValueRange(), windowOf(axes), stridesOf(axes),
                                         dilationsOf(axes), *constantPadding(axes));
  });
}

// The results `first` to `first + count` - 1 of a filter.
Tensor resultsOf(NodeLowering &n, const std::optional<reference::Tensor> &known,
                 const Tensor &filter, int64_t first, int64_t count) {
  if (!known) {
    Sizes offsets = n.repeated(0, filter.rank()), sizes = filter.sizes;
    offsets.back() = n.size(first);
    sizes.back() = n.size(count);
    return n.slice(filter, offsets, sizes);
  }
  reference::Shape shape(known->shape()), strides = reference::stridesOf(known->shape());
  shape.back() = count;
  reference::Tensor part(known->dtype(), shape);
  reference::copyElements(*known, {first, strides}, part, {0, reference::stridesOf(shape)}, shape);
  return constantOf(n, part);
}

// Each group by itself, the results side by side.
Tensor groupedConv(NodeLowering &n, const Tensor &image, const Tensor &filter,
                   const std::optional<reference::Tensor> &known, const WindowAxes &axes,
                   int64_t groups) {
  int64_t each = staticSize(filter.sizes[2]), results = staticSize(filter.sizes[3]) / groups;
  SmallVector<Tensor> parts;
  for (int64_t group = 0; group < groups; ++group) {
    Sizes offsets = n.repeated(0, image.rank()), sizes = image.sizes;
    offsets.back() = n.size(group * each);
    sizes.back() = n.size(each);
    parts.push_back(convolved(n, n.slice(image, offsets, sizes),
                              resultsOf(n, known, filter, group * results, results), axes));
  }
  return n.concat(parts, image.rank() - 1);
}

} // namespace

Tensor convolved(NodeLowering &n, const Tensor &image, const Tensor &filter,
                 const WindowAxes &axes) {
  if (!image || !filter)
    return {};
  if (image.dtype != DT_FLOAT)
    return sumsOverWindows(n, image, filter, axes, 1);
  if (axes.size() == 2 && isConstant(filter) && hasFixedSizes(image))
    return libraryConv(n, image, filter, axes);
  return productConv(n, image, filter, axes);
}

namespace {

Tensor convolvedInGroups(NodeLowering &n, const Tensor &image, const Tensor &filter,
                         const WindowAxes &axes, int64_t groups) {
  std::optional<reference::Tensor> known = constantInput(n, 1);
  if (image.dtype != DT_FLOAT || axes.size() != 2)
    return sumsOverWindows(n, image, filter, axes, groups);
  ArrayRef<Size> sizes = filter.sizes;
  if (n.isOne(sizes[2]) && hasFixedSizes(image))
    return depthwiseConv(n, image, reshapedFilter(n, filter, {sizes[0], sizes[1], sizes[3]}), axes);
  return groupedConv(n, image, filter, known, axes, groups);
}

void conv(NodeLowering &n) {
  Tensor input = n.in(0), filter = n.in(1);
  if (!input || !filter)
    return;
  std::optional<ImageFormat> format = imageFormat(n, input);
  if (!format)
    return;
  Tensor image = toChannelsLast(n, input, *format);
  if (!filter.type().hasStaticShape() || !constantSize(image.sizes.back()))
    return n.fail("filters and channels of unknown sizes");
  SmallVector<int64_t> shape(filter.type().getShape());
  std::optional<WindowAxes> axes =
      placeWindows(n, *format, image.sizes, ArrayRef<int64_t>(shape).drop_back(2));
  if (!axes)
    return;
  imageSizes(n, *format, image.sizes.front(), *axes, filter.sizes.back());
  int64_t groups = staticSize(image.sizes.back()) / std::max<int64_t>(shape[shape.size() - 2], 1);
  Tensor result = groups == 1 ? convolved(n, image, filter, *axes)
                              : convolvedInGroups(n, image, filter, *axes, groups);
  n.give(fromChannelsLast(n, result, *format));
}

// [batch, out…, channel, multiplier]: loops over all these, and the window.
Tensor depthwiseSums(NodeLowering &n, const Tensor &given, const Tensor &filter, WindowAxes axes) {
  Tensor image = withPadding(n, given, axes);
  auto dim = [&](unsigned i) { return n.b.getAffineDimExpr(i); };
  Factor in{image, {dim(0)}}, by{filter, {}};
  SmallVector<AffineExpr> out{dim(0), dim(1), dim(2), dim(5), dim(6)};
  for (auto [i, axis] : llvm::enumerate(axes)) {
    in.places.push_back(dim(1 + i) * axis.stride + dim(3 + i) * axis.dilation);
    by.places.push_back(dim(3 + i));
  }
  in.places.push_back(dim(5));
  by.places.append({dim(5), dim(6)});
  Sizes sizes = resultSizes(image, axes, filter.sizes[2]);
  sizes.push_back(filter.sizes[3]);
  Tensor sums = sumOfProducts(n, 7, in, by, out, sizes, image.dtype);
  return n.reshape(sums, resultSizes(image, axes, n.mul(filter.sizes[2], filter.sizes[3])));
}

void depthwise(NodeLowering &n) {
  Tensor input = n.in(0), filter = n.in(1);
  std::optional<ImageFormat> format = input && filter ? imageFormat(n, input) : std::nullopt;
  if (!format)
    return;
  Tensor image = toChannelsLast(n, input, *format);
  if (!filter.type().hasStaticShape())
    return n.fail("filters of unknown sizes");
  std::optional<WindowAxes> axes =
      placeWindows(n, *format, image.sizes, filter.type().getShape().take_front(2));
  if (!axes)
    return;
  Size channels = n.mul(filter.sizes[2], filter.sizes[3]);
  imageSizes(n, *format, image.sizes.front(), *axes, channels);
  Tensor result;
  if (image.dtype == DT_FLOAT && hasFixedSizes(image)) {
    Sizes flat{filter.sizes[0], filter.sizes[1], channels};
    result = depthwiseConv(n, image, reshapedFilter(n, filter, flat), *axes);
  } else {
    result = depthwiseSums(n, image, filter, *axes);
  }
  n.give(fromChannelsLast(n, result, *format));
}

// The largest sum of an element and the filter's under the window.
void dilation(NodeLowering &n) {
  Tensor image = n.in(0), filter = n.in(1);
  if (!image || !filter)
    return;
  if (!filter.type().hasStaticShape())
    return n.fail("filters of unknown sizes");
  ImageFormat format{false, 4};
  std::optional<WindowAxes> axes = placeWindows(
      n, format, image.sizes, filter.type().getShape().take_front(2),
      spatialList(n.integers("strides"), format), spatialList(n.integers("rates"), format));
  if (!axes)
    return;
  Sizes sizes = imageSizes(n, format, image.sizes.front(), *axes, image.sizes.back());
  n.give(n.generate(image.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    auto step = [&](ImplicitLocOpBuilder &, ArrayRef<Place> taps, ArrayRef<Place> places,
                    Value so_far) {
      Value element =
          NodeLowering::read(b, image, {at.front(), places[0].value, places[1].value, at.back()});
      Value weight = NodeLowering::read(b, filter, {taps[0].value, taps[1].value, at.back()});
      Number sum = Number{&b, element, image.dtype} + Number{&b, weight, image.dtype};
      return maximum(Number{&b, so_far, image.dtype}, sum).value;
    };
    return foldTaps(b, *axes, placesOf(b, at.drop_front().drop_back()),
                    kGreatest.start(b, image.dtype).value, step);
  }));
}

void extractPatches(NodeLowering &n) {
  Tensor image = n.in(0);
  if (!image)
    return;
  ImageFormat format{false, 4};
  std::optional<WindowAxes> axes = placeWindows(
      n, format, image.sizes, spatialList(n.integers("ksizes"), format),
      spatialList(n.integers("strides"), format), spatialList(n.integers("rates"), format));
  if (!axes)
    return;
  Size taps = n.size((*axes)[0].window * (*axes)[1].window);
  Sizes sizes = imageSizes(n, format, image.sizes.front(), *axes, n.mul(taps, image.sizes.back()));
  n.give(n.reshape(patchesOf(n, withPadding(n, image, *axes), *axes), sizes));
}

const LoweringEntry kConv[] = {
    {"Conv2D", conv},
    {"Conv3D", conv},
    {"DepthwiseConv2dNative", depthwise},
    {"Dilation2D", dilation},
    {"ExtractImagePatches", extractPatches},
};

} // namespace

Lowerings convLowerings() { return kConv; }

} // namespace firn::kernel
