// Images moved: ScaleAndTranslate, CropAndResize, projective transforms.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Resample.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// A filter's curve: its weight at a distance, 0 from the radius on.
struct Filter {
  float radius;
  float (*weight)(float distance);
};

template <int Radius> float lanczos(float x) {
  constexpr float kPi = 3.14159265358979323846;
  if (x >= Radius)
    return 0;
  return x <= 1e-3f ? 1
                    : Radius * std::sin(kPi * x) * std::sin(kPi * x / Radius) / (kPi * kPi * x * x);
}
float gaussian(float x) { return x >= 1.5f ? 0 : std::exp(-x * x / (2 * 0.5f * 0.5f)); }
float box(float x) { return x < 0.5f ? 1 : x == 0.5f ? 0.5f : 0; }
float triangle(float x) { return x < 1 ? 1 - x : 0; }
float keysCubic(float x) {
  if (x >= 2)
    return 0;
  return x >= 1 ? ((-0.5f * x + 2.5f) * x - 4) * x + 2 : ((1.5f * x - 2.5f) * x) * x + 1;
}
float mitchellCubic(float x) {
  if (x >= 2)
    return 0;
  return x >= 1 ? (((-7.0f / 18) * x + 2) * x - 10.0f / 3) * x + 16.0f / 9
                : (((7.0f / 6) * x - 2) * x) * x + 8.0f / 9;
}

std::optional<Filter> filterOf(llvm::StringRef name) {
  static const std::pair<llvm::StringLiteral, Filter> filters[] = {
      {"lanczos1", {1, lanczos<1>}},
      {"lanczos3", {3, lanczos<3>}},
      {"lanczos5", {5, lanczos<5>}},
      {"gaussian", {1.5, gaussian}},
      {"box", {1, box}},
      {"triangle", {1, triangle}},
      {"keyscubic", {2, keysCubic}},
      {"mitchellcubic", {2, mitchellCubic}}};
  for (const auto &[known, filter] : filters)
    if (name == known)
      return filter;
  return std::nullopt;
}

AxisTaps filterTaps(const Filter &filter, int64_t in, int64_t out, float scale, float translation,
                    bool antialias) {
  // Shrunk images are smoothed by a filter that is as much wider.
  float stretch = antialias ? std::max(1 / scale, 1.0f) : 1, reach = filter.radius * stretch;
  AxisTaps taps(out);
  for (int64_t i = 0; i < out; ++i) {
    float centre = (i + 0.5f) / scale - translation / scale;
    if (!(centre >= 0 && centre <= in))
      continue;
    int64_t first = std::max(std::ceil(centre - reach - 0.5f), 0.0f);
    int64_t last = std::min(std::floor(centre + reach - 0.5f), in - 1.0f);
    float sum = 0;
    for (int64_t at = first; at <= last; ++at) {
      float weight = filter.weight(std::abs(at + 0.5f - centre) / stretch);
      taps[i].push_back({at, weight});
      sum += weight;
    }
    if (std::abs(sum) >= 1000 * std::numeric_limits<float>::min())
      for (Tap &tap : taps[i])
        tap.weight /= sum;
  }
  return taps;
}

