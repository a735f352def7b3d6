// Powers and roots.
#pragma once

#include "runtime/kernels/math/logarithm.h"
#include "runtime/kernels/math/rounding.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

template <typename T> FIRN_INLINE T rsqrt(T x) { return splat<T>(1) / sqrt(x); }

/// A number as an unevaluated sum; sums and products of pairs are good to 2^-100.
template <typename D> struct Pair {
  D high, low;
};
template <typename D> FIRN_INLINE Pair<D> fastSum(D a, D b) { // |a| >= |b|
  D sum = a + b;
  return {sum, (a - sum) + b};
}
/// a b without an error, by halves of the digits: not every level has an FMA.
template <typename D> FIRN_INLINE Pair<D> exactProduct(D a, D b) {
  D cut = splat<D>(0x1p27 + 1), a1 = a * cut, b1 = b * cut;
  D aHigh = a1 - (a1 - a), bHigh = b1 - (b1 - b), aLow = a - aHigh, bLow = b - bHigh;
  D product = a * b;
  D low = ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow;
  return {product, low};
}
template <typename D> FIRN_INLINE Pair<D> product(Pair<D> a, Pair<D> b) {
  Pair<D> p = exactProduct(a.high, b.high);
  return fastSum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

/// ln x with some 66 bits, for positive finite x.
template <typename D> FIRN_INLINE Pair<D> logPair(D x) {
  auto [e, f] = reduceLog(x);
  D below = splat<D>(2) + f, belowLow = f - (below - splat<D>(2));
  D quotient = f / below;
  Pair<D> back = exactProduct(quotient, below);
  Pair<D> s{quotient, (((f - back.high) - back.low) - quotient * belowLow) / below};
  Pair<D> z = product(s, s);
  D zz = z.high;
  D p = zz * horner(zz, 0x1.9999999999996p-2, 0x1.2492492492f4bp-2, 0x1.c71c71c59796ap-3,
                    0x1.745d1828c79ebp-3, 0x1.3b1364f1016b5p-3, 0x1.1120692f23e3ep-3,
                    0x1.de3e606607dcfp-4, 0x1.eabe236a092aep-4);
  // ln(1 + f) = 2 s + s z (2/3 + p)
  Pair<D> third = fastSum(splat<D>(0x1.5555555555555p-1), p);
  third.low += splat<D>(0x1.5555555555555p-55);
  Pair<D> cubic = product(product(s, z), third);
  Pair<D> sum = fastSum(splat<D>(2) * s.high, cubic.high);
  sum.low += splat<D>(2) * s.low + cubic.low;
  D large = e * splat<D>(kLn2High<D>);
  // e ln 2 is larger than ln(1 + f), or 0.
  Pair<D> total = fastSum(large, sum.high);
  D high = select(e == D{}, sum.high, total.high), low = select(e == D{}, D{}, total.low);
  return fastSum(high, low + sum.low + e * splat<D>(kLn2Low<D>));
}

/// |x|^y for finite x other than 0.
template <typename D> FIRN_INLINE D powPrecise(D x, D y) {
  y = clamp(y, -0x1p70, 0x1p70); // whatever is larger has the same result
  Pair<D> ln = logPair(x), p = exactProduct(ln.high, y);
  p.low += ln.low * y;
  p = fastSum(p.high, p.low);
  D low = select(abs(p.high) < splat<D>(800), p.low, D{});
  return expOf(p.high, low, 0);
}

/// What IEEE 754 asks of pow where x or y is 0 or infinite or x negative. `size` is |x|^y else.
template <typename D> FIRN_INLINE D powLimits(D x, D y, D size) {
  D ax = abs(x), half = splat<D>(0.5) * y, infinity = splat<D>(kInfinity);
  auto odd = both(y == trunc(y), half != trunc(half));
  auto falls = y < D{};
  size = select(ax == D{}, select(falls, infinity, D{}), size);
  size = select(ax == infinity, select(falls, D{}, infinity), size);
  auto negative = copySign(splat<D>(1), x) < D{};
  size = select(both(negative, odd), -size, size);
  auto undefined = both(both(x < D{}, ax < infinity), y != trunc(y));
  size = select(undefined, splat<D>(kNan), size);
  size = select(either(x != x, y != y), x + y, size);
  return select(either(y == D{}, x == splat<D>(1)), splat<D>(1), size);
}

/// `IsFloat`: of floats, whose results need no pairs.
template <bool IsFloat, typename D> FIRN_INLINE D powDouble(D x, D y) {
  D size = abs(x);
  size = select(both(size > D{}, size < splat<D>(kInfinity)), size, splat<D>(1));
  if constexpr (IsFloat)
    return powLimits(x, y, exp(logOf(reduceLog(size), D{}) * clamp(y, -0x1p70, 0x1p70)));
  else
    return powLimits(x, y, powPrecise(size, y));
}
template <typename T> FIRN_INLINE T pow(T x, T y) {
  return byDoubles([](auto a, auto b) FIRN_INLINED { return powDouble<isFloat<T>>(a, b); }, x, y);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
