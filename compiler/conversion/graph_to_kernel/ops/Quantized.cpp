// Numbers to quantised ones and back.
#include "compiler/conversion/graph_to_kernel/ops/QuantizedRange.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"

#include <limits>

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// A vector with a number for each place of `axis`, so that it is broadcast along the others; all of
// the tensor has one number where the axis is negative.
Tensor alongAxis(NodeLowering &n, const Tensor &vector, int64_t axis, int64_t rank) {
  if (!vector)
    return {};
  Sizes sizes;
  if (axis >= 0) {
    sizes = n.repeated(1, rank - axis);
    sizes.front() = n.product(vector.sizes);
  }
  return n.reshape(vector, sizes);
}

RangeTensors rangesOf(NodeLowering &n, int64_t axis, int64_t rank) {
  return {alongAxis(n, n.in(1), axis, rank), alongAxis(n, n.in(2), axis, rank)};
}

// --- FakeQuant: values moved to the nearest of evenly spaced ones, of which one is 0 -----------

Number fakeQuantized(const Number &value, const RangeNumbers &wanted, int64_t bits, bool isNarrow) {
  double first = isNarrow ? 1 : 0, last = static_cast<double>((int64_t(1) << bits) - 1);
  Number step = (wanted.most - wanted.least) / (last - first);
  Number zero = first - wanted.least / step;
  zero =
      choose(zero < first, like(zero, first), choose(zero > last, like(zero, last), round(zero)));
  Number least = (first - zero) * step, most = (last - zero) * step;
  Number shifted = maximum(minimum(value, most), least) - least;
  Number result = floor(shifted * (1 / step) + 0.5) * step + least;
  return choose(wanted.least == 0 && wanted.most == 0, like(value, 0), result);
}

void fakeQuantize(NodeLowering &n, const RangeTensors &ranges) {
  Tensor x = n.in(0);
  if (!x || !ranges)
    return;
  int64_t bits = n.integer("num_bits");
  bool isNarrow = n.flag("narrow_range");
  n.give(map(n, {x, ranges.least, ranges.most}, x.dtype, x.sizes, [=](ArrayRef<Number> v) {
    return fakeQuantized(v[0], {v[1], v[2]}, bits, isNarrow);
  }));
}

void fakeQuantArgs(NodeLowering &n) {
  fakeQuantize(n, {filled(n, DT_FLOAT, n.real("min"), {}), filled(n, DT_FLOAT, n.real("max"), {})});
}
void fakeQuantVars(NodeLowering &n) {
  if (Tensor x = n.in(0))
    fakeQuantize(n, rangesOf(n, -1, x.rank()));
}
void fakeQuantChannels(NodeLowering &n) {
  if (Tensor x = n.in(0))
    fakeQuantize(n, rangesOf(n, x.rank() - 1, x.rank()));
}

// --- QuantizeV2 --------------------------------------------------------------------------------

// Widened to hold 0 and to be wide enough to divide.
RangeTensors widenedRanges(NodeLowering &n) {
  double share = n.real("ensure_minimum_range");
  Tensor least = n.in(1), most = n.in(2);
  if (!least || !most)
    return {};
  auto end = [&](bool isLeast) {
    return map(n, {least, most}, DT_FLOAT, least.sizes, [=](ArrayRef<Number> v) {
      Number from = minimum(v[0], 0);
      Number smallest = maximum(maximum(abs(v[0]), abs(v[1])), 1) * share;
      return isLeast ? from : maximum(maximum(v[1], from + smallest), 0);
    });
  };
  return {end(true), end(false)};
}

// The scale that takes the range into the limits, 0 staying 0.
Number scaleInto(const RangeNumbers &wanted, double least, double most) {
  constexpr double kNone = 0x1.fffffep127;
  Number none = like(wanted.least, kNone);
  Number fromLeast = choose(wanted.least * least > 0, least / wanted.least, none);
  Number fromMost = choose(wanted.most * most > 0, most / wanted.most, none);
  return minimum(fromLeast, fromMost);
}

// A number as the nearest one of the dtype.
Number saturated(const Number &value, int dtype) {
  Limits limits = limitsOf(dtype);
  Number inside = choose(value > limits.lowest, value, like(value, limits.lowest));
  Number result = convert(minimum(inside, limits.highest), dtype);
  // The greatest int32 is no f32: what reaches it is told apart.
  return choose(value >= limits.highest, like(result, limits.highest), result);
}

/// How QuantizeV2 and Dequantize see a type: its limits as f32.
struct Form {
  int dtype;
  Limits limits;
  bool isSigned, isNarrow, toEven;
  StringRef mode;

