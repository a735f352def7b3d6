// The largest element, or the mean, of a window.
#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Window.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// Images [batch, spatial…, channels] under windows.
struct Pool {
  ImageFormat format;
  Tensor image;
  WindowAxes axes;
  int64_t channels = 0;

  int64_t batch() const { return image.dim(0); }
  Shape resultShape() const { return imageShape(format, batch(), axes, channels); }
};

// Windows over the channels, which must not overlap, become windows over the rows of one image.
Pool depthPool(Evaluation &e, llvm::ArrayRef<int64_t> window, llvm::ArrayRef<int64_t> strides) {
  const Tensor &image = e.input(0);
  int64_t depth = window.back(), channels = image.shape().back();
  bool fits = strides.back() == depth && depth > 0 && channels % depth == 0 &&
              llvm::all_of(window.drop_back(), [](int64_t size) { return size == 1; }) &&
              llvm::all_of(strides.drop_back(), [](int64_t size) { return size == 1; });
  if (!fits)
    e.fail("expected windows over channels only, side by side, got " + shapeText(window) +
           " with strides " + shapeText(strides) + " on " + image.text());
  Shape rows{countElements(image.shape().drop_back()), 1, channels, 1};
  Pool pool{{false, 4}, image.reshaped(rows), {}, 1};
  if (!e.failed())
    pool.axes[2] = {channels, depth, depth, 1, channels / depth, 0};
  return pool;
}

// `window` and `strides` have an element for each dimension.
std::optional<Pool> plan(Evaluation &e, int64_t rank, llvm::ArrayRef<int64_t> window,
                         llvm::ArrayRef<int64_t> strides) {
  if (e.input(0).rank() != rank)
    return e.fail("expected images of " + llvm::Twine(rank) + " dimensions, got " +
                  e.input(0).text()),
           std::nullopt;
  Pool pool;
  pool.format = imageFormat(e, rank);
  pool.image = toChannelsLast(e.input(0), pool.format);
  pool.channels = pool.image.shape().back();
  auto sizes = spatialSizes(e, "windows", window, pool.format);
  auto steps = spatialSizes(e, "strides", strides, pool.format);
  for (int64_t i = 0; i < 3; ++i) {
    pool.axes[i].window = sizes[i];
    pool.axes[i].stride = steps[i];
  }
  for (int64_t i = 0; i < pool.format.spatialRank(); ++i)
    pool.axes[3 - pool.format.spatialRank() + i].in = pool.image.dim(1 + i);
  if (!e.failed())
    placeWindows(e, pool.format, pool.axes);
  return e.failed() ? std::nullopt : std::optional(pool);
}

std::optional<Pool> planByAttributes(Evaluation &e, int64_t rank) {
  return plan(e, rank, e.integers("ksize"), e.integers("strides"));
}

// Calls visit(out, in, channels) for each place under the window at each output position: the
// first of `channels` elements in the result and in the images; begin(out) before, end(out) behind
// the places of a position.
template <typename Begin, typename Visit, typename End>
void forEachWindow(const Pool &pool, const Begin &begin, const Visit &visit, const End &end) {
  int64_t positions = countOut(pool.axes), places = countIn(pool.axes);
  for (int64_t position = 0; position < pool.batch() * positions; ++position) {
    int64_t out = position * pool.channels, image = position / positions;
    begin(out);
    forEachTap(pool.axes, position % positions, [&](int64_t, int64_t place) {
      if (place >= 0)
        visit(out, (image * places + place) * pool.channels);
    });
    end(out);
  }
}

template <typename T> void takeLargest(const Pool &pool, Tensor &result) {
  auto in = pool.image.values<T>();
  auto out = result.mutableValues<T>();
  forEachWindow(
      pool,
      [&](int64_t to) { std::fill_n(&out[to], pool.channels, std::numeric_limits<T>::lowest()); },
      [&](int64_t to, int64_t from) {
        for (int64_t c = 0; c < pool.channels; ++c)
          out[to + c] = in[from + c] > out[to + c] ? in[from + c] : out[to + c];
      },
      [](int64_t) {});
}

