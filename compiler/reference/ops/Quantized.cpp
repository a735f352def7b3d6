// Numbers to quantised ones and back.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using Quantized = TypeList<int8_t, uint8_t, int32_t, int16_t, uint16_t>;

struct Range {
  float least, most;
};

// The parts of a tensor that have a range each: all of it, or each place of an axis.
struct Parts {
  int64_t count = 1, inner = 1;

  int64_t operator()(int64_t element) const { return element / inner % count; }
};

// The parts by attribute `axis`, for which inputs 1 and 2 must hold as many ranges.
std::optional<Parts> partsOf(Evaluation &e, int64_t axis) {
  const Tensor &values = e.input(0);
  if (axis < -1 || axis >= values.rank()) {
    e.fail("expected an axis of " + values.text() + ", got " + llvm::Twine(axis));
    return std::nullopt;
  }
  Parts parts;
  if (axis >= 0)
    parts = {values.dim(axis), countElements(values.shape().drop_front(axis + 1))};
  return parts;
}

bool haveRanges(Evaluation &e, const Parts &parts) {
  if (e.input(1).size() == parts.count && e.input(2).size() == parts.count)
    return true;
  e.fail("expected " + llvm::Twine(parts.count) + " ranges, got " + e.input(1).text() + " and " +
         e.input(2).text());
  return false;
}

// FakeQuant: values moved to the nearest of evenly spaced ones, of which one is 0.
struct FakeQuantization {
  float step = 0;
  Range range{0, 0};

  FakeQuantization(Range wanted, int64_t bits, bool isNarrow) {
    if (wanted.least == 0 && wanted.most == 0)
      return;
    float first = isNarrow ? 1 : 0, last = static_cast<float>((int64_t(1) << bits) - 1);
    step = (wanted.most - wanted.least) / (last - first);
    float zero = first - wanted.least / step;
    zero = zero < first ? first : zero > last ? last : std::round(zero);
    range = {(first - zero) * step, (last - zero) * step};
  }
  float operator()(float value) const {
    if (step == 0)
      return 0;
    float shifted = std::max(std::min(value, range.most), range.least) - range.least;
    return std::floor(shifted * (1 / step) + 0.5f) * step + range.least;
  }
};

void fakeQuantize(Evaluation &e, const Parts &parts, llvm::ArrayRef<Range> ranges) {
  int64_t bits = e.integer("num_bits");
  if (bits < 2 || bits > 16)
    return e.fail("expected 2 to 16 bits, got " + llvm::Twine(bits));
  std::vector<FakeQuantization> quantize;
  for (Range range : ranges) {
    if (!(range.least <= range.most))
      return e.fail("expected a range that rises, got " + std::to_string(range.least) + " to " +
                    std::to_string(range.most));
    quantize.emplace_back(range, bits, e.flag("narrow_range"));
  }
  Tensor result = e.make(0, DT_FLOAT, e.input(0).shape());
  auto in = e.input(0).values<float>();
  auto out = result.mutableValues<float>();
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = quantize[parts(i)](in[i]);
}

void fakeQuantArgs(Evaluation &e) {
  fakeQuantize(e, Parts(),
               Range{static_cast<float>(e.real("min")), static_cast<float>(e.real("max"))});
}

void fakeQuantVars(Evaluation &e, bool isPerChannel) {
  if (isPerChannel && e.input(0).rank() < 1)
    return e.fail("expected values with channels, got " + e.input(0).text());
  std::optional<Parts> parts = partsOf(e, isPerChannel ? e.input(0).rank() - 1 : -1);
  if (!parts || !haveRanges(e, *parts))
    return;
  std::vector<Range> ranges;
  for (int64_t i = 0; i < parts->count; ++i)
    ranges.push_back({e.input(1).values<float>()[i], e.input(2).values<float>()[i]});
  fakeQuantize(e, *parts, ranges);
}

template <typename T> float lowest() {
  return static_cast<float>(std::numeric_limits<T>::lowest());
}
template <typename T> float highest() { return static_cast<float>(std::numeric_limits<T>::max()); }

