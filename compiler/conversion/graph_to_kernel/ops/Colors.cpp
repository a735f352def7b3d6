// Colours of images: hue and saturation, contrast.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"

#include <array>

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

/// Red, green, blue; or hue, saturation, value.
using Color = std::array<Number, 3>;

Color toHsv(const Color &c) {
  auto [red, green, blue] = c;
  Number value = maximum(maximum(red, green), blue);
  Number range = value - minimum(minimum(red, green), blue), zero = like(value, 0);
  Number step = 1 / (range * 6);
  Number hue =
      choose(red == value, step * (green - blue),
             choose(green == value, step * (blue - red) + 2.0 / 6, step * (red - green) + 4.0 / 6));
  hue = choose(hue < 0, hue + 1, hue);
  return {choose(range > 0, hue, zero), choose(value > 0, range / value, zero), value};
}

Number clamped(const Number &x) { return minimum(maximum(x, 0), 1); }

Color toRgb(const Color &c) {
  auto [hue, saturation, value] = c;
  Number sixth = hue * 6, strength = saturation, light = value;
  auto mix = [&](const Number &share) {
    return (1 - strength + strength * clamped(share)) * light;
  };
  return {mix(abs(sixth - 3) - 1), mix(2 - abs(sixth - 2)), mix(2 - abs(sixth - 4))};
}

using Change = std::function<Color(const Color &)>;

// Maps the three channels of each pixel of input 0, computed in f32 where they are shorter.
void mapPixels(NodeLowering &n, const Change &change) {
  Tensor image = n.in(0);
  if (!image)
    return;
  n.give(n.generate(image.dtype, image.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    SmallVector<Value> place(at);
    auto channel = [&](int64_t number) {
      place.back() = placeOf(b, number).value;
      return widened(Number{&b, NodeLowering::read(b, image, place), image.dtype});
    };
    Color color = change({channel(0), channel(1), channel(2)});
    Place which = placeOf(b, at.back());
    Number picked = choose(Truth{&b, (which == 0).value}, color[0],
                           choose(Truth{&b, (which == 1).value}, color[1], color[2]));
    return convert(picked, image.dtype).value;
  }));
}

void rgbToHsv(NodeLowering &n) { mapPixels(n, toHsv); }
void hsvToRgb(NodeLowering &n) { mapPixels(n, toRgb); }

// Applies `change` to each pixel's hue, saturation and value, with the number that input 1 is.
void adjust(NodeLowering &n, void (*change)(Color &, const Number &)) {
  Tensor factor = n.in(1);
  if (!factor)
    return;
  mapPixels(n, [&](const Color &color) {
    ImplicitLocOpBuilder &b = *color[0].b;
    Color hsv = toHsv(
        {convert(color[0], DT_FLOAT), convert(color[1], DT_FLOAT), convert(color[2], DT_FLOAT)});
    change(hsv, {&b, NodeLowering::read(b, factor, {}), DT_FLOAT});
    return toRgb(hsv);
  });
}

void adjustHue(NodeLowering &n) {
  adjust(n, [](Color &color, const Number &delta) {
    Number hue = color[0] + delta;
    color[0] = hue - floor(hue);
  });
}

void adjustSaturation(NodeLowering &n) {
  adjust(n, [](Color &color, const Number &scale) { color[1] = clamped(color[1] * scale); });
}

// Moves each channel of an image away from its mean.
void adjustContrast(NodeLowering &n) {
  Tensor image = n.in(0), factor = n.in(1);
  if (!image || !factor)
    return;
  int64_t rank = image.rank();
  Tensor sums = fold(n, widened(n, image), {rank - 3, rank - 2}, true, kAdding);
  if (!sums)
    return;
  Size pixels = n.mul(image.sizes[rank - 3], image.sizes[rank - 2]);
  n.give(map(n, {image, sums, factor}, image.dtype, image.sizes, [&](ArrayRef<Number> x) {
    ImplicitLocOpBuilder &b = *x[0].b;
    Number mean = convert(x[1] / fromIndex(b, placeOf(b, pixels).value, x[1].dtype), DT_FLOAT);
    return (convert(x[0], DT_FLOAT) - mean) * x[2] + mean;
  }));
}

const LoweringEntry kColors[] = {
    {"AdjustContrastv2", adjustContrast},
    {"AdjustHue", adjustHue},
    {"AdjustSaturation", adjustSaturation},
    {"HSVToRGB", hsvToRgb},
    {"RGBToHSV", rgbToHsv},
};

} // namespace

Lowerings colorLowerings() { return kColors; }

} // namespace firn::kernel
