// Rows of any length by vectors, and a vector to one number.
#pragma once

#include "runtime/kernels/common/vector.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// join(…) of all lanes, by halves.
template <class T, class Join> FIRN_INLINE float acrossLanes(T value, const Join &join) {
  if constexpr (sizeof(T) == 8) {
    return join(value[0], value[1]);
  } else {
    typedef float Half __attribute__((vector_size(sizeof(T) / 2)));
    struct Halves {
      Half low, high;
    };
    const Halves halves = __builtin_bit_cast(Halves, value);
    return acrossLanes(join(halves.low, halves.high), join);
  }
}

FIRN_INLINE float sumOfLanes(V value) {
  return acrossLanes(value, [](auto a, auto b) FIRN_INLINED { return a + b; });
}
FIRN_INLINE float largestLane(V value) {
  return acrossLanes(value, [](auto a, auto b) FIRN_INLINED { return a > b ? a : b; });
}

/// `value` with lanes from `count` on replaced.
FIRN_INLINE V keepFirst(V value, int64_t count, float other) {
  typedef int32_t Lanes __attribute__((vector_size(4 * kWidth)));
  Lanes index;
  FIRN_UNROLL
  for (int lane = 0; lane < kWidth; ++lane)
    index[lane] = lane;
  return index < int32_t(count) ? value : splat(other);
}

/// visit(element, count) for each vector of `size` elements; fewer than kWidth in the last one.
template <class Visit> FIRN_INLINE void forEachVector(int64_t size, const Visit &visit) {
  int64_t at = 0;
  for (; at + kWidth <= size; at += kWidth)
    visit(at, kWidth);
  if (at < size)
    visit(at, size - at);
}
FIRN_INLINE V loadFirst(const float *from, int64_t count) {
  return count >= kWidth ? load(from) : loadPartial(from, count);
}
FIRN_INLINE void storeFirst(float *to, V value, int64_t count) {
  if (count >= kWidth)
    store(to, value);
  else
    storePartial(to, value, count);
}

/// A number of vectors as a type.
template <int Value> struct Vectors {
  static constexpr int value = Value;
};

/// part(Vectors<N>, column, columns left) over all columns: by four vectors, one, and the rest of
/// one.
template <class Part> FIRN_INLINE void forEachColumns(int64_t columns, const Part &part) {
  int64_t column = 0;
  for (; column + 4 * kWidth <= columns; column += 4 * kWidth)
    part(Vectors<4>(), column, columns - column);
  for (; column < columns; column += kWidth)
    part(Vectors<1>(), column, columns - column);
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
