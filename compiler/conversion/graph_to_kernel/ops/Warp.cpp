// Images moved: CropAndResize, ScaleAndTranslate, projective transforms.
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "compiler/conversion/graph_to_kernel/ops/Resample.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

Truth both(const Truth &x, const Truth &y) { return x && y; }

// Where step `at` of `out` from `from` to `to` of an axis lies, in elements.
Number cropPlace(Place at, Place in, Place out, const Number &from, const Number &to) {
  Number last = asFloat(in - 1), zero = like(from, 0);
  Place one = placeOf(*at.b, int64_t(1));
  Truth isSingle = !Truth{at.b, (one < out).value};
  Number step = (to - from) * last / asFloat(max(out - 1, one));
  step = choose(isSingle, zero, step);
  return choose(isSingle, (from + to) * 0.5 * last, from * last + asFloat(at) * step);
}

Truth isOnAxis(const Number &at, Place in) { return at >= 0 && at <= asFloat(in - 1); }

void cropAndResize(NodeLowering &n) {
  Tensor image = n.in(0), boxes = n.in(1), indices = n.in(2);
  if (!image || !boxes || !indices)
    return;
  std::optional<Sizes> sizes = resizedTo(n, image, 3, boxes.sizes.front());
  if (!sizes)
    return;
  bool isNearest = n.text("method") == "nearest";
  double outside = n.real("extrapolation_value");
  n.give(n.generate(DT_FLOAT, *sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    auto side = [&](int64_t number) { // top, left, bottom, right
      Value element = NodeLowering::read(b, boxes, {at[0], placeOf(b, number).value});
      return convert({&b, element, boxes.dtype}, DT_FLOAT);
    };
    auto placeAlong = [&](unsigned axis) {
      return cropPlace(placeOf(b, at[axis]), placeOf(b, image.sizes[axis]),
                       placeOf(b, (*sizes)[axis]), side(axis - 1), side(axis + 1));
    };
    auto tapsOf = [&](const Number &where, unsigned axis) -> Taps {
      Place size = placeOf(b, image.sizes[axis]);
      if (isNearest)
        return {{clamp(asPlace(round(where)), size), like(where, 1)}};
      return linearTaps(where, size);
    };
    Number y = placeAlong(1), x = placeAlong(2);
    Place which = placeOf(b, NodeLowering::read(b, indices, at[0]));
    Value batch = clamp(which, placeOf(b, image.sizes[0])).value;
    Number sum = sumOfTaps(image, batch, tapsOf(y, 1), tapsOf(x, 2), at[3]);
    Truth isInside =
        both(isOnAxis(y, placeOf(b, image.sizes[1])), isOnAxis(x, placeOf(b, image.sizes[2])));
    return choose(isInside, sum, like(sum, outside)).value;
  }));
}

// A filter's curve: its weight at a distance, 0 from the radius on.
struct Filter {
  StringLiteral name;
  double radius;
  Number (*weight)(const Number &distance);
};

template <int Radius> Number lanczos(const Number &x) {
  constexpr double kPi = 3.14159265358979323846;
  Number safe = maximum(x, 1e-3);
  Number wave = sin(safe * kPi) * sin(safe * kPi / Radius) * Radius / (safe * safe * kPi * kPi);
  return choose(x >= Radius, like(x, 0), choose(x <= 1e-3, like(x, 1), wave));
}
Number gaussian(const Number &x) {
  return choose(x >= 1.5, like(x, 0), exp(-x * x / (2 * 0.5 * 0.5)));
}
Number box(const Number &x) {
  return choose(x < 0.5, like(x, 1), choose(x == 0.5, like(x, 0.5), like(x, 0)));
}
Number triangle(const Number &x) { return choose(x < 1, 1 - x, like(x, 0)); }
Number keysCubic(const Number &x) {
  Number far = ((x * -0.5 + 2.5) * x - 4) * x + 2, near = (x * 1.5 - 2.5) * x * x + 1;
  return choose(x >= 2, like(x, 0), choose(x >= 1, far, near));
}
Number mitchellCubic(const Number &x) {
  Number far = ((x * (-7.0 / 18) + 2) * x - 10.0 / 3) * x + 16.0 / 9;
  Number near = (x * (7.0 / 6) - 2) * x * x + 8.0 / 9;
  return choose(x >= 2, like(x, 0), choose(x >= 1, far, near));
}

const Filter *filterOf(StringRef name) {
  static const Filter filters[] = {{"lanczos1", 1, lanczos<1>},
                                   {"lanczos3", 3, lanczos<3>},
                                   {"lanczos5", 5, lanczos<5>},
                                   {"gaussian", 1.5, gaussian},
                                   {"box", 1, box},
                                   {"triangle", 1, triangle},
                                   {"keyscubic", 2, keysCubic},
                                   {"mitchellcubic", 2, mitchellCubic}};
  const Filter *found = llvm::find_if(filters, [&](const Filter &f) { return f.name == name; });
  return found == std::end(filters) ? nullptr : found;
}

