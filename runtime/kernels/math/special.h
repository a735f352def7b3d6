// Functions on scalars that branch: the gamma function's family (gamma.h) and inverses of the error
// function.
#pragma once

#include "runtime/kernels/math/error.h"
#include "runtime/kernels/math/gamma.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

/// The inverse of the normal distribution's cumulative function for p < 1/4: Newton's steps from a
/// rational start.
inline double ndtriTail(double p) {
  constexpr double kRootHalf = 0x1.6a09e667f3bcdp-1, kRootTwoPi = 0x1.40d931ff62706p+1;
  double t = sqrt(-2 * log(p));
  double x =
      horner(t, 2.515517, 0.802853, 0.010328) / horner(t, 1.0, 1.432788, 0.189269, 0.001308) - t;
  for (int i = 0; i < 4; ++i)
    x -= (erfc(-x * kRootHalf) / 2 - p) * exp(x * x / 2) * kRootTwoPi;
  return x;
}

/// The same near the middle, by erf.
inline double ndtriMiddle(double p) {
  constexpr double kHalfRootPi = 0x1.c5bf891b4ef6ap-1, kRootTwo = 0x1.6a09e667f3bcdp+0;
  double x = 2 * p - 1, y = x * kHalfRootPi;
  for (int i = 0; i < 6; ++i)
    y -= (erf(y) - x) * exp(y * y) * kHalfRootPi;
  return y * kRootTwo;
}

inline double ndtriDouble(double p) {
  if (!(p >= 0 && p <= 1))
    return kNan;
  if (p == 0 || p == 1)
    return p == 0 ? -kInfinity : kInfinity;
  if (abs(p - 0.5) < 0.25)
    return ndtriMiddle(p);
  return p > 0.5 ? -ndtriTail(1 - p) : ndtriTail(p);
}

/// Of any scalar type T by way of doubles.
#define FIRN_BY_DOUBLES_1(name)                                                                    \
  template <typename T> FIRN_INLINE T name(T x) { return static_cast<T>(name##Double(x)); }
#define FIRN_BY_DOUBLES_2(name)                                                                    \
  template <typename T> FIRN_INLINE T name(T x, T y) { return static_cast<T>(name##Double(x, y)); }
FIRN_BY_DOUBLES_1(lgamma)
FIRN_BY_DOUBLES_1(digamma)
FIRN_BY_DOUBLES_1(ndtri)
FIRN_BY_DOUBLES_2(zeta)
FIRN_BY_DOUBLES_2(polygamma)
FIRN_BY_DOUBLES_2(igamma)
FIRN_BY_DOUBLES_2(igammac)
#undef FIRN_BY_DOUBLES_1
#undef FIRN_BY_DOUBLES_2

template <typename T> FIRN_INLINE T betainc(T a, T b, T x) {
  return static_cast<T>(betaincDouble(a, b, x));
}

/// As TensorFlow has it: by ndtri, whose argument is rounded to the operand's type.
template <typename T> FIRN_INLINE T erfinv(T x) {
  return static_cast<T>(ndtriDouble((x + T(1)) / T(2)) * 0x1.6a09e667f3bcdp-1);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
