// Patches of images and their colours.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Window.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

void extractPatches(Evaluation &e) {
  const Tensor &images = e.input(0);
  if (images.rank() != 4)
    return e.fail("expected images of 4 dimensions, got " + images.text());
  ImageFormat format{false, 4};
  auto window = spatialList(e, "ksizes", format), strides = spatialList(e, "strides", format),
       rates = spatialList(e, "rates", format);
  WindowAxes axes;
  for (int i = 1; i < 3; ++i)
    axes[i] = {images.dim(i), window[i], strides[i], rates[i]};
  if (!e.failed())
    placeWindows(e, format, axes);
  if (e.failed())
    return;
  Shape shape = imageShape(format, images.dim(0), axes, countTaps(axes) * images.dim(3));
  Tensor result = e.make(0, e.dtype(), shape);
  if (e.failed())
    return;
  int64_t pixel = images.dim(3) * elementBytes(e.dtype());
  int64_t positions = countOut(axes), places = countIn(axes);
  char *to = result.mutableBytes().data();
  for (int64_t position = 0; position < images.dim(0) * positions; ++position) {
    const char *image = images.bytes().data() + position / positions * places * pixel;
    forEachTap(axes, position % positions, [&](int64_t, int64_t place) {
      if (place >= 0) // zeros in the padding
        std::copy_n(image + place * pixel, pixel, to);
      to += pixel;
    });
  }
}

// Hue, saturation and value, from 0 to 1 each.
template <typename T> struct Hsv {
  T hue, saturation, value;
};
template <typename T> struct Rgb {
  T red, green, blue;
};

template <typename T> Hsv<T> toHsv(Rgb<T> c) {
  T value = std::max({c.red, c.green, c.blue});
  T range = value - std::min({c.red, c.green, c.blue});
  T step = T(1) / (T(6) * range), hue = 0;
  if (range > 0) {
    hue = c.red == value     ? step * (c.green - c.blue)
          : c.green == value ? step * (c.blue - c.red) + T(2) / T(6)
                             : step * (c.red - c.green) + T(4) / T(6);
    hue = hue < 0 ? hue + 1 : hue;
  }
  return {hue, value > 0 ? range / value : 0, value};
}

template <typename T> T clamped(T value) { return std::min(std::max(value, T(0)), T(1)); }

template <typename T> Rgb<T> toRgb(Hsv<T> c) {
  T sixth = c.hue * T(6);
  auto mix = [&](T share) { return (1 - c.saturation + c.saturation * clamped(share)) * c.value; };
  return {mix(std::abs(sixth - 3) - 1), mix(2 - std::abs(sixth - 2)), mix(2 - std::abs(sixth - 4))};
}

// Maps the three channels of each pixel of input 0.
template <typename Map> void mapPixels(Evaluation &e, const Map &map) {
  const Tensor &images = e.input(0);
  if (images.rank() < 1 || images.shape().back() != 3)
    return e.fail("expected images of three channels, got " + images.text());
  Tensor result = e.make(0, e.dtype(), images.shape());
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    using Wide = SumOf<T>;
    auto in = images.values<T>();
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < in.size(); i += 3) {
      std::array<Wide, 3> pixel =
          map(std::array<Wide, 3>{Wide(in[i]), Wide(in[i + 1]), Wide(in[i + 2])});
      for (size_t c = 0; c < 3; ++c)
        out[i + c] = static_cast<T>(pixel[c]);
    }
  });
}

void rgbToHsv(Evaluation &e) {
  mapPixels(e, [](auto pixel) {
    auto [hue, saturation, value] =
        toHsv<std::decay_t<decltype(pixel[0])>>({pixel[0], pixel[1], pixel[2]});
    return decltype(pixel){hue, saturation, value};
  });
}

void hsvToRgb(Evaluation &e) {
  mapPixels(e, [](auto pixel) {
    auto [red, green, blue] =
        toRgb<std::decay_t<decltype(pixel[0])>>({pixel[0], pixel[1], pixel[2]});
    return decltype(pixel){red, green, blue};
  });
}

// Input 1 as a number; nothing, with a failure, when it is not a scalar.
std::optional<float> factorOf(Evaluation &e) {
  const Tensor &factor = e.input(1);
  if (factor.rank() == 0)
    return factor.scalar<float>();
  e.fail("expected a scalar, got " + factor.text());
  return std::nullopt;
}

// Applies `change` to the colours of each pixel as hue, saturation and value.
template <typename Change> void adjust(Evaluation &e, const Change &change) {
  mapPixels(e, [&](auto pixel) {
    Hsv<float> color = toHsv<float>({float(pixel[0]), float(pixel[1]), float(pixel[2])});
    change(color);
    auto [red, green, blue] = toRgb(color);
    return decltype(pixel){red, green, blue};
  });
}

void adjustHue(Evaluation &e) {
  if (std::optional<float> delta = factorOf(e))
    adjust(e, [&](Hsv<float> &color) {
      color.hue += *delta;
      color.hue -= std::floor(color.hue);
    });
}

void adjustSaturation(Evaluation &e) {
  if (std::optional<float> scale = factorOf(e))
    adjust(e, [&](Hsv<float> &color) { color.saturation = clamped(color.saturation * *scale); });
}

// Moves each channel of an image away from its mean.
void adjustContrast(Evaluation &e) {
  const Tensor &images = e.input(0);
  std::optional<float> factor = factorOf(e);
  if (!factor)
    return;
  if (images.rank() < 3)
    return e.fail("expected images of at least 3 dimensions, got " + images.text());
  Tensor result = e.make(0, e.dtype(), images.shape());
  int64_t channels = images.shape().back(), size = countElements(images.shape().take_back(3));
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto in = images.values<T>();
    auto out = result.mutableValues<T>();
    for (int64_t at = 0; at < images.size(); at += size) {
      std::vector<double> means(channels);
      for (int64_t i = 0; i < size; ++i)
        means[i % channels] += double(in[at + i]) / (size / channels);
      for (int64_t i = 0; i < size; ++i)
        out[at + i] = static_cast<T>((float(in[at + i]) - float(means[i % channels])) * *factor +
                                     float(means[i % channels]));
    }
  });
}

constexpr KernelEntry kKernels[] = {
    {"ExtractImagePatches", extractPatches},
    {"RGBToHSV", rgbToHsv},
    {"HSVToRGB", hsvToRgb},
    {"AdjustHue", adjustHue},
    {"AdjustSaturation", adjustSaturation},
    {"AdjustContrastv2", adjustContrast},
};

} // namespace

KernelList imageKernels() { return kKernels; }

} // namespace firn::reference
