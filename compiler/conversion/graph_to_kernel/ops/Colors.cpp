// Colours of images.
#include <array>

#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

/// Red, green and blue, or hue, saturation and value; from 0 to 1 each.
using Color = std::array<Number, 3>;

Number larger(const Number &a, const Number &b) { return choose(a < b, b, a); }
Number clamped(const Number &x) { return choose(x < 0, like(x, 0), choose(x > 1, like(x, 1), x)); }

Color toHsv(const Color &rgb) {
  const auto &[red, green, blue] = rgb;
  Number value = larger(larger(red, green), blue);
  Number range = value + larger(larger(-red, -green), -blue);
  Number step = 1 / (range * 6), zero = like(value, 0);
  Number atRed = step * (green - blue), atGreen = step * (blue - red) + 2.0 / 6,
         atBlue = step * (red - green) + 4.0 / 6;
  Number hue = choose(red == value, atRed, choose(green == value, atGreen, atBlue));
  hue = choose(hue < 0, hue + 1, hue);
  return {choose(range > 0, hue, zero), choose(value > 0, range / value, zero), value};
}

Color toRgb(const Color &hsv) {
  const Number &saturation = hsv[1], &value = hsv[2];
  Number sixth = hsv[0] * 6;
  auto mix = [&](const Number &share) {
    return (1 - saturation + saturation * clamped(share)) * value;
  };
  return {mix(abs(sixth - 3) - 1), mix(2 - abs(sixth - 2)), mix(2 - abs(sixth - 4))};
}

using ChangeColor = std::function<Color(ImplicitLocOpBuilder &, const Color &)>;

// Maps the three channels of each pixel of input 0. Each channel is computed by itself.
void mapPixels(NodeLowering &n, const ChangeColor &change) {
  Tensor x = n.in(0);
  if (!x)
    return;
  n.give(n.generate(x.dtype, x.sizes, [&](ImplicitLocOpBuilder &b, ValueRange place) {
    auto channel = [&](int64_t index) {
      SmallVector<Value> at(place.drop_back());
      at.push_back(b.create<arith::ConstantIndexOp>(index));
      return widened(Number{&b, NodeLowering::read(b, x, at), x.dtype});
    };
    Color color = change(b, {channel(0), channel(1), channel(2)});
    Number which = fromIndex(b, place.back(), DT_INT64);
    Number result = choose(which == 0, color[0], choose(which == 1, color[1], color[2]));
    return convert(result, x.dtype).value;
  }));
}

// With a scalar of input 1 beside each pixel's hue, saturation and value.
void adjust(NodeLowering &n, void (*change)(Color &hsv, const Number &scalar)) {
  Tensor scalar = n.in(1);
  if (!scalar)
    return;
  mapPixels(n, [&](ImplicitLocOpBuilder &b, const Color &rgb) {
    Color hsv = toHsv(rgb);
    Number factor{&b, NodeLowering::read(b, scalar, {}), scalar.dtype};
    change(hsv, convert(factor, hsv[0].dtype));
    return toRgb(hsv);
  });
}

void turnHue(Color &hsv, const Number &delta) {
  hsv[0] = hsv[0] + delta;
  hsv[0] = hsv[0] - floor(hsv[0]);
}
void scaleSaturation(Color &hsv, const Number &scale) { hsv[1] = clamped(hsv[1] * scale); }

// Moves each channel of an image away from its mean.
void adjustContrast(NodeLowering &n) {
  Tensor x = n.in(0), factor = n.in(1);
  if (!x || !factor)
    return;
  if (x.rank() < 3)
    return n.fail("images of less than three dimensions");
  Size pixels = n.mul(x.sizes[x.rank() - 3], x.sizes[x.rank() - 2]);
  Value count = n.value(pixels);
  Tensor sums = fold(n, widened(n, x), {x.rank() - 3, x.rank() - 2}, true, kAdding);
  n.give(map(n, {x, sums, factor}, x.dtype, x.sizes, [&](ArrayRef<Number> v) {
    Number wide = widened(v[0]);
    Number mean = v[1] / fromIndex(*wide.b, count, wide.dtype);
    return (wide - mean) * convert(v[2], wide.dtype) + mean;
  }));
}

const LoweringEntry kColors[] = {
    {"AdjustContrastv2", adjustContrast},
    {"AdjustHue", [](NodeLowering &n) { adjust(n, turnHue); }},
    {"AdjustSaturation", [](NodeLowering &n) { adjust(n, scaleSaturation); }},
    {"HSVToRGB",
     [](NodeLowering &n) { mapPixels(n, [](auto &, const Color &hsv) { return toRgb(hsv); }); }},
    {"RGBToHSV",
     [](NodeLowering &n) { mapPixels(n, [](auto &, const Color &rgb) { return toHsv(rgb); }); }},
};

} // namespace

Lowerings colorLowerings() { return kColors; }

} // namespace firn::kernel
