// QuantizeAndDequantize: the numbers that are left when quantised ones are turned back.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// The steps of one range: as many as `bits` allow, of which one is 0.
template <typename T> struct Steps {
  T scale, step, least, most;

  Steps(T least, T most, int64_t bits, bool isSigned, bool isNarrow) : least(least), most(most) {
    T last = isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
    T first = isSigned ? -last - (isNarrow ? 0 : 1) : 0;
    constexpr T kNone = std::numeric_limits<T>::max();
    T fromLeast = first * least > 0 ? first / least : kNone;
    T fromMost = last * most > 0 ? last / most : kNone;
    if (fromLeast < fromMost) {
      scale = fromLeast;
      step = least / first;
      this->most = last * step;
    } else {
      scale = fromMost;
      step = most / last;
      this->least = first * step;
    }
  }
};

struct Form {
  int64_t bits;
  bool isSigned, isNarrow, isRangeGiven, roundsToEven;
  int64_t parts, inner; // each place of the axis has a range of its own

  int64_t partOf(int64_t element) const { return element / inner % parts; }
};

// The ranges of the parts: as inputs 1 and 2 say, or as the values lie.
template <typename T>
std::vector<std::pair<T, T>> rangesOf(Evaluation &e, const Form &form, llvm::ArrayRef<T> values) {
  std::vector<std::pair<T, T>> ranges(form.parts);
  if (form.isRangeGiven) {
    for (int64_t i = 0; i < form.parts; ++i)
      dispatch(Floats{}, e.dtype(), [&](auto zero) {
        using Stored = decltype(zero);
        ranges[i] = {static_cast<T>(e.input(1).values<Stored>()[i]),
                     static_cast<T>(e.input(2).values<Stored>()[i])};
      });
    return ranges;
  }
  constexpr T kMost = std::numeric_limits<T>::max();
  std::fill(ranges.begin(), ranges.end(), std::pair<T, T>(kMost, -kMost));
  for (size_t i = 0; i < values.size(); ++i) {
    auto &[least, most] = ranges[form.partOf(i)];
    least = std::min(least, values[i]);
    most = std::max(most, values[i]);
  }
  return ranges;
}

void quantizeAndDequantize(Evaluation &e, const Form &form) {
  Tensor result = e.make(0, e.dtype(), e.input(0).shape());
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = SumOf<decltype(zero)>;
    std::vector<T> values = widened<T>(e.input(0).values<decltype(zero)>());
    std::vector<Steps<T>> steps;
    for (auto [least, most] : rangesOf<T>(e, form, values)) {
      if (form.isRangeGiven && !(least <= most))
        return e.fail("expected ranges that rise, got " + std::to_string(least) + " to " +
                      std::to_string(most));
      steps.emplace_back(least, most, form.bits, form.isSigned, form.isNarrow);
    }
    for (size_t i = 0; i < values.size(); ++i) {
      const Steps<T> &of = steps[form.partOf(i)];
      T value = form.isRangeGiven ? std::max(std::min(values[i], of.most), of.least) : values[i];
      value *= of.scale;
      values[i] = (form.roundsToEven ? std::rint(value) : std::floor(value + T(0.5))) * of.step;
    }
    narrow<T>(values, result.mutableValues<decltype(zero)>());
  });
}

// Of `bits` bits; with a range for each place of the attribute `axis`, where there is one.
void quantizeAndDequantize(Evaluation &e, int64_t bits) {
  const Tensor &values = e.input(0);
  int64_t axis = e.integer("axis");
  Form form{bits,
            e.flag("signed_input"),
            e.flag("narrow_range"),
            e.flag("range_given"),
            e.text("round_mode") != "HALF_UP",
            1,
            1};
  if (axis < -1 || axis >= values.rank())
    return e.fail("expected an axis of " + values.text() + ", got " + llvm::Twine(axis));
  if (axis >= 0) {
    form.parts = values.dim(axis);
    form.inner = countElements(values.shape().drop_front(axis + 1));
  }
  if (bits < (form.isSigned ? 2 : 1) || bits > (form.isSigned ? 62 : 63))
    return e.fail("expected at least a bit for the numbers, and at most 62, got " +
                  llvm::Twine(bits));
  if (form.isRangeGiven && (e.input(1).size() != form.parts || e.input(2).size() != form.parts))
    return e.fail("expected " + llvm::Twine(form.parts) + " ranges, got " + e.input(1).text() +
                  " and " + e.input(2).text());
  quantizeAndDequantize(e, form);
}

void quantizeAndDequantizeV2(Evaluation &e) { quantizeAndDequantize(e, e.integer("num_bits")); }

void quantizeAndDequantizeV3(Evaluation &e) {
  if (e.input(3).rank() != 0)
    return e.fail("expected a number of bits, got " + e.input(3).text());
  quantizeAndDequantize(e, e.input(3).scalar<int32_t>());
}

constexpr KernelEntry kKernels[] = {
    {"QuantizeAndDequantizeV2", quantizeAndDequantizeV2},
    {"QuantizeAndDequantizeV3", quantizeAndDequantizeV3},
    {"QuantizeAndDequantizeV4", quantizeAndDequantizeV2},
};

} // namespace

KernelList quantizeDequantizeKernels() { return kKernels; }

} // namespace firn::reference