void scaleAndTranslate(Evaluation &e) {
  const Tensor &images = e.input(0), &scale = e.input(2), &translation = e.input(3);
  auto size = resizedTo(e, e.input(1));
  if (!size)
    return;
  std::optional<Filter> filter = filterOf(e.text("kernel_type"));
  if (!filter || scale.size() != 2 || translation.size() != 2 || !(scale.values<float>()[0] > 0) ||
      !(scale.values<float>()[1] > 0))
    return e.fail("expected a known kernel_type, two scales above 0 and two translations, got '" +
                  e.text("kernel_type") + "', " + scale.text() + " and " + translation.text());
  int64_t height = images.dim(1), width = images.dim(2), channels = images.dim(3);
  Tensor result = e.make(0, DT_FLOAT, {images.dim(0), (*size)[0], (*size)[1], channels});
  std::vector<float> values = floatsOf(e, images);
  if (e.failed())
    return;
  bool antialias = e.flag("antialias");
  auto scales = scale.values<float>(), shifts = translation.values<float>();
  AxisTaps rows = filterTaps(*filter, height, (*size)[0], scales[0], shifts[0], antialias);
  AxisTaps columns = filterTaps(*filter, width, (*size)[1], scales[1], shifts[1], antialias);
  for (int64_t image = 0; image < images.dim(0); ++image)
    resample(values.data() + image * height * width * channels, width, channels, rows, columns, 0,
             result.mutableValues<float>().data() + image * (*size)[0] * (*size)[1] * channels);
}

// From `from` to `to` of the whole axis, in `out` steps.
AxisTaps cropTaps(int64_t in, int64_t out, float from, float to, bool nearest) {
  float last = in - 1, step = out > 1 ? (to - from) * last / (out - 1) : 0;
  AxisTaps taps(out);
  for (int64_t i = 0; i < out; ++i) {
    float at = out > 1 ? from * last + i * step : 0.5f * (from + to) * last;
    if (!(at >= 0 && at <= last))
      continue;
    int64_t below = std::floor(at), above = std::ceil(at);
    if (nearest)
      taps[i] = {{static_cast<int64_t>(std::round(at)), 1.0f}};
    else
      taps[i] = {{below, 1 - (at - below)}, {above, at - below}};
  }
  return taps;
}

void cropAndResize(Evaluation &e) {
  const Tensor &images = e.input(0), &boxes = e.input(1), &indices = e.input(2);
  auto size = resizedTo(e, e.input(3));
  if (!size)
    return;
  if (boxes.rank() != 2 || boxes.dim(1) != 4 || indices.rank() != 1 ||
      indices.dim(0) != boxes.dim(0))
    return e.fail("expected four sides and an image number for each box, got " + boxes.text() +
                  " and " + indices.text());
  for (int32_t index : indices.values<int32_t>())
    if (index < 0 || index >= images.dim(0))
      return e.fail("expected image numbers from 0 to below " + llvm::Twine(images.dim(0)) +
                    ", got " + llvm::Twine(index));
  int64_t height = images.dim(1), width = images.dim(2), channels = images.dim(3);
  Tensor result = e.make(0, DT_FLOAT, {boxes.dim(0), (*size)[0], (*size)[1], channels});
  std::vector<float> values = floatsOf(e, images);
  if (e.failed())
    return;
  bool nearest = e.text("method") == "nearest";
  for (int64_t i = 0; i < boxes.dim(0); ++i) {
    const float *box = boxes.values<float>().data() + 4 * i; // top, left, bottom, right
    resample(values.data() + indices.values<int32_t>()[i] * height * width * channels, width,
             channels, cropTaps(height, (*size)[0], box[0], box[2], nearest),
             cropTaps(width, (*size)[1], box[1], box[3], nearest), e.real("extrapolation_value"),
             result.mutableValues<float>().data() + i * (*size)[0] * (*size)[1] * channels);
  }
}

// Brings a place outside of [0, size) back, as the fill mode says.
float foldedBack(float at, float size, llvm::StringRef mode) {
  if (mode == "CONSTANT")
    return at;
  if (mode == "REFLECT" && (at < 0 || at > size - 1)) {
    if (size <= 1)
      return 0;
    float period = 2 * size;
    if (at < 0) {
      at += period * std::trunc(-at / period);
      at = at < -size ? at + period : -at - 1;
    } else {
      at -= period * std::trunc(at / period);
      at = at >= size ? period - at - 1 : at;
    }
  } else if (mode == "WRAP" && (at < 0 || at > size - 1)) {
    if (size <= 1)
      return 0;
    at += at < 0 ? size * (std::trunc(-at / (size - 1)) + 1) : -size * std::trunc(at / (size - 1));
  }
  return std::min(std::max(at, 0.0f), size - 1);
}