  Form(NodeLowering &n, int dtype)
      : dtype(dtype), limits(limitsOf(dtype)), isSigned(!isUnsignedType(dtype)),
        isNarrow(n.flag("narrow_range")), toEven(n.text("round_mode") == "HALF_TO_EVEN"),
        mode(n.text("mode")) {}
  double lowest() const { return static_cast<float>(limits.lowest); }
  double highest() const { return static_cast<float>(limits.highest); }
  double narrowLowest() const { return static_cast<float>(limits.lowest + (isNarrow ? 1 : 0)); }
  /// Half of all numbers, by which signed ones are moved.
  double half() const {
    return static_cast<float>((static_cast<float>(highest() - lowest()) + 1) / 2);
  }
  double width() const { return static_cast<float>(highest() - lowest()); }
};

// MIN_COMBINED: the range's ends are the least and the greatest number.
Number quantizeCombined(const Number &value, const RangeNumbers &range, const Form &form) {
  Number scale = form.width() / (range.most - range.least);
  Number offset = (maximum(minimum(value, range.most), range.least) - range.least) * scale;
  return saturated(form.isSigned ? round(offset - form.half()) : offset + 0.5, form.dtype);
}

// MIN_FIRST: the range's least, rounded to a multiple of the step, is the least number.
Number quantizeFirst(const Number &value, const RangeNumbers &range, const Form &form) {
  double steps = form.limits.levels();
  auto wide = [](const Number &x) { return convert(x, DT_DOUBLE); };
  Number adjusted = (wide(range.most) - wide(range.least)) * (steps / (steps - 1));
  Number scale = steps / adjusted;
  Number moved = round(wide(value) * scale) - round(wide(range.least) * scale);
  moved = minimum(maximum(moved + form.limits.lowest, form.limits.lowest), form.limits.highest);
  Number result = convert(moved, form.dtype);
  return choose(range.least == range.most, like(result, 0), result);
}

// `range` is the one that fits the scale.
Number quantizeScaled(const Number &value, const RangeNumbers &range, const Number &scale,
                      const Form &form) {
  Number scaled = maximum(minimum(value, range.most), range.least) * scale;
  return saturated(form.toEven ? rint(scaled) : round(scaled), form.dtype);
}

Number quantized(const Number &value, const RangeNumbers &range, const Form &form) {
  if (form.mode != "SCALED")
    return form.mode == "MIN_FIRST" ? quantizeFirst(value, range, form)
                                    : quantizeCombined(value, range, form);
  Number scale = scaleInto(range, form.narrowLowest(), form.highest());
  RangeNumbers fitted{form.narrowLowest() / scale, form.highest() / scale};
  return quantizeScaled(value, fitted, scale, form);
}

void quantizeV2(NodeLowering &n) {
  Tensor x = n.in(0);
  RangeTensors wanted = widenedRanges(n);
  if (!x || !wanted)
    return;
  int64_t axis = n.integer("axis");
  Form form(n, heldType(n.outDtype()));
  auto placed = [&](const Tensor &end) { return alongAxis(n, end, axis, x.rank()); };
  Tensor result = map(n, {x, placed(wanted.least), placed(wanted.most)}, form.dtype, x.sizes,
                      [&](ArrayRef<Number> v) { return quantized(v[0], {v[1], v[2]}, form); });
  n.give(n.retype(result, n.outDtype()));
  auto end = [&](bool isLeast) {
    Tensor made =
        map(n, {wanted.least, wanted.most}, DT_FLOAT, wanted.least.sizes, [&](ArrayRef<Number> v) {
          if (form.mode != "SCALED")
            return isLeast ? v[0] : v[1];
          Number scale = scaleInto({v[0], v[1]}, form.narrowLowest(), form.highest());
          return (isLeast ? form.narrowLowest() : form.highest()) / scale;
        });
    return axis < 0 ? n.reshape(made, {}) : made;
  };
  giveRange(n, 1, {end(true), end(false)});
}

// --- Dequantize --------------------------------------------------------------------------------

Number dequantizeScaled(const Number &value, const RangeNumbers &range, const Form &form) {
  Number scale = range.most / form.highest();
  if (form.isSigned)
    scale = maximum(range.least / form.narrowLowest(), scale);
  return value * scale;
}

Number dequantizeCombined(const Number &value, const RangeNumbers &range, const Form &form) {
  Number scale = (range.most - range.least) / form.width();
  return (value + (form.isSigned ? form.half() : 0)) * scale + range.least;
}

