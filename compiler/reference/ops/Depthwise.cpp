// Convolutions of each channel with filters of its own, and grey dilation.
#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Window.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

struct Depthwise {
  ImageFormat format;
  WindowAxes axes;
  int64_t batch, channels, multiplier;

  Shape outputShape() const { return imageShape(format, batch, axes, channels * multiplier); }
};

// `in` is [batch, height, width, channels], `filter` [height, width, channels, multiplier].
std::optional<Depthwise> plan(Evaluation &e, ImageFormat format, llvm::ArrayRef<int64_t> in,
                              llvm::ArrayRef<int64_t> filter) {
  if (in.size() != 4 || filter.size() != 4 || in[3] != filter[2] || !countElements(filter)) {
    e.fail("expected images and a filter with as many channels, got " + shapeText(in) + " and " +
           shapeText(filter));
    return std::nullopt;
  }
  WindowAxes axes = windowAxes(e, format, in, {1, filter[0], filter[1]});
  if (e.failed())
    return std::nullopt;
  return Depthwise{format, axes, in[0], in[3], filter[3]};
}

// Calls product(i, f, o) for each pair of elements of input and filter whose product is a term of
// output element o.
template <typename Product> void forEachProduct(const Depthwise &conv, const Product &product) {
  int64_t positions = countOut(conv.axes), places = countIn(conv.axes);
  for (int64_t position = 0; position < conv.batch * positions; ++position) {
    int64_t image = position / positions;
    forEachTap(conv.axes, position % positions, [&](int64_t tap, int64_t place) {
      if (place < 0)
        return;
      int64_t in = (image * places + place) * conv.channels;
      int64_t filter = tap * conv.channels * conv.multiplier;
      int64_t out = position * conv.channels * conv.multiplier;
      for (int64_t c = 0; c < conv.channels; ++c, ++in)
        for (int64_t m = 0; m < conv.multiplier; ++m, ++filter, ++out)
          product(in, filter, out);
    });
  }
}

// The node's result: result[to] += a[…] * b[…] for each product, in the order that `add` says.
template <typename Add>
void accumulate(Evaluation &e, const Depthwise &conv, const Tensor &a, const Tensor &b,
                llvm::ArrayRef<int64_t> shape, const Add &add) {
  int dtype = a.dtype();
  Tensor result = e.make(0, dtype, shape);
  if (e.failed())
    return;
  dispatch(e, Floats{}, dtype, [&](auto zero) {
    using T = decltype(zero);
    using Sum = SumOf<T>;
    std::vector<Sum> left = widened<Sum>(a.values<T>()), right = widened<Sum>(b.values<T>());
    std::vector<Sum> sums(result.size());
    forEachProduct(conv, [&](int64_t i, int64_t f, int64_t o) {
      add(left.data(), right.data(), sums.data(), i, f, o);
    });
    narrow<Sum, T>(sums, result.mutableValues<T>());
  });
}

bool expectImages(Evaluation &e, llvm::ArrayRef<unsigned> inputs) {
  for (unsigned index : inputs)
    if (e.input(index).rank() != 4)
      return e.fail("expected images of 4 dimensions, got " + e.input(index).text()), false;
  return true;
}

void depthwise(Evaluation &e) {
  if (!expectImages(e, {0}))
    return;
  ImageFormat format = imageFormat(e, 4);
  Tensor image = toChannelsLast(e.input(0), format);
  std::optional<Depthwise> conv = plan(e, format, image.shape(), e.input(1).shape());
  if (!conv)
    return;
  accumulate(e, *conv, image, e.input(1), conv->outputShape(),
             [](const auto *in, const auto *filter, auto *out, int64_t i, int64_t f, int64_t o) {
               out[o] += in[i] * filter[f];
             });
  giveImage(e, format);
}

