// Rounding to integers, remainders.
#pragma once

#include "runtime/kernels/math/number.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

template <typename T> FIRN_INLINE T floor(T x) { return __builtin_elementwise_floor(x); }
template <typename T> FIRN_INLINE T ceil(T x) { return __builtin_elementwise_ceil(x); }
template <typename T> FIRN_INLINE T trunc(T x) { return __builtin_elementwise_trunc(x); }
/// Halves to the even neighbour.
template <typename T> FIRN_INLINE T rint(T x) { return __builtin_elementwise_roundeven(x); }
/// Halves away from zero.
template <typename T> FIRN_INLINE T round(T x) {
  T whole = trunc(x), step = copySign(splat<T>(1), x);
  return copySign(select(abs(x - whole) >= splat<T>(0.5), whole + step, whole), x);
}

/// x = significand * 2^exponent, for finite x other than 0, without the sign.
struct Significand {
  uint64_t digits;
  int exponent;
};
template <typename T> FIRN_INLINE Significand significandOf(T x) {
  constexpr uint64_t kHidden = uint64_t(1) << kMantissaBits<T>;
  uint64_t bits = toBits(abs(x));
  int exponent = static_cast<int>(bits >> kMantissaBits<T>);
  uint64_t digits = exponent ? (bits & (kHidden - 1)) | kHidden : bits;
  return {digits, (exponent ? exponent : 1) - kBias<T> - kMantissaBits<T>};
}

/// x - n y for the n towards zero, exactly: a long division, some digits a step.
template <typename T> FIRN_INLINE T fmodScalar(T x, T y) {
  constexpr int kStep = 63 - kMantissaBits<T>;
  T size = abs(x), divisor = abs(y);
  if (!(size < splat<T>(kInfinity)) || !(divisor > T{}))
    return splat<T>(kNan);
  if (size < divisor)
    return x;
  Significand a = significandOf(size), b = significandOf(divisor);
  uint64_t rest = a.digits % b.digits;
  for (int left = a.exponent - b.exponent; left > 0 && rest; left -= kStep)
    rest = (rest << (left < kStep ? left : kStep)) % b.digits;
  // Products with powers of two are exact, because the result is a number of the format.
  T y0 = static_cast<T>(static_cast<int64_t>(rest));
  int half = b.exponent / 2;
  y0 = y0 * powerOfTwo<T>(half) * powerOfTwo<T>(b.exponent - half);
  return copySign(y0, x);
}

template <typename T> FIRN_INLINE T fmod(T x, T y) {
  if constexpr (isScalar<T>) {
    // NaN out of a NaN divisor: no comparison with it holds.
    return y != y ? y : fmodScalar(x, y);
  } else {
    T result = x;
    for (int lane = 0; lane < Number<T>::kLanes; ++lane)
      result[lane] = fmod<Element<T>>(x[lane], y[lane]);
    return result;
  }
}

/// The remainder with the divisor's sign.
template <typename T> FIRN_INLINE T floormod(T x, T y) {
  T rest = fmod(x, y);
  return select(both(rest != T{}, (rest < T{}) != (y < T{})), rest + y, rest);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
