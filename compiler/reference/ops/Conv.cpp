// Convolutions and their gradients, as products of matrices: a row for each output position holds
// the elements under its window.
#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Window.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using Types = Concat<Floats, TypeList<int32_t>>::Type;

struct Convolution {
  ImageFormat format;
  WindowAxes axes;
  int64_t batch = 0, inChannels = 0, outChannels = 0, groups = 1;

  int64_t groupIn() const { return inChannels / groups; }
  int64_t groupOut() const { return outChannels / groups; }
  /// Elements under a window, of one group.
  int64_t depth() const { return countTaps(axes) * groupIn(); }
  Shape inputShape() const {
    Shape shape{batch};
    for (const WindowAxis &axis : llvm::ArrayRef(axes).take_back(format.spatialRank()))
      shape.push_back(axis.in);
    shape.push_back(inChannels);
    return shape;
  }
  Shape outputShape() const { return imageShape(format, batch, axes, outChannels); }
};

// `in` is channels last; `filter` is [spatial…, input channels of a group, output channels].
std::optional<Convolution> plan(Evaluation &e, ImageFormat format, llvm::ArrayRef<int64_t> in,
                                llvm::ArrayRef<int64_t> filter) {
  int64_t groupIn = filter.drop_back().back();
  Convolution conv{format, {}, in.front(), in.back(), filter.back(), 1};
  if (groupIn <= 0 || conv.inChannels % groupIn != 0 || conv.inChannels == 0 ||
      conv.outChannels % (conv.inChannels / groupIn) != 0) {
    e.fail("expected input channels in groups of the filter's, and as many output channels for "
           "each, got " +
           shapeText(in) + " and " + shapeText(filter));
    return std::nullopt;
  }
  conv.groups = conv.inChannels / groupIn;
  std::array<int64_t, 3> window{1, 1, 1};
  std::copy_n(filter.begin(), format.spatialRank(), window.end() - format.spatialRank());
  if (llvm::is_contained(window, 0))
    e.fail("expected a filter with elements, got " + shapeText(filter));
  else
    conv.axes = windowAxes(e, format, in, window);
  return e.failed() ? std::nullopt : std::optional(conv);
}

// Rows that are worked on at a time, so that memory stays small and in the cache.
constexpr int64_t kChunk = 64;

// Calls work(group, image, first, rows) for chunks of output positions; the filter's group is set
// up by begin(group).
template <typename Begin, typename Work>
void forEachChunk(const Convolution &conv, const Begin &begin, const Work &work) {
  int64_t positions = countOut(conv.axes);
  for (int64_t group = 0; group < conv.groups; ++group) {
    begin(group);
    for (int64_t image = 0; image < conv.batch; ++image)
      for (int64_t first = 0; first < positions; first += kChunk)
        work(group, image, first, std::min(kChunk, positions - first));
  }
}

// The elements under the windows of `rows` positions, zeros in the padding: [rows, depth].
// `channels` is the first channel of the group at the image's first place.
template <typename T>
void readPatches(const Convolution &conv, const T *channels, int64_t first, int64_t rows,
                 T *patches) {
  for (int64_t row = 0; row < rows; ++row, patches += conv.depth())
    forEachTap(conv.axes, first + row, [&](int64_t tap, int64_t place) {
      T *to = patches + tap * conv.groupIn();
      if (place < 0)
        std::fill_n(to, conv.groupIn(), T());
      else
        std::copy_n(channels + place * conv.inChannels, conv.groupIn(), to);
    });
}

// Adds each element of the patches to the place that it was read from.
template <typename T>
void addPatches(const Convolution &conv, const T *patches, int64_t first, int64_t rows,
                T *channels) {
  for (int64_t row = 0; row < rows; ++row, patches += conv.depth())
    forEachTap(conv.axes, first + row, [&](int64_t tap, int64_t place) {
      if (place < 0)
        return;
      T *to = channels + place * conv.inChannels;
      const T *from = patches + tap * conv.groupIn();
      for (int64_t i = 0; i < conv.groupIn(); ++i)
        to[i] += from[i];
    });
}