// The scale that takes the range into [least, most], 0 staying 0, and the range it then is.
struct Scaling {
  float scale;
  Range range;

  Scaling(Range wanted, float least, float most) {
    constexpr float kNone = std::numeric_limits<float>::max();
    float fromLeast = least * wanted.least > 0 ? least / wanted.least : kNone;
    float fromMost = most * wanted.most > 0 ? most / wanted.most : kNone;
    scale = std::min(fromLeast, fromMost);
    range = {least / scale, most / scale};
  }
};

float clamp(float value, Range range) { return std::max(std::min(value, range.most), range.least); }

enum class Rounding { kAwayFromZero, kToEven };
float rounded(float value, Rounding rounding) {
  return rounding == Rounding::kToEven ? std::rint(value) : std::round(value);
}
Rounding roundingOf(Evaluation &e) {
  return e.text("round_mode") == "HALF_TO_EVEN" ? Rounding::kToEven : Rounding::kAwayFromZero;
}

// A number as the nearest one of `T`.
template <typename T> T saturated(float value) {
  if (!(value > lowest<T>()))
    return std::numeric_limits<T>::lowest();
  return value >= highest<T>() ? std::numeric_limits<T>::max() : static_cast<T>(value);
}

// MIN_COMBINED: the range's ends are the least and the greatest of `T`.
template <typename T> T quantizeCombined(float value, Range range) {
  float scale = (highest<T>() - lowest<T>()) / (range.most - range.least);
  float offset = (clamp(value, range) - range.least) * scale;
  if constexpr (std::is_signed_v<T>) {
    float half = (highest<T>() - lowest<T>() + 1) / 2;
    return saturated<T>(std::round(offset - half));
  }
  return saturated<T>(offset + 0.5f);
}
template <typename T> float dequantizeCombined(T value, Range range) {
  float half = std::is_signed_v<T> ? (highest<T>() - lowest<T>() + 1) / 2 : 0;
  float scale = (range.most - range.least) / (highest<T>() - lowest<T>());
  return (static_cast<float>(value) + half) * scale + range.least;
}

// MIN_FIRST: the range's least, rounded to a multiple of the step, is the least of `T`.
template <typename T> constexpr double kSteps = static_cast<double>(uint64_t(1) << (8 * sizeof(T)));
template <typename T> T quantizeFirst(float value, Range range) {
  if (range.least == range.most)
    return 0;
  double adjusted = kSteps<T> / (kSteps<T> - 1) * (double(range.most) - range.least);
  double scale = kSteps<T> / adjusted;
  double moved = std::round(value * scale) - std::round(range.least * scale) +
                 static_cast<double>(std::numeric_limits<T>::lowest());
  moved = std::max(moved, static_cast<double>(std::numeric_limits<T>::lowest()));
  return static_cast<T>(std::min(moved, static_cast<double>(std::numeric_limits<T>::max())));
}
template <typename T> float dequantizeFirst(T value, Range range) {
  if (range.least == range.most)
    return range.least;
  double adjusted = kSteps<T> / (kSteps<T> - 1) * (double(range.most) - range.least);
  double step = adjusted / kSteps<T>;
  double least = std::round(range.least / step) * step;
  return least +
         (static_cast<double>(value) - static_cast<double>(std::numeric_limits<T>::lowest())) *
             step;
}

// The range of input 1 and 2, widened to hold 0 and to be wide enough to divide.
Range widenedRange(Evaluation &e, int64_t part) {
  float least = e.input(1).values<float>()[part], most = e.input(2).values<float>()[part];
  float smallest = std::max(1.0f, std::max(std::abs(least), std::abs(most))) *
                   static_cast<float>(e.real("ensure_minimum_range"));
  float from = std::min(0.0f, least);
  return {from, std::max(0.0f, std::max(most, from + smallest))};
}

bool rangesRise(Evaluation &e, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    if (!(e.input(1).values<float>()[i] <= e.input(2).values<float>()[i])) {
      e.fail("expected ranges that rise, got " + std::to_string(e.input(1).values<float>()[i]) +
             " to " + std::to_string(e.input(2).values<float>()[i]));
      return false;
    }
  return true;
}

