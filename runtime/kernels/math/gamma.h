// The gamma function's family, on scalars in double precision; floats go by way of doubles. These
// have branches and loops. Where a function has no value the result is NaN.
#pragma once

#include "runtime/kernels/math/power.h"
#include "runtime/kernels/math/trigonometric.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

constexpr double kEpsilon = 0x1p-52;
constexpr double kFullPi = 0x1.921fb54442d18p+1;

FIRN_INLINE bool isWhole(double x) { return x == floor(x); }

/// sin(pi x), also of large x.
FIRN_INLINE double sinPi(double x) {
  double rest = x - 2 * rint(x * 0.5);                           // -1 to 1, exactly
  rest = rest > 0.5 ? 1 - rest : rest < -0.5 ? -1 - rest : rest; // sin(pi - a) = sin(a)
  return sinReduced(rest * 0.5 * kFullPi, 0.0) * 2 * cosReduced(rest * 0.5 * kFullPi, 0.0);
}

/// ln gamma(2 + t) for |t| <= 1/2: t (1 + t) times a polynomial, exact at its zeros.
FIRN_INLINE double lgammaNearTwo(double t) {
  double p = horner(
      t, 0x1.b0ee6072093cep-2, -0x1.9ae6509ea109fp-4, 0x1.0e0c9df293537p-5, -0x1.95ce223a9cbcap-7,
      0x1.47974853a8971p-8, -0x1.145121f99bfcbp-9, 0x1.dfebcf90eb739p-11, -0x1.a96a4012e3532p-12,
      0x1.7ed732b163e13p-13, -0x1.5c86b57473daap-14, 0x1.402f4aa433d56p-15, -0x1.28508a4e1225cp-16,
      0x1.13dbf1c05af4fp-17, -0x1.0228b32942da5p-18, 0x1.e6c3d6ee5de4ep-20, -0x1.cb47886049c89p-21,
      0x1.9ee08a0b0974fp-22, -0x1.89b6390c7108cp-23, 0x1.06400e9ad08b5p-23, -0x1.f50b7d72343dep-25);
  return t * (1 + t) * p;
}

/// The correction of Stirling's formula, for x >= 8.
FIRN_INLINE double stirlingSeries(double x) {
  double z = 1 / (x * x);
  return horner(z, 0x1.5555555555555p-4, -0x1.6c16c16c16c17p-9, 0x1.a01a01a01a01ap-11,
                -0x1.3813813813814p-11, 0x1.b951e2b18ff23p-11, -0x1.f6ab0d9993c7dp-10,
                0x1.a41a41a41a41ap-8, -0x1.e4286cb0f5398p-6) /
         x;
}

/// ln gamma(x) for x > 0.
inline double lgammaPositive(double x) {
  constexpr double kHalfLogTwoPi = 0x1.d67f1c864beb5p-1;
  if (x >= 8)
    return x > 0x1p60 ? x * (log(x) - 1)
                      : (x - 0.5) * log(x) - x + (kHalfLogTwoPi + stirlingSeries(x));
  if (x < 0.5)
    return lgammaNearTwo(x) - log(x * (1 + x));
  if (x < 1.5)
    return lgammaNearTwo(x - 1) - log(x);
  double product = 1;
  while (x > 2.5)
    product *= x -= 1;
  return lgammaNearTwo(x - 2) + log(product);
}

/// ln |gamma(x)|.
inline double lgammaDouble(double x) {
  if (x != x)
    return x;
  if (abs(x) == kInfinity)
    return kInfinity;
  if (x > 0)
    return x < 0x1p-60 ? -log(x) : lgammaPositive(x);
  if (isWhole(x))
    return kInfinity;
  if (x > -0x1p-60)
    return -log(-x);
  return log(kFullPi / abs(sinPi(x) * x)) - lgammaPositive(-x);
}

/// The derivative of ln gamma: reflected to positive numbers, moved up by its recurrence, then the
/// asymptotic series.
inline double digammaDouble(double x) {
  double reflected = 0;
  if (x <= 0) {
    if (isWhole(x))
      return kNan;
    double rest = x - rint(x);
    reflected = kFullPi / tan(kFullPi * rest);
    x = 1 - x;
  }
  if (x == kInfinity)
    return x;
  double sum = 0;
  for (; x < 10; x += 1)
    sum -= 1 / x;
  double z = 1 / (x * x);
  double series = z * horner(z, 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132,
                             -691.0 / 32760, 1.0 / 12);
  return sum + (log(x) - 0.5 / x - series) - reflected;
}

/// What is left of the zeta sum from a on, by Euler and Maclaurin.
FIRN_INLINE double zetaTail(double x, double a) {
  // Bernoulli numbers B(2k) / (2k)!
  constexpr double kRatios[] = {1.0 / 12,          -1.0 / 720,
                                1.0 / 30240,       -1.0 / 1209600,
                                1.0 / 47900160,    -691.0 / 1307674368000,
                                1.0 / 74724249600, -3617.0 / 10670622842880000};
  double power = pow(a, -x), tail = power * a / (x - 1) + power / 2, factor = x * power / a;
  for (int k = 0; k < 8; ++k) {
    tail += factor * kRatios[k];
    factor *= (x + 2 * k + 1) * (x + 2 * k + 2) / (a * a);
  }
  return tail;
}

