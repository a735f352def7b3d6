// Functions made of ln x.
#pragma once

#include "runtime/kernels/math/exponential.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

/// x = 2^e (1 + f), 1 + f between the roots of 1/2 and 2; for positive finite x.
template <typename T> struct LogReduction {
  T e, f;
};
template <typename T> FIRN_INLINE LogReduction<T> reduceLog(T x) {
  constexpr double kNormal = isFloat<T> ? 0x1p-126 : 0x1p-1022;
  constexpr double kLift = isFloat<T> ? 0x1p24 : 0x1p54;
  constexpr uint64_t kOne = isFloat<T> ? 0x3f800000 : 0x3ff0000000000000;
  constexpr uint64_t kRootOfHalf = isFloat<T> ? 0x3f3504f3 : 0x3fe6a09e667f3bcd;
  auto denormal = x < splat<T>(kNormal);
  Bits<T> bits = toBits(select(denormal, x * splat<T>(kLift), x));
  Bits<T> n = ((bits - splatBits<T>(kRootOfHalf) + splatBits<T>(kOne)) >>
               kMantissaBits<T>)-splatBits<T>(kBias<T>);
  T lifted = select(denormal, splat<T>(isFloat<T> ? -24 : -54), T{});
  T m = fromBits<T>(bits - (n << kMantissaBits<T>));
  return {fromInteger<T>(n) + lifted, m - splat<T>(1)};
}

/// e ln 2 + ln(1 + f) + c, `c` a correction that is tiny beside f or e.
template <typename T> FIRN_INLINE T logOf(LogReduction<T> x, T c) {
  T f = x.f, half = splat<T>(0.5) * f * f;
  T low = fma_(x.e, splat<T>(kLn2Low<T>), c);
  if constexpr (isFloat<T>) {
    T p = horner(f, 0x1.55552ep-2, -0x1.000216p-2, 0x1.99b034p-3, -0x1.548186p-3, 0x1.21cd2cp-3,
                 -0x1.0c0eb4p-3, 0x1.0ae6ep-3, -0x1.4c628cp-4);
    low = fma_(f * f * f, p, low) - half;
  } else { // by s = f / (2 + f), ln(1 + f) = 2 (s + s^3 / 3 + …)
    T s = f / (splat<T>(2) + f), z = s * s;
    T p = z * horner(z, 0x1.5555555555592p-1, 0x1.999999997ff58p-2, 0x1.24924941dc60dp-2,
                     0x1.c71c5218e11f5p-3, 0x1.74663bf27dcf1p-3, 0x1.39a2024d18ee6p-3,
                     0x1.2f02bc1b2f46ap-3);
    low = fma_(s, half + p, low) - half;
  }
  return fma_(x.e, splat<T>(kLn2High<T>), f + low);
}

/// `y` where x is positive and finite, else the logarithm's limits.
template <typename T> FIRN_INLINE T logLimits(T x, T y) {
  T outside = select(x == T{}, splat<T>(-kInfinity), splat<T>(kNan));
  return select(x > T{}, select(x < splat<T>(kInfinity), y, x), outside);
}

template <typename T> FIRN_INLINE T log(T x) { return logLimits(x, logOf(reduceLog(x), T{})); }

template <typename D> FIRN_INLINE D log2Double(D x) {
  auto [e, f] = reduceLog(x);
  return logLimits(x, fma_(logOf({D{}, f}, D{}), splat<D>(kLog2E), e));
}
template <typename T> FIRN_INLINE T log2(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return log2Double(d); }, x);
}

/// What 1 + x rounds away comes back as a correction.
template <typename T> FIRN_INLINE T log1p(T x) {
  T one = splat<T>(1), sum = one + x;
  T lost = select(x < one, x - (sum - one), one - (sum - x));
  T y = logLimits(sum, logOf(reduceLog(sum), lost / sum));
  return select(abs(x) < splat<T>(isFloat<T> ? 0x1p-26 : 0x1p-55), x, y);
}

template <typename T> FIRN_INLINE T softplus(T x) {
  return select(x > T{}, x, T{}) + log1p(exp(-abs(x)));
}

constexpr double kLn2 = 0x1.62e42fefa39efp-1;

template <typename D> FIRN_INLINE D asinhDouble(D x) {
  D size = abs(x), z = size * size, one = splat<D>(1);
  D large = log(size) + splat<D>(kLn2);
  D small = log1p(size + z / (one + sqrt(one + z)));
  return copySign(select(size < splat<D>(0x1p28), small, large), x);
}
template <typename D> FIRN_INLINE D acoshDouble(D x) {
  D t = x - splat<D>(1);
  D small = log1p(t + sqrt(t * (t + splat<D>(2))));
  D y = select(x > splat<D>(0x1p28), log(x) + splat<D>(kLn2), small);
  return select(x < splat<D>(1), splat<D>(kNan), y);
}
template <typename D> FIRN_INLINE D atanhDouble(D x) {
  D size = abs(x), twice = size + size, one = splat<D>(1);
  D y = splat<D>(0.5) * log1p(twice + twice * size / (one - size));
  y = select(size == one, splat<D>(kInfinity), y);
  return copySign(select(size > one, splat<D>(kNan), y), x);
}
template <typename T> FIRN_INLINE T asinh(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return asinhDouble(d); }, x);
}
template <typename T> FIRN_INLINE T acosh(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return acoshDouble(d); }, x);
}
template <typename T> FIRN_INLINE T atanh(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return atanhDouble(d); }, x);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