// One image [height, width, channels] that is read at places between its elements.
template <typename T> struct Sampler {
  const T *image;
  int64_t height, width, channels;
  T fill;

  T at(float y, float x, int64_t channel) const {
    bool inside = y >= 0 && y < height && x >= 0 && x < width;
    return inside ? image[(int64_t(y) * width + int64_t(x)) * channels + channel] : fill;
  }
  T nearest(float y, float x, int64_t channel) const {
    return at(std::round(y), std::round(x), channel);
  }
  T bilinear(float y, float x, int64_t channel) const {
    float top = std::floor(y), left = std::floor(x), bottom = top + 1, right = left + 1;
    float above =
        (right - x) * float(at(top, left, channel)) + (x - left) * float(at(top, right, channel));
    float below = (right - x) * float(at(bottom, left, channel)) +
                  (x - left) * float(at(bottom, right, channel));
    return static_cast<T>((bottom - y) * above + (y - top) * below);
  }
};

// `transform` is eight coefficients of a projective map from places in the result to the image's.
template <typename T>
void project(const Sampler<T> &sampler, const float *transform, bool bilinear,
             llvm::StringRef fillMode, int64_t rows, int64_t columns, T *result) {
  for (int64_t y = 0; y < rows; ++y)
    for (int64_t x = 0; x < columns; ++x, result += sampler.channels) {
      float weight = transform[6] * x + transform[7] * y + 1;
      if (weight == 0) {
        std::fill_n(result, sampler.channels, sampler.fill);
        continue;
      }
      float atX = (transform[0] * x + transform[1] * y + transform[2]) / weight;
      float atY = (transform[3] * x + transform[4] * y + transform[5]) / weight;
      atX = foldedBack(atX, sampler.width, fillMode);
      atY = foldedBack(atY, sampler.height, fillMode);
      for (int64_t c = 0; c < sampler.channels; ++c)
        result[c] = bilinear ? sampler.bilinear(atY, atX, c) : sampler.nearest(atY, atX, c);
    }
}

void projectiveTransform(Evaluation &e) {
  const Tensor &images = e.input(0), &transforms = e.input(1);
  auto size = resizedTo(e, e.input(2));
  if (!size)
    return;
  bool each = transforms.rank() == 2 && transforms.dim(0) == images.dim(0);
  bool one = transforms.rank() == 2 && transforms.dim(0) == 1;
  if ((!each && !one) || transforms.dim(1) != 8)
    return e.fail("expected eight coefficients for each image, got " + transforms.text() + " for " +
                  images.text());
  int64_t height = images.dim(1), width = images.dim(2), channels = images.dim(3);
  Tensor result = e.make(0, e.dtype(), {images.dim(0), (*size)[0], (*size)[1], channels});
  if (e.failed())
    return;
  float fill = e.numInputs() > 3 && e.input(3).size() == 1 ? e.input(3).values<float>()[0] : 0;
  dispatch(e, Reals{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < images.dim(0); ++i)
      project<T>({images.values<T>().data() + i * height * width * channels, height, width,
                  channels, static_cast<T>(fill)},
                 transforms.values<float>().data() + (each ? 8 * i : 0),
                 e.text("interpolation") == "BILINEAR", e.text("fill_mode"), (*size)[0], (*size)[1],
                 result.mutableValues<T>().data() + i * (*size)[0] * (*size)[1] * channels);
  });
}

constexpr KernelEntry kKernels[] = {
    {"ScaleAndTranslate", scaleAndTranslate},
    {"CropAndResize", cropAndResize},
    {"ImageProjectiveTransformV2", projectiveTransform},
    {"ImageProjectiveTransformV3", projectiveTransform},
};

} // namespace

KernelList warpKernels() { return kKernels; }

} // namespace firn::reference