void backpropInput(Evaluation &e) {
  std::optional<Shape> sizes = sizesOf(e, 0);
  if (!sizes || !expectImages(e, {2}))
    return;
  ImageFormat format = imageFormat(e, 4);
  if (format.channelsFirst && sizes->size() == 4)
    std::rotate(sizes->begin() + 1, sizes->begin() + 2, sizes->end());
  Tensor gradient = toChannelsLast(e.input(2), format);
  std::optional<Depthwise> conv = plan(e, format, *sizes, e.input(1).shape());
  if (!conv || !expectGradient(e, conv->outputShape(), gradient))
    return;
  accumulate(e, *conv, e.input(1), gradient, *sizes,
             [](const auto *filter, const auto *out, auto *in, int64_t i, int64_t f, int64_t o) {
               in[i] += out[o] * filter[f];
             });
  giveImage(e, format);
}

void backpropFilter(Evaluation &e) {
  std::optional<Shape> sizes = sizesOf(e, 1);
  if (!sizes || !expectImages(e, {0, 2}))
    return;
  ImageFormat format = imageFormat(e, 4);
  Tensor image = toChannelsLast(e.input(0), format);
  Tensor gradient = toChannelsLast(e.input(2), format);
  std::optional<Depthwise> conv = plan(e, format, image.shape(), *sizes);
  if (!conv || !expectGradient(e, conv->outputShape(), gradient))
    return;
  accumulate(e, *conv, image, gradient, *sizes,
             [](const auto *in, const auto *out, auto *filter, int64_t i, int64_t f, int64_t o) {
               filter[f] += in[i] * out[o];
             });
}

template <typename T>
void dilate(const WindowAxes &axes, const Tensor &image, const Tensor &filter, Tensor &result) {
  int64_t channels = image.dim(3), positions = countOut(axes), places = countIn(axes);
  auto in = image.values<T>(), weights = filter.values<T>();
  auto out = result.mutableValues<T>();
  std::fill(out.begin(), out.end(), std::numeric_limits<T>::lowest());
  for (int64_t position = 0; position < image.dim(0) * positions; ++position)
    forEachTap(axes, position % positions, [&](int64_t tap, int64_t place) {
      if (place < 0)
        return;
      int64_t from = (position / positions * places + place) * channels;
      for (int64_t c = 0; c < channels; ++c) {
        T &largest = out[position * channels + c];
        largest = std::max<T>(largest, in[from + c] + weights[tap * channels + c]);
      }
    });
}

// The largest sum of an element and the filter's under the window.
void dilation2D(Evaluation &e) {
  const Tensor &image = e.input(0), &filter = e.input(1);
  if (image.rank() != 4 || filter.rank() != 3 || image.dim(3) != filter.dim(2) || !filter.size())
    return e.fail(
        "expected images and a filter [height,width,channels] with as many channels, got " +
        image.text() + " and " + filter.text());
  ImageFormat format{false, 4};
  std::array<int64_t, 3> strides = spatialList(e, "strides", format),
                         rates = spatialList(e, "rates", format);
  WindowAxes axes;
  for (int i = 1; i < 3; ++i) {
    axes[i].in = image.dim(i);
    axes[i].window = filter.dim(i - 1);
    axes[i].stride = strides[i];
    axes[i].dilation = rates[i];
  }
  if (!e.failed())
    placeWindows(e, format, axes);
  if (e.failed())
    return;
  Tensor result = e.make(0, e.dtype(), imageShape(format, image.dim(0), axes, image.dim(3)));
  if (!e.failed())
    dispatch(e, Reals{}, e.dtype(),
             [&](auto zero) { dilate<decltype(zero)>(axes, image, filter, result); });
}

constexpr KernelEntry kKernels[] = {
    {"DepthwiseConv2dNative", depthwise},
    {"DepthwiseConv2dNativeBackpropInput", backpropInput},
    {"DepthwiseConv2dNativeBackpropFilter", backpropFilter},
    {"Dilation2D", dilation2D},
};

} // namespace

KernelList depthwiseKernels() { return kKernels; }

} // namespace firn::reference
