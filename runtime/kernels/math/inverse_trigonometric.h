// asin, acos, atan, atan2; floats by way of doubles.
#pragma once

#include "runtime/kernels/math/trigonometric.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

constexpr double kPi = 0x1.921fb54442d18p+1, kPiLow = 0x1.1a62633145c07p-53;

/// atan(y / x) for 0 <= y, 0 <= x, not both 0 nor both infinite. The angle is measured from 0,
/// pi / 4 or pi / 2, whichever is near: its tangent is at most tan(pi / 8).
template <typename D> FIRN_INLINE D atanQuotient(D y, D x) {
  auto far = y > splat<D>(0x1.3504f333f9de6p+1) * x,
       middle = y > splat<D>(0x1.a827999fcef32p-2) * x;
  D above = select(far, -x, select(middle, y - x, y));
  D below = select(far, y, select(middle, y + x, x));
  D base = select(far, splat<D>(kHalfPiHigh), select(middle, splat<D>(kHalfPiHigh / 2), D{}));
  D rest = select(far, splat<D>(kHalfPiLow), select(middle, splat<D>(kHalfPiLow / 2), D{}));
  D t = above / below, z = t * t;
  D p = horner(z, -0x1.5555555555554p-2, 0x1.99999999995bfp-3, -0x1.24924924721bep-3,
               0x1.c71c71b5f9222p-4, -0x1.745d14919c87dp-4, 0x1.3b136b1d32819p-4,
               -0x1.110c4af140319p-4, 0x1.e16f469adb94bp-5, -0x1.ab6da8afdc02ep-5,
               0x1.70b28ddc87bb1p-5, -0x1.11ba2975588edp-5, 0x1.f0111d718118p-7);
  return base + (t + fma_(t * z, p, rest));
}

template <typename D> FIRN_INLINE D atanDouble(D x) {
  return copySign(atanQuotient(abs(x), splat<D>(1)), x);
}
template <typename T> FIRN_INLINE T atan(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return atanDouble(d); }, x);
}

/// The angle of the point (x, y), signs of zeros included.
template <typename D> FIRN_INLINE D atan2Double(D y, D x) {
  D up = abs(y), right = abs(x), one = splat<D>(1);
  // Sums and products of huge numbers would overflow, those of tiny ones vanish.
  auto huge = either(up > splat<D>(0x1p1000), right > splat<D>(0x1p1000));
  auto tiny = both(up < splat<D>(0x1p-960), right < splat<D>(0x1p-960));
  D factor = select(huge, splat<D>(0x1p-8), select(tiny, splat<D>(0x1p100), one));
  up = up * factor, right = right * factor;
  auto infinite = both(up == splat<D>(kInfinity), right == splat<D>(kInfinity));
  auto zero = both(up == D{}, right == D{});
  D angle = atanQuotient(select(infinite, one, up), select(either(infinite, zero), one, right));
  auto left = copySign(one, x) < D{};
  angle = select(left, splat<D>(kPi) - (angle - splat<D>(kPiLow)), angle);
  return select(either(x != x, y != y), x + y, copySign(angle, y));
}
template <typename T> FIRN_INLINE T atan2(T y, T x) {
  return byDoubles([](auto a, auto b) FIRN_INLINED { return atan2Double(a, b); }, y, x);
}

/// asin(r) for 0 <= r <= 1/2.
template <typename D> FIRN_INLINE D asinReduced(D r, D z) {
  D p =
      horner(z, 0x1.5555555555577p-3, 0x1.333333332e133p-4, 0x1.6db6db721247bp-5,
             0x1.f1c71a95002fbp-6, 0x1.6e8bdedebf9dfp-6, 0x1.1c49f077d5bc7p-6, 0x1.ca1f8af1f0a3ap-7,
             0x1.75859dad05d79p-7, 0x1.613c1e6ed73f2p-7, 0x1.e5fbe88dfba57p-9, 0x1.639a894e228e8p-6,
             -0x1.57fad0deac45ep-6, 0x1.0b45e9f72edb3p-5);
  return fma_(r * z, p, r);
}

/// Of |x| the half angle asin(sqrt((1 - |x|) / 2)) where |x| > 1/2, else asin |x|.
template <typename D> struct Arcsine {
  D angle, size;
};
template <typename D> FIRN_INLINE Arcsine<D> arcsine(D x) {
  D size = abs(x), z = splat<D>(0.5) - splat<D>(0.5) * size;
  auto large = size > splat<D>(0.5);
  D r = select(large, sqrt(z), size);
  return {asinReduced(r, select(large, z, size * size)), size};
}

template <typename D> FIRN_INLINE D asinDouble(D x) {
  auto [angle, size] = arcsine(x);
  D large = splat<D>(kHalfPiHigh) - (angle + angle - splat<D>(kHalfPiLow));
  return copySign(select(size > splat<D>(0.5), large, angle), x);
}
template <typename D> FIRN_INLINE D acosDouble(D x) {
  auto [angle, size] = arcsine(x);
  D twice = angle + angle;
  D large = select(x < D{}, splat<D>(kPi) - (twice - splat<D>(kPiLow)), twice);
  D small = splat<D>(kHalfPiHigh) - (copySign(angle, x) - splat<D>(kHalfPiLow));
  return select(size > splat<D>(0.5), large, small);
}
template <typename T> FIRN_INLINE T asin(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return asinDouble(d); }, x);
}
template <typename T> FIRN_INLINE T acos(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return acosDouble(d); }, x);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