template <typename T> void quantizeAll(Evaluation &e, const Parts &parts, Tensor &result) {
  Shape shape;
  if (e.integer("axis") >= 0)
    shape.push_back(parts.count);
  Tensor least = e.make(1, DT_FLOAT, shape), most = e.make(2, DT_FLOAT, shape);
  std::vector<Range> ranges;
  std::vector<float> scales;
  llvm::StringRef mode = e.text("mode");
  for (int64_t i = 0; i < parts.count; ++i) {
    Range range = widenedRange(e, i);
    if (mode == "SCALED") {
      Scaling scaling(range, lowest<T>() + (e.flag("narrow_range") ? 1 : 0), highest<T>());
      range = scaling.range;
      scales.push_back(scaling.scale);
    }
    ranges.push_back(range);
    least.mutableValues<float>()[i] = range.least;
    most.mutableValues<float>()[i] = range.most;
  }
  Rounding rounding = roundingOf(e);
  auto in = e.input(0).values<float>();
  auto out = result.mutableValues<T>();
  for (size_t i = 0; i < out.size(); ++i) {
    int64_t part = parts(i);
    if (mode == "SCALED")
      out[i] = saturated<T>(rounded(clamp(in[i], ranges[part]) * scales[part], rounding));
    else
      out[i] = mode == "MIN_FIRST" ? quantizeFirst<T>(in[i], ranges[part])
                                   : quantizeCombined<T>(in[i], ranges[part]);
  }
}

void quantizeV2(Evaluation &e) {
  std::optional<Parts> parts = partsOf(e, e.integer("axis"));
  if (!parts || !haveRanges(e, *parts) || !rangesRise(e, parts->count))
    return;
  Tensor result = e.make(0, e.type("T"), e.input(0).shape());
  dispatch(e, Quantized{}, e.type("T"),
           [&](auto zero) { quantizeAll<decltype(zero)>(e, *parts, result); });
}

template <typename T> float dequantizeScaled(T value, Range range, bool isNarrow) {
  float scale = range.most / highest<T>();
  if (std::is_signed_v<T>)
    scale = std::max(range.least / (lowest<T>() + (isNarrow ? 1 : 0)), scale);
  return static_cast<float>(value) * scale;
}

void dequantize(Evaluation &e) {
  std::optional<Parts> parts = partsOf(e, e.integer("axis"));
  if (!parts || !haveRanges(e, *parts))
    return;
  int dtype = e.type("dtype");
  Tensor result = e.make(0, dtype, e.input(0).shape());
  llvm::StringRef mode = e.text("mode");
  bool isNarrow = e.flag("narrow_range");
  dispatch(e, Quantized{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto in = e.input(0).values<T>();
    std::vector<float> values;
    for (size_t i = 0; i < in.size(); ++i) {
      int64_t part = (*parts)(i);
      Range range{e.input(1).values<float>()[part], e.input(2).values<float>()[part]};
      values.push_back(mode == "SCALED"      ? dequantizeScaled(in[i], range, isNarrow)
                       : mode == "MIN_FIRST" ? dequantizeFirst(in[i], range)
                                             : dequantizeCombined(in[i], range));
    }
    dispatch(e, Floats{}, dtype,
             [&](auto zero) { narrow<float>(values, result.mutableValues<decltype(zero)>()); });
  });
}

constexpr KernelEntry kKernels[] = {
    {"FakeQuantWithMinMaxArgs", fakeQuantArgs},
    {"FakeQuantWithMinMaxVars", [](Evaluation &e) { fakeQuantVars(e, false); }},
    {"FakeQuantWithMinMaxVarsPerChannel", [](Evaluation &e) { fakeQuantVars(e, true); }},
    {"QuantizeV2", quantizeV2},
    {"Dequantize", dequantize},
};

} // namespace

KernelList quantizedKernels() { return kKernels; }

} // namespace firn::reference
