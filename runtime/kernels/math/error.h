// The error function and its complement.
#pragma once

#include "runtime/kernels/math/exponential.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

/// erf(x) for |x| <= 1.
template <typename D> FIRN_INLINE D erfSmall(D x) {
  D z = x * x;
  D q = horner(z, 0x1.06eba8214db69p-3, -0x1.812746b0379f8p-2, 0x1.ce2f21a043336p-4,
               -0x1.b82ce312a1ec4p-6, 0x1.565bcd119e9ffp-8, -0x1.c02db4864de08p-11,
               0x1.f9a335c4d2a49p-14, -0x1.f4d37e3fa2887p-17, 0x1.b9f65d3f2ab36p-20,
               -0x1.60099e2726c6p-23, 0x1.02329d9645de1p-26, -0x1.71d42635cae17p-30,
               0x1.1a78965ac70a7p-33, -0x1.652747b7e356ep-37);
  return fma_(x, q, x);
}

/// erfc(x) for x >= 0.49: e^-x^2 / (1 + 2 x) times a polynomial in (x - 4) / (x + 4).
template <typename D> FIRN_INLINE D erfcLarge(D x) {
  x = select(x > splat<D>(28), splat<D>(28), x);
  D t = (x - splat<D>(4)) / (x + splat<D>(4));
  D p = horner(
      t, 0x1.3ba5916e9fd7fp0, -0x1.1df1ad154a28dp-3, 0x1.f7f5df66fc8b6p-7, 0x1.16ecefcfa5257p-4,
      -0x1.9ddb23c3e4044p-4, 0x1.7fee004e156d1p-4, -0x1.0fb06dfead86p-4, 0x1.3079edf60c64bp-5,
      -0x1.09623873af993p-6, 0x1.49c672ae4beebp-8, -0x1.8d4aa8ac5e3cap-11, -0x1.a1df4735be25p-13,
      0x1.3be13f45ceab5p-13, -0x1.9954a722bbaeap-16, -0x1.78b2cf0411499p-17, 0x1.7ef37808a263fp-18,
      0x1.444e01c5f1f26p-22, -0x1.b7ee1fa0302f8p-21, 0x1.177d4e1f481d9p-24, 0x1.bb57147671046p-24,
      -0x1.8d5ca28c7bd77p-27, -0x1.4b83e5111e2b7p-27);
  // x^2 in two parts: the square of the upper half of the digits is exact.
  D upper = fromBits<D>(toBits(x) & splatBits<D>(~uint64_t(0x7ffffff)));
  D e = expOf(-(upper * upper), -((x - upper) * (x + upper)), 0);
  return e * (p / fma_(splat<D>(2), x, splat<D>(1)));
}

template <typename T> FIRN_INLINE T erf(T x) {
  T size = abs(x);
  if constexpr (isFloat<T>) {
    T a = select(size > splat<T>(4), splat<T>(4), size), z = a * a;
    T small = horner(z, 0x1.06ebacp-3, -0x1.81274p-2, 0x1.ce2d76p-4, -0x1.b8039ap-6, 0x1.54682ap-8,
                     -0x1.a7344cp-11, 0x1.537e6p-14);
    T exponent =
        horner(a, 0x1.34cb9ap-12, -0x1.21505ap0, -0x1.4394b8p-1, -0x1.c24222p-4, 0x1.af7dep-6,
               -0x1.36046ep-8, 0x1.35ba0cp-11, -0x1.7c8044p-15, 0x1.ae39b6p-20);
    T large = splat<T>(1) - exp(exponent);
    return copySign(select(a < splat<T>(0.92), fma_(a, small, a), large), x);
  } else {
    T large = splat<T>(1) - erfcLarge(size);
    return copySign(select(size < splat<T>(1), erfSmall(size), large), x);
  }
}

template <typename D> FIRN_INLINE D erfcDouble(D x) {
  D size = abs(x), tail = erfcLarge(size);
  D large = select(x < D{}, splat<D>(2) - tail, tail);
  return select(size < splat<D>(0.49), splat<D>(1) - erfSmall(x), large);
}
template <typename T> FIRN_INLINE T erfc(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return erfcDouble(d); }, x);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