template <typename T>
std::vector<T> forward(const Convolution &conv, const std::vector<T> &input,
                       const std::vector<T> &filter) {
  int64_t positions = countOut(conv.axes), places = countIn(conv.axes);
  std::vector<T> output(conv.batch * positions * conv.outChannels);
  std::vector<T> patches(kChunk * conv.depth());
  std::optional<Panels<T>> panels;
  forEachChunk(
      conv,
      [&](int64_t group) {
        panels.emplace(filter.data() + group * conv.groupOut(), conv.depth(), conv.groupOut(),
                       conv.outChannels);
      },
      [&](int64_t group, int64_t image, int64_t first, int64_t rows) {
        const T *from = input.data() + image * places * conv.inChannels + group * conv.groupIn();
        readPatches(conv, from, first, rows, patches.data());
        T *to = output.data() + (image * positions + first) * conv.outChannels +
                group * conv.groupOut();
        panels->multiply(patches.data(), conv.depth(), to, conv.outChannels, rows);
      });
  return output;
}

template <typename T>
std::vector<T> inputGradient(const Convolution &conv, const std::vector<T> &filter,
                             const std::vector<T> &output) {
  int64_t positions = countOut(conv.axes), places = countIn(conv.axes);
  std::vector<T> input(conv.batch * places * conv.inChannels);
  std::vector<T> turned = transposed(filter.data(), conv.depth(), conv.outChannels);
  std::optional<Panels<T>> panels;
  forEachChunk(
      conv,
      [&](int64_t group) {
        panels.emplace(turned.data() + group * conv.groupOut() * conv.depth(), conv.groupOut(),
                       conv.depth(), conv.depth());
      },
      [&](int64_t group, int64_t image, int64_t first, int64_t rows) {
        const T *from = output.data() + (image * positions + first) * conv.outChannels +
                        group * conv.groupOut();
        std::vector<T> patches(rows * conv.depth());
        panels->multiply(from, conv.outChannels, patches.data(), conv.depth(), rows);
        T *to = input.data() + image * places * conv.inChannels + group * conv.groupIn();
        addPatches(conv, patches.data(), first, rows, to);
      });
  return input;
}

template <typename T>
std::vector<T> filterGradient(const Convolution &conv, const std::vector<T> &input,
                              const std::vector<T> &output) {
  int64_t positions = countOut(conv.axes), places = countIn(conv.axes);
  std::vector<T> filter(conv.depth() * conv.outChannels), patches(kChunk * conv.depth());
  forEachChunk(
      conv, [](int64_t) {},
      [&](int64_t group, int64_t image, int64_t first, int64_t rows) {
        const T *from = input.data() + image * places * conv.inChannels + group * conv.groupIn();
        readPatches(conv, from, first, rows, patches.data());
        const T *gradient = output.data() + (image * positions + first) * conv.outChannels +
                            group * conv.groupOut();
        Panels<T> panels(gradient, rows, conv.groupOut(), conv.outChannels);
        std::vector<T> turned = transposed(patches.data(), rows, conv.depth());
        panels.multiply(turned.data(), rows, filter.data() + group * conv.groupOut(),
                        conv.outChannels, conv.depth());
      });
  return filter;
}

// Computes the node's result from two tensors, the images among them channels last.
template <typename Compute>
void compute(Evaluation &e, const Tensor &a, const Tensor &b, llvm::ArrayRef<int64_t> shape,
             const Compute &function) {
  Tensor result = e.make(0, a.dtype(), shape);
  if (e.failed())
    return;
  dispatch(e, Types{}, a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto sums = function(widened<SumOf<T>>(a.values<T>()), widened<SumOf<T>>(b.values<T>()));
    narrow<SumOf<T>, T>(sums, result.mutableValues<T>());
  });
}

bool expectRank(Evaluation &e, llvm::ArrayRef<unsigned> inputs, int64_t rank) {
  for (unsigned index : inputs)
    if (e.input(index).rank() != rank)
      return e.fail("expected images and filters of " + llvm::Twine(rank) + " dimensions, got " +
                    e.input(index).text()),
             false;
  return true;
}