void dequantize(NodeLowering &n) {
  Tensor x = heldInput(n, 0);
  int64_t axis = n.integer("axis");
  if (!x)
    return;
  RangeTensors ranges = rangesOf(n, axis, x.rank());
  if (!ranges)
    return;
  Form form(n, x.dtype);
  n.give(map(n, {x, ranges.least, ranges.most}, n.outDtype(), x.sizes, [&](ArrayRef<Number> v) {
    RangeNumbers range{v[1], v[2]};
    if (form.mode == "MIN_FIRST")
      return realNumber(v[0], range, form.limits);
    Number value = convert(v[0], DT_FLOAT);
    return form.mode == "SCALED" ? dequantizeScaled(value, range, form)
                                 : dequantizeCombined(value, range, form);
  }));
}

// --- QuantizeAndDequantize: the numbers that are left when quantised ones are turned back ------

struct Rounding {
  int64_t bits;
  bool isSigned, isNarrow, isRangeGiven, toEven;
};

Number thereAndBack(const Number &given, RangeNumbers range, const Rounding &form) {
  double last = static_cast<double>((int64_t(1) << (form.bits - (form.isSigned ? 1 : 0))) - 1);
  double first = form.isSigned ? -last - (form.isNarrow ? 0 : 1) : 0;
  double none = given.dtype == DT_DOUBLE ? std::numeric_limits<double>::max() : 0x1.fffffep127;
  Number nothing = like(given, none);
  Number fromLeast = choose(range.least * first > 0, first / range.least, nothing);
  Number fromMost = choose(range.most * last > 0, last / range.most, nothing);
  Truth byLeast = fromLeast < fromMost;
  Number step =
      choose(byLeast, range.least / like(given, first == 0 ? 1 : first), range.most / last);
  Number scale = choose(byLeast, fromLeast, fromMost);
  Number least = choose(byLeast, range.least, step * first);
  Number most = choose(byLeast, step * last, range.most);
  Number value = form.isRangeGiven ? maximum(minimum(given, most), least) : given;
  value = value * scale;
  return (form.toEven ? rint(value) : floor(value + 0.5)) * step;
}

// Each place of the axis as its values lie.
RangeTensors rangesOfValues(NodeLowering &n, const Tensor &x, int64_t axis) {
  SmallVector<int64_t> others;
  for (int64_t i = 0; i < x.rank(); ++i)
    if (i != axis)
      others.push_back(i);
  return {alongAxis(n, fold(n, x, others, false, kLeast), axis, x.rank()),
          alongAxis(n, fold(n, x, others, false, kGreatest), axis, x.rank())};
}

void quantizeAndDequantize(NodeLowering &n, std::optional<int64_t> bits) {
  Tensor x = widened(n, n.in(0));
  int64_t axis = n.node.attr<IntegerAttr>("axis") ? n.integer("axis") : -1;
  if (!x || !bits)
    return;
  Rounding form{*bits, n.flag("signed_input"), n.flag("narrow_range"), n.flag("range_given"),
                n.text("round_mode") != "HALF_UP"};
  RangeTensors ranges =
      form.isRangeGiven ? rangesOf(n, axis, x.rank()) : rangesOfValues(n, x, axis);
  if (!ranges)
    return;
  n.give(map(n, {x, ranges.least, ranges.most}, n.outDtype(), x.sizes, [=](ArrayRef<Number> v) {
    return thereAndBack(v[0], {convert(v[1], v[0].dtype), convert(v[2], v[0].dtype)}, form);
  }));
}

void quantizeAndDequantizeV2(NodeLowering &n) { quantizeAndDequantize(n, n.integer("num_bits")); }
void quantizeAndDequantizeV3(NodeLowering &n) { quantizeAndDequantize(n, n.constant(3)); }

const LoweringEntry kQuantized[] = {
    {"Dequantize", dequantize},
    {"FakeQuantWithMinMaxArgs", fakeQuantArgs},
    {"FakeQuantWithMinMaxVars", fakeQuantVars},
    {"FakeQuantWithMinMaxVarsPerChannel", fakeQuantChannels},
    {"QuantizeAndDequantizeV2", quantizeAndDequantizeV2},
    {"QuantizeAndDequantizeV3", quantizeAndDequantizeV3},
    {"QuantizeAndDequantizeV4", quantizeAndDequantizeV2},
    {"QuantizeV2", quantizeV2},
};

} // namespace

Lowerings quantizedLowerings() { return kQuantized; }

} // namespace firn::kernel
