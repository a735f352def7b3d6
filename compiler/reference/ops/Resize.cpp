// ResizeBilinear and its relatives.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Resample.h"

using namespace firn::graph;

namespace firn::reference {

void resample(const float *image, int64_t width, int64_t channels, const AxisTaps &rows,
              const AxisTaps &columns, float outside, float *result) {
  std::vector<float> row(width * channels);
  for (const auto &vertical : rows) {
    std::fill(row.begin(), row.end(), 0.0f);
    for (const Tap &tap : vertical)
      for (int64_t i = 0; i < width * channels; ++i)
        row[i] += tap.weight * image[tap.source * width * channels + i];
    for (const auto &horizontal : columns) {
      bool inside = !vertical.empty() && !horizontal.empty();
      std::fill_n(result, channels, inside ? 0.0f : outside);
      for (const Tap &tap : inside ? horizontal : llvm::SmallVector<Tap, 4>())
        for (int64_t c = 0; c < channels; ++c)
          result[c] += tap.weight * row[tap.source * channels + c];
      result += channels;
    }
  }
}

std::vector<float> floatsOf(Evaluation &e, const Tensor &tensor) {
  std::vector<float> values;
  dispatch(e, Reals{}, tensor.dtype(),
           [&](auto zero) { values = widened<float>(tensor.values<decltype(zero)>()); });
  return values;
}

std::optional<std::array<int64_t, 2>> resizedTo(Evaluation &e, const Tensor &size) {
  const Tensor &images = e.input(0);
  if (images.rank() != 4 || images.dim(1) <= 0 || images.dim(2) <= 0) {
    e.fail("expected images [batch,height,width,channels] with elements, got " + images.text());
    return std::nullopt;
  }
  llvm::SmallVector<int64_t> sizes = integersOf(size);
  if (size.rank() != 1 || sizes.size() != 2 || sizes[0] <= 0 || sizes[1] <= 0) {
    e.fail("expected a height and a width above 0, got " + shapeText(sizes));
    return std::nullopt;
  }
  return std::array<int64_t, 2>{sizes[0], sizes[1]};
}

namespace {

int64_t clamped(int64_t at, int64_t size) { return std::max<int64_t>(0, std::min(at, size - 1)); }

AxisTaps bilinearTaps(int64_t in, int64_t out, bool alignCorners, bool halfPixel) {
  AxisScale scale(in, out, alignCorners);
  AxisTaps taps(out);
  for (int64_t i = 0; i < out; ++i) {
    float at = halfPixel ? scale.centre(i) : scale.corner(i), below = std::floor(at);
    taps[i] = {{clamped(below, in), 1 - (at - below)}, {clamped(std::ceil(at), in), at - below}};
  }
  return taps;
}

// TensorFlow reads the cubic curve from a table of 1024 steps.
struct CubicTable {
  static constexpr int kSteps = 1024;
  float a;