template <typename T> void takeMean(const Pool &pool, Tensor &result) {
  using Sum = SumOf<T>;
  auto in = pool.image.values<T>();
  auto out = result.mutableValues<T>();
  std::vector<Sum> sums(pool.channels);
  int64_t count = 0;
  forEachWindow(
      pool,
      [&](int64_t) {
        std::fill(sums.begin(), sums.end(), Sum());
        count = 0;
      },
      [&](int64_t, int64_t from) {
        ++count;
        for (int64_t c = 0; c < pool.channels; ++c)
          sums[c] += static_cast<Sum>(in[from + c]);
      },
      [&](int64_t to) {
        for (int64_t c = 0; c < pool.channels; ++c)
          out[to + c] = static_cast<T>(sums[c] / static_cast<Sum>(count));
      });
}

void giveLargest(Evaluation &e, const std::optional<Pool> &pool, llvm::ArrayRef<int64_t> shape) {
  Tensor result = e.make(0, e.dtype(), shape);
  if (!e.failed())
    dispatch(e, Reals{}, e.dtype(), [&](auto zero) { takeLargest<decltype(zero)>(*pool, result); });
}

// The largest of each window; windows over channels where the node has them.
void maxPoolOf(Evaluation &e, int64_t rank, llvm::ArrayRef<int64_t> window,
               llvm::ArrayRef<int64_t> strides) {
  bool overChannels = rank == 4 && window.size() == 4 && strides.size() == 4 && window.back() > 1 &&
                      !imageFormat(e, rank).channelsFirst;
  if (overChannels && e.input(0).rank() == 4) {
    Pool pool = depthPool(e, window, strides);
    Shape shape(e.input(0).shape());
    shape.back() = pool.axes[2].out;
    if (!e.failed())
      giveLargest(e, pool, shape);
    return;
  }
  std::optional<Pool> pool = plan(e, rank, window, strides);
  if (!pool)
    return;
  giveLargest(e, pool, pool->resultShape());
  giveImage(e, pool->format);
}

template <int SpatialRank> void maxPool(Evaluation &e) {
  maxPoolOf(e, SpatialRank + 2, e.integers("ksize"), e.integers("strides"));
}

void maxPoolV2(Evaluation &e) { maxPoolOf(e, 4, integersOf(e.input(1)), integersOf(e.input(2))); }

template <int SpatialRank> void avgPool(Evaluation &e) {
  std::optional<Pool> pool = planByAttributes(e, SpatialRank + 2);
  if (!pool)
    return;
  Tensor result = e.make(0, e.dtype(), pool->resultShape());
  if (e.failed())
    return;
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) { takeMean<decltype(zero)>(*pool, result); });
  giveImage(e, pool->format);
}

// Of equal elements the first one's place is told.
template <typename T>
void takeLargestAndPlace(const Pool &pool, bool acrossBatch, Tensor &result,
                         std::vector<int64_t> &places) {
  auto in = pool.image.values<T>();
  auto out = result.mutableValues<T>();
  int64_t imageSize = countIn(pool.axes) * pool.channels;
  forEachWindow(
      pool, [&](int64_t to) { std::fill_n(&places[to], pool.channels, -1); },
      [&](int64_t to, int64_t from) {
        for (int64_t c = 0; c < pool.channels; ++c)
          if (places[to + c] < 0 || in[from + c] > in[places[to + c]])
            places[to + c] = from + c;
      },
      [&](int64_t to) {
        for (int64_t i = to; i < to + pool.channels; ++i) {
          out[i] = places[i] < 0 ? std::numeric_limits<T>::lowest() : in[places[i]];
          if (!acrossBatch && places[i] >= 0)
            places[i] %= imageSize;
        }
      });
}

void maxPoolWithArgmax(Evaluation &e) {
  std::optional<Pool> pool = planByAttributes(e, 4);
  if (!pool)
    return;
  Tensor result = e.make(0, e.dtype(), pool->resultShape());
  if (e.failed())
    return;
  std::vector<int64_t> places(result.size());
  dispatch(e, Reals{}, e.dtype(), [&](auto zero) {
    takeLargestAndPlace<decltype(zero)>(*pool, e.flag("include_batch_in_index"), result, places);
  });
  e.give(1, makeIntegers(e.type("Targmax"), result.shape(), places));
}

constexpr KernelEntry kKernels[] = {
    {"MaxPool", maxPool<2>}, {"MaxPoolV2", maxPoolV2},  {"MaxPool3D", maxPool<3>},
    {"AvgPool", avgPool<2>}, {"AvgPool3D", avgPool<3>}, {"MaxPoolWithArgmax", maxPoolWithArgmax},
};

} // namespace

KernelList poolKernels() { return kKernels; }

} // namespace firn::reference