template <int SpatialRank> void conv(Evaluation &e) {
  if (!expectRank(e, {0, 1}, SpatialRank + 2))
    return;
  ImageFormat format = imageFormat(e, SpatialRank + 2);
  Tensor image = toChannelsLast(e.input(0), format);
  std::optional<Convolution> conv = plan(e, format, image.shape(), e.input(1).shape());
  if (!conv)
    return;
  compute(e, image, e.input(1), conv->outputShape(),
          [&](const auto &input, const auto &filter) { return forward(*conv, input, filter); });
  giveImage(e, format);
}

void backpropInput(Evaluation &e, Shape sizes) {
  int64_t rank = sizes.size();
  if (!expectRank(e, {1, 2}, rank))
    return;
  ImageFormat format = imageFormat(e, rank);
  if (format.channelsFirst)
    std::rotate(sizes.begin() + 1, sizes.begin() + 2, sizes.end());
  Tensor gradient = toChannelsLast(e.input(2), format);
  std::optional<Convolution> conv = plan(e, format, sizes, e.input(1).shape());
  if (!conv || !expectGradient(e, conv->outputShape(), gradient))
    return;
  compute(e, e.input(1), gradient, conv->inputShape(), [&](const auto &filter, const auto &output) {
    return inputGradient(*conv, filter, output);
  });
  giveImage(e, format);
}

// The sizes may be those of the spatial dimensions only.
template <int SpatialRank> void backpropInputOfSizes(Evaluation &e) {
  std::optional<Shape> sizes = sizesOf(e, 0);
  if (!sizes || !expectRank(e, {1, 2}, SpatialRank + 2))
    return;
  if (sizes->size() == SpatialRank) {
    bool channelsFirst = imageFormat(e, SpatialRank + 2).channelsFirst;
    sizes->insert(sizes->begin(), e.input(2).dim(0));
    sizes->insert(channelsFirst ? sizes->begin() + 1 : sizes->end(), e.input(1).dim(SpatialRank));
  }
  if (sizes->size() != SpatialRank + 2)
    return e.fail("expected " + llvm::Twine(SpatialRank + 2) + " sizes of the input, got " +
                  shapeText(*sizes));
  backpropInput(e, *sizes);
}

void backpropInput3DOfTensor(Evaluation &e) {
  if (expectRank(e, {0}, 5))
    backpropInput(e, Shape(e.input(0).shape()));
}

template <int SpatialRank> void backpropFilter(Evaluation &e) {
  std::optional<Shape> sizes = sizesOf(e, 1);
  if (!sizes || !expectRank(e, {0, 2}, SpatialRank + 2))
    return;
  if (sizes->size() != SpatialRank + 2)
    return e.fail("expected " + llvm::Twine(SpatialRank + 2) + " sizes of the filter, got " +
                  shapeText(*sizes));
  ImageFormat format = imageFormat(e, SpatialRank + 2);
  Tensor image = toChannelsLast(e.input(0), format);
  Tensor gradient = toChannelsLast(e.input(2), format);
  std::optional<Convolution> conv = plan(e, format, image.shape(), *sizes);
  if (!conv || !expectGradient(e, conv->outputShape(), gradient))
    return;
  compute(e, image, gradient, *sizes, [&](const auto &input, const auto &output) {
    return filterGradient(*conv, input, output);
  });
}

constexpr KernelEntry kKernels[] = {
    {"Conv2D", conv<2>},
    {"Conv3D", conv<3>},
    {"Conv2DBackpropInput", backpropInputOfSizes<2>},
    {"Conv3DBackpropInput", backpropInput3DOfTensor},
    {"Conv3DBackpropInputV2", backpropInputOfSizes<3>},
    {"Conv2DBackpropFilter", backpropFilter<2>},
    {"Conv3DBackpropFilterV2", backpropFilter<3>},
};

} // namespace

KernelList convKernels() { return kKernels; }

} // namespace firn::reference