  float near(int step) const { // distances up to 1
    float x = step / static_cast<float>(kSteps);
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  }
  float far(int step) const { // 1 more
    float x = step / static_cast<float>(kSteps) + 1;
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  }
};

// Weights of what lies outside are dropped, and the others scaled to a sum of 1.
void normalizeInside(llvm::SmallVector<Tap, 4> &taps, int64_t in) {
  float sum = 0;
  for (Tap &tap : taps) {
    if (tap.source != clamped(tap.source, in))
      tap.weight = 0;
    sum += tap.weight;
  }
  if (std::abs(sum) >= 1000 * std::numeric_limits<float>::min())
    for (Tap &tap : taps)
      tap.weight /= sum;
}

AxisTaps bicubicTaps(int64_t in, int64_t out, bool alignCorners, bool halfPixel) {
  AxisScale scale(in, out, alignCorners);
  CubicTable table{halfPixel ? -0.5f : -0.75f};
  AxisTaps taps(out);
  for (int64_t i = 0; i < out; ++i) {
    float at = halfPixel ? scale.centre(i) : scale.corner(i);
    int64_t below = std::floor(at);
    int step = std::lrint((at - below) * CubicTable::kSteps), rest = CubicTable::kSteps - step;
    taps[i] = {{below - 1, table.far(step)},
               {below, table.near(step)},
               {below + 1, table.near(rest)},
               {below + 2, table.far(rest)}};
    if (halfPixel)
      normalizeInside(taps[i], in);
    for (Tap &tap : taps[i])
      tap.source = clamped(tap.source, in);
  }
  return taps;
}

// The mean of the stretch of the image that an element of the result covers.
AxisTaps areaTaps(int64_t in, int64_t out, bool alignCorners, bool) {
  AxisScale scale(in, out, alignCorners);
  AxisTaps taps(out);
  for (int64_t i = 0; i < out; ++i) {
    float from = scale.corner(i), to = scale.corner(i + 1);
    for (int64_t at = std::floor(from); at < std::ceil(to); ++at) {
      float covered = std::min<float>(at + 1, to) - std::max<float>(at, from);
      taps[i].push_back({clamped(at, in), covered / scale.scale()});
    }
  }
  return taps;
}

using MakeTaps = AxisTaps (*)(int64_t in, int64_t out, bool alignCorners, bool halfPixel);

template <MakeTaps makeTaps> void resize(Evaluation &e) {
  const Tensor &images = e.input(0);
  auto size = resizedTo(e, e.input(1));
  bool corners = e.flag("align_corners"), half = e.flag("half_pixel_centers");
  if (!size)
    return;
  int64_t height = images.dim(1), width = images.dim(2), channels = images.dim(3);
  Tensor result = e.make(0, DT_FLOAT, {images.dim(0), (*size)[0], (*size)[1], channels});
  if (e.failed())
    return;
  AxisTaps rows = makeTaps(height, (*size)[0], corners, half);
  AxisTaps columns = makeTaps(width, (*size)[1], corners, half);
  std::vector<float> values = floatsOf(e, images);
  if (e.failed())
    return;
  int64_t inSize = height * width * channels, outSize = (*size)[0] * (*size)[1] * channels;
  for (int64_t image = 0; image < images.dim(0); ++image)
    resample(values.data() + image * inSize, width, channels, rows, columns, 0,
             result.mutableValues<float>().data() + image * outSize);
}

std::vector<int64_t> nearestPlaces(int64_t in, int64_t out, bool alignCorners, bool halfPixel) {
  AxisScale scale(in, out, alignCorners);
  std::vector<int64_t> places;
  for (int64_t i = 0; i < out; ++i) {
    float at = halfPixel ? (i + 0.5f) * scale.scale() : scale.corner(i);
    places.push_back(clamped(alignCorners ? std::round(at) : std::floor(at), in));
  }
  return places;
}

void resizeNearest(Evaluation &e) {
  const Tensor &images = e.input(0);
  auto size = resizedTo(e, e.input(1));
  if (!size)
    return;
  bool corners = e.flag("align_corners"), half = e.flag("half_pixel_centers");
  int64_t height = images.dim(1), width = images.dim(2), channels = images.dim(3);
  Tensor result = e.make(0, e.dtype(), {images.dim(0), (*size)[0], (*size)[1], channels});
  if (e.failed())
    return;
  int64_t pixel = channels * elementBytes(e.dtype());
  const char *from = images.bytes().data();
  char *to = result.mutableBytes().data();
  for (int64_t image = 0; image < images.dim(0); ++image)
    for (int64_t y : nearestPlaces(height, (*size)[0], corners, half))
      for (int64_t x : nearestPlaces(width, (*size)[1], corners, half)) {
        std::copy_n(from + ((image * height + y) * width + x) * pixel, pixel, to);
        to += pixel;
      }
}

constexpr KernelEntry kKernels[] = {
    {"ResizeBilinear", resize<bilinearTaps>},
    {"ResizeBicubic", resize<bicubicTaps>},
    {"ResizeArea", resize<areaTaps>},
    {"ResizeNearestNeighbor", resizeNearest},
};

} // namespace

KernelList resizeKernels() { return kKernels; }

} // namespace firn::reference