// One axis of ScaleAndTranslate: inputs 2 and 3 hold scales and translations.
struct FilterAxis {
  const Filter &filter;
  Tensor scales, translations;
  int64_t number;
  Size in, out;
  bool antialias;

  Number parameter(ImplicitLocOpBuilder &b, const Tensor &of) const {
    return {&b, NodeLowering::read(b, of, placeOf(b, number).value), DT_FLOAT};
  }
  // Shrunk images are smoothed by a filter that is as much wider.
  Number stretch(ImplicitLocOpBuilder &b) const {
    Number scale = parameter(b, scales);
    return antialias ? maximum(1 / scale, 1) : like(scale, 1);
  }
  Number centre(ImplicitLocOpBuilder &b, Place at) const {
    Number scale = parameter(b, scales), moved = parameter(b, translations);
    return (asFloat(at) + 0.5) / scale - moved / scale;
  }
  Place first(ImplicitLocOpBuilder &b, Place at) const {
    Number reach = stretch(b) * filter.radius;
    return asPlace(maximum(ceil(centre(b, at) - reach - 0.5), 0));
  }
  Place end(ImplicitLocOpBuilder &b, Place at) const {
    Number reach = stretch(b) * filter.radius;
    return asPlace(minimum(floor(centre(b, at) + reach - 0.5), asFloat(placeOf(b, in) - 1))) + 1;
  }
};

// How much each element of the axis counts for each of the result: [out, in].
Tensor weightsOf(NodeLowering &n, const FilterAxis &axis) {
  Tensor raw = n.generate(
      DT_FLOAT, {axis.out, axis.in}, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
        Place out = placeOf(b, at[0]), in = placeOf(b, at[1]);
        Number centre = axis.centre(b, out), zero = like(centre, 0);
        Number weight = axis.filter.weight(abs(asFloat(in) + 0.5 - centre) / axis.stretch(b));
        Truth isTaken{&b, (!(in < axis.first(b, out)) && in < axis.end(b, out)).value};
        Truth isInside = centre >= 0 && centre <= asFloat(placeOf(b, axis.in));
        return choose(isTaken && isInside, weight, zero).value;
      });
  Tensor sums = fold(n, raw, {1}, true, kAdding);
  return map(n, {raw, sums}, DT_FLOAT, raw.sizes, [](ArrayRef<Number> x) {
    return choose(abs(x[1]) >= 1000 * 0x1p-126, x[0] / x[1], x[0]);
  });
}

void scaleAndTranslate(NodeLowering &n) {
  Tensor image = n.in(0), scales = n.in(2), translations = n.in(3);
  const Filter *filter = filterOf(n.text("kernel_type"));
  if (!image || !scales || !translations)
    return;
  if (!filter)
    return n.fail("the filter " + n.text("kernel_type"));
  std::optional<Sizes> sizes = resizedTo(n, image, 1, image.sizes.front());
  if (!sizes)
    return;
  auto axisOf = [&](int64_t number) {
    return FilterAxis{*filter,
                      scales,
                      translations,
                      number,
                      image.sizes[1 + number],
                      (*sizes)[1 + number],
                      n.flag("antialias")};
  };
  FilterAxis rows = axisOf(0), columns = axisOf(1);
  Tensor byRow = weightsOf(n, rows), byColumn = weightsOf(n, columns);
  n.give(n.generate(DT_FLOAT, *sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Place y = placeOf(b, at[1]), x = placeOf(b, at[2]);
    Value none = constantOf(b, DT_FLOAT, 0).value;
    auto weighed = [&](const Tensor &weights, Place out, Place in, const Number &number) {
      Value weight = NodeLowering::read(b, weights, {out.value, in.value});
      return Number{&b, weight, DT_FLOAT} * number;
    };
    auto overRow = [&](ImplicitLocOpBuilder &, Place row, Value so_far) {
      auto overColumn = [&](ImplicitLocOpBuilder &, Place column, Value sum) {
        Value element = NodeLowering::read(b, image, {at[0], row.value, column.value, at[3]});
        Number number = convert({&b, element, image.dtype}, DT_FLOAT);
        return (Number{&b, sum, DT_FLOAT} + weighed(byColumn, x, column, number)).value;
      };
      Value line = foldRange(columns.first(b, x), columns.end(b, x), none, overColumn);
      Number term = weighed(byRow, y, row, {&b, line, DT_FLOAT});
      return (Number{&b, so_far, DT_FLOAT} + term).value;
    };
    return foldRange(rows.first(b, y), rows.end(b, y), none, overRow);
  }));
}