/// Hurwitz' zeta function: the sum of (q + k)^-x over k = 0, 1, …
inline double zetaDouble(double x, double q) {
  if (x == 1)
    return kInfinity;
  if (!(x > 1) || q != q)
    return kNan;
  if (q <= 0 && isWhole(q))
    return fmod(x, 2.0) == 0 ? kInfinity : kNan;
  if (q == kInfinity)
    return 0;
  if (q <= 0 && (!isWhole(x) || q == -kInfinity)) // a complex power
    return kNan;
  double sum = 0, last = q + 10 > 10 ? q + 10 : 10;
  for (; q < last; q += 1) {
    double term = pow(q, -x);
    sum += term;
    if (q > 0 && abs(term) < kEpsilon * abs(sum))
      return sum;
  }
  return sum + zetaTail(x, q);
}

/// The derivative of order n of digamma.
inline double polygammaDouble(double n, double x) {
  if (!(n >= 0) || !isWhole(n))
    return kNan;
  if (n == 0)
    return digammaDouble(x);
  double size = exp(lgammaDouble(n + 1)) * zetaDouble(n + 1, x);
  return fmod(n, 2.0) == 0 ? -size : size;
}

/// x^a e^-x / gamma(a). Of large a by the deviation of x from a: its logarithm is small there while
/// those of the factors are not.
FIRN_INLINE double gammaFactor(double a, double x) {
  if (a < 20 || x < 0.5 * a || x > 2 * a)
    return exp(a * log(x) - x - lgammaDouble(a));
  double d = (x - a) / a;
  return exp(a * (log1p(d) - d) - stirlingSeries(a)) * sqrt(a / (2 * kFullPi));
}

/// The power series of the lower incomplete gamma function; it converges well where x < a + 1.
inline double igammaSeries(double a, double x) {
  double term = 1 / a, sum = term;
  for (double n = a + 1; term > sum * kEpsilon; n += 1)
    sum += term *= x / n;
  return sum * gammaFactor(a, x);
}

/// Steps of Lentz's evaluation of a continued fraction whose terms are `a` over `b`.
struct ContinuedFraction {
  double value, c, d = 0;
  explicit ContinuedFraction(double first) : value(first), c(first) {}
  /// True while the value still moves.
  FIRN_INLINE bool step(double a, double b) {
    constexpr double kTiny = 1e-300;
    d = b + a * d;
    d = 1 / (d == 0 ? kTiny : d);
    c = b + a / c;
    c = c == 0 ? kTiny : c;
    value *= c * d;
    return abs(c * d - 1) > 2 * kEpsilon;
  }
};
constexpr int kMostSteps = 100000;

/// The continued fraction of the upper function; it converges well where x > a + 1.
inline double igammacFraction(double a, double x) {
  ContinuedFraction fraction(x + 1 - a);
  for (int n = 1; n < kMostSteps && fraction.step(n * (a - n), x + 2 * n + 1 - a); ++n)
    ;
  return gammaFactor(a, x) / fraction.value;
}

/// The regularised incomplete gamma functions.
inline double igammaDouble(double a, double x) {
  if (x == 0 && a == a)
    return 0;
  if (!(a > 0) || !(x >= 0))
    return kNan;
  if (a == kInfinity || x == kInfinity)
    return a == kInfinity ? 0 : 1;
  return x > a + 1 ? 1 - igammacFraction(a, x) : igammaSeries(a, x);
}
inline double igammacDouble(double a, double x) {
  if (!(a > 0) || !(x >= 0))
    return kNan;
  if (x == 0)
    return 1;
  if (a == kInfinity || x == kInfinity)
    return x == kInfinity ? 0 : 1;
  return x > a + 1 ? igammacFraction(a, x) : 1 - igammaSeries(a, x);
}

/// The continued fraction of the incomplete beta function; it converges well where
/// x < (a + 1) / (a + b + 2).
inline double betaincFraction(double a, double b, double x) {
  ContinuedFraction fraction(1);
  for (int n = 0; n < kMostSteps; ++n) {
    double at = a + 2 * n, m = n + 1;
    bool moves = fraction.step(-(a + n) * (a + b + n) * x / (at * (at + 1)), 1);
    moves |= fraction.step(m * (b - m) * x / ((at + 1) * (at + 2)), 1);
    if (!moves)
      break;
  }
  double beta = lgammaDouble(a) + lgammaDouble(b) - lgammaDouble(a + b);
  return exp(a * log(x) + b * log1p(-x) - beta) / (a * fraction.value);
}

/// The regularised incomplete beta function.
inline double betaincDouble(double a, double b, double x) {
  if (!(a > 0 && a < kInfinity) || !(b > 0 && b < kInfinity) || !(x >= 0 && x <= 1))
    return kNan;
  if (x == 0 || x == 1)
    return x;
  if (x > (a + 1) / (a + b + 2))
    return 1 - betaincFraction(b, a, 1 - x);
  return betaincFraction(a, b, x);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
