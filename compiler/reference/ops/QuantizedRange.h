// Quantised numbers and the real ones that they stand for, as TensorFlow's eight-bit ops compute
// them: the range's least, rounded to a whole number of steps, is the least of the type.
#pragma once

#include <cmath>
#include <optional>

#include "compiler/reference/Evaluation.h"

namespace firn::reference {

struct QuantizedRange {
  float least, most;

  bool operator==(const QuantizedRange &other) const {
    return least == other.least && most == other.most;
  }
};

template <typename T> constexpr int64_t kLowest = std::numeric_limits<T>::lowest();
template <typename T> constexpr int64_t kHighest = std::numeric_limits<T>::max();
template <typename T> constexpr double kLevels = static_cast<double>(kHighest<T> - kLowest<T> + 1);

/// What one step of `T` stands for.
template <typename T> float stepOf(QuantizedRange range) {
  return (range.most - range.least) / static_cast<float>(kHighest<T> - kLowest<T>);
}

/// A number that int64 holds: one beyond comes from a range that is no range, any result will do.
inline double saturating(double number) {
  constexpr double kFar = 1e18;
  return number >= -kFar ? std::min(number, kFar) : -kFar;
}

/// The whole number that quantises `value`, also where `T` cannot hold it.
template <typename T> int64_t unboundedQuantized(float value, QuantizedRange range) {
  if (range.least == range.most)
    return kLowest<T>;
  double width = static_cast<double>(range.most - range.least) * (kLevels<T> / (kLevels<T> - 1));
  double scale = kLevels<T> / width;
  double steps = std::round(value * scale) - std::round(range.least * scale);
  return static_cast<int64_t>(saturating(steps)) + kLowest<T>;
}

// Single numbers are converted in double and tensors in float, as TensorFlow does it: the last
// digits differ.
template <typename T> T quantizedNumber(float value, QuantizedRange range) {
  int64_t number = unboundedQuantized<T>(value, range);
  return static_cast<T>(std::min(std::max(number, kLowest<T>), kHighest<T>));
}
template <typename T> float realNumber(T value, QuantizedRange range) {
  if (range.least == range.most)
    return range.least;
  double width = static_cast<double>(range.most - range.least) * (kLevels<T> / (kLevels<T> - 1));
  double step = width / kLevels<T>;
  float shortStep = static_cast<float>(step);
  double least = std::round(range.least / shortStep) * shortStep;
  return static_cast<float>(least + (static_cast<double>(value) - kLowest<T>)*step);
}

/// The real number of each element of a tensor.
template <typename T> class ToReal {
public:
  explicit ToReal(QuantizedRange range)
      : step(static_cast<float>((range.most - range.least) / (kLevels<T> - 1))) {
    float least = range.least == range.most ? range.least : std::round(range.least / step) * step;
    zero = least - static_cast<float>(kLowest<T>) * step;
  }
  float operator()(T value) const { return zero + static_cast<float>(value) * step; }

private:
  float step, zero;
};

/// The quantised number of each element of a tensor.
template <typename T> class FromReal {
public:
  explicit FromReal(QuantizedRange range)
      : scale(range.least == range.most
                  ? 0
                  : static_cast<float>((kLevels<T> - 1) / (range.most - range.least))),
        least(std::round(range.least * scale) - static_cast<float>(kLowest<T>)) {}

  T operator()(float value) const {
    // The greatest float below 2^31: an int32's maximum is none.
    constexpr float kMost = std::min(static_cast<float>(kHighest<T>), 2147483520.0f);
    float moved = std::round(value * scale) - least;
    if (!(moved > static_cast<float>(kLowest<T>)))
      return std::numeric_limits<T>::lowest();
    return static_cast<T>(std::min(moved, kMost));
  }

private:
  float scale, least;
};

/// Integers that quantised types are held as.
using QuantizedTypes = TypeList<uint8_t, int8_t, int32_t, int16_t, uint16_t>;

/// Calls function(T{}) for the type of input `index`.
template <typename F> void dispatchQuantized(Evaluation &e, unsigned index, F &&function) {
  dispatch(e, QuantizedTypes{}, e.dtype(index), function);
}

/// The range whose ends are two inputs; fails for inputs that are not one float each.
std::optional<QuantizedRange> rangeInput(Evaluation &e, unsigned least, unsigned most);
inline std::optional<QuantizedRange> rangeInput(Evaluation &e, unsigned least) {
  return rangeInput(e, least, least + 1);
}

/// A range as outputs `index` and the next.
void giveRange(Evaluation &e, unsigned index, QuantizedRange range);

/// The numbers of `tensor` in another range, as another type.
Tensor requantized(Evaluation &e, const Tensor &tensor, QuantizedRange from, int dtype,
                   QuantizedRange to);

} // namespace firn::reference