// Brings a place outside of [0, size) back, as the fill mode says.
Number foldedBack(const Number &at, const Number &size, StringRef mode) {
  Number zero = like(at, 0), last = size - 1;
  Truth isOutside = at < 0 || at > last;
  Number folded = at;
  if (mode == "CONSTANT")
    return at;
  if (mode == "REFLECT") {
    Number period = size * 2;
    Number low = at + period * trunc(-at / period);
    low = choose(low < -size, low + period, -low - 1);
    Number high = at - period * trunc(at / period);
    high = choose(high >= size, period - high - 1, high);
    folded = choose(at < 0, low, high);
  } else if (mode == "WRAP") {
    Number width = maximum(last, 1); // an image of one element is handled below
    Number low = at + size * (trunc(-at / width) + 1), high = at - size * trunc(at / width);
    folded = choose(at < 0, low, high);
  }
  Number back = choose(isOutside, folded, at);
  if (mode == "REFLECT" || mode == "WRAP")
    back = choose(both(isOutside, size <= 1), zero, back);
  return minimum(maximum(back, zero), last);
}

// The element at a whole place, or the filler outside of the image.
Number sampled(const Tensor &image, ValueRange at, const Number &y, const Number &x,
               const Number &fill) {
  ImplicitLocOpBuilder &b = *y.b;
  Place height = placeOf(b, image.sizes[1]), width = placeOf(b, image.sizes[2]);
  Truth isInside = y >= 0 && y < asFloat(height) && x >= 0 && x < asFloat(width);
  Value row = clamp(asPlace(y), height).value, column = clamp(asPlace(x), width).value;
  Number element{&b, NodeLowering::read(b, image, {at[0], row, column, at[3]}), image.dtype};
  return choose(isInside, element, fill);
}

Number bilinear(const Tensor &image, ValueRange at, const Number &y, const Number &x,
                const Number &fill) {
  Number top = floor(y), left = floor(x), bottom = top + 1, right = left + 1;
  auto elementAt = [&](const Number &row, const Number &column) {
    return convert(sampled(image, at, row, column, fill), DT_FLOAT);
  };
  Number above = (right - x) * elementAt(top, left) + (x - left) * elementAt(top, right);
  Number below = (right - x) * elementAt(bottom, left) + (x - left) * elementAt(bottom, right);
  return convert((bottom - y) * above + (y - top) * below, image.dtype);
}

// `transforms`: eight coefficients of a projective map from places in the result to the image's.
void projectiveTransform(NodeLowering &n) {
  Tensor image = n.in(0), transforms = n.in(1);
  Tensor filler = n.numInputs() > 3 ? n.in(3) : Tensor();
  std::optional<Sizes> sizes =
      image && transforms ? resizedTo(n, image, 2, image.sizes.front()) : std::nullopt;
  if (!sizes)
    return;
  bool isBilinear = n.text("interpolation") == "BILINEAR", isOne = n.isOne(transforms.sizes[0]);
  StringRef mode = n.text("fill_mode");
  mode = mode.empty() ? "CONSTANT" : mode;
  n.give(n.generate(image.dtype, *sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Value which = isOne ? placeOf(b, int64_t(0)).value : at[0];
    auto coefficient = [&](int64_t number) {
      Value element = NodeLowering::read(b, transforms, {which, placeOf(b, number).value});
      return Number{&b, element, DT_FLOAT};
    };
    Number y = asFloat(placeOf(b, at[1])), x = asFloat(placeOf(b, at[2]));
    auto row = [&](int64_t first) { return coefficient(first) * x + coefficient(first + 1) * y; };
    Number weight = row(6) + 1, safe = choose(weight == 0, like(weight, 1), weight);
    Number atX = (row(0) + coefficient(2)) / safe, atY = (row(3) + coefficient(5)) / safe;
    atX = foldedBack(atX, asFloat(placeOf(b, image.sizes[2])), mode);
    atY = foldedBack(atY, asFloat(placeOf(b, image.sizes[1])), mode);
    Number fill = filler ? Number{&b, NodeLowering::read(b, filler, {}), DT_FLOAT}
                         : constantOf(b, DT_FLOAT, 0);
    fill = convert(fill, image.dtype);
    Number result = isBilinear ? bilinear(image, at, atY, atX, fill)
                               : sampled(image, at, round(atY), round(atX), fill);
    return choose(weight == 0, fill, result).value;
  }));
}

const LoweringEntry kWarp[] = {
    {"CropAndResize", cropAndResize},
    {"ImageProjectiveTransformV2", projectiveTransform},
    {"ImageProjectiveTransformV3", projectiveTransform},
    {"ScaleAndTranslate", scaleAndTranslate},
};

} // namespace

Lowerings warpLowerings() { return kWarp; }

} // namespace firn::kernel
