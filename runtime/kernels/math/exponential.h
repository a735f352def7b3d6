// Functions made of e^x. Sources of the coefficients of all files here: minimax fits (Remez) of the
// function on the reduced interval, rounded to the format.
#pragma once

#include "runtime/kernels/math/number.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

/// ln 2 in two parts; products of the first with exponents are exact.
template <typename T> constexpr double kLn2High = isFloat<T> ? 0x1.62e4p-1 : 0x1.62e42fefa3800p-1;
template <typename T>
constexpr double kLn2Low = isFloat<T> ? 0x1.7f7d1cf79abcap-20 : 0x1.ef35793c76730p-45;
constexpr double kLog2E = 0x1.71547652b82fep+0;

/// e^r - 1 for |r| <= ln 2 / 2.
template <typename T> FIRN_INLINE T expm1Reduced(T r) {
  T q;
  if constexpr (isFloat<T>)
    q = horner(r, 0.5, 0x1.555554p-3, 0x1.5554eep-5, 0x1.1113p-7, 0x1.6d464p-10, 0x1.9e1cd4p-13);
  else
    q = horner(r, 0.5, 0x1.5555555555559p-3, 0x1.555555555554cp-5, 0x1.111111110f618p-7,
               0x1.6c16c16c1b266p-10, 0x1.a01a01b02d833p-13, 0x1.a01a018bca005p-16,
               0x1.71ddf780e9d15p-19, 0x1.27e517b9c1257p-22, 0x1.af605b44f33adp-26,
               0x1.1f14067e22f8ep-29);
  return fma_(r * r, q, r);
}

/// x = n ln 2 + r.
template <typename T> struct ExpReduction {
  Rounded<T> n;
  T r;
};
template <typename T> FIRN_INLINE ExpReduction<T> reduceExp(T x) {
  Rounded<T> n = roundProduct(x, kLog2E);
  T r = fma_(n.number, splat<T>(-kLn2High<T>), x);
  return {n, fma_(n.number, splat<T>(-kLn2Low<T>), r)};
}

/// NaN stays.
template <typename T> FIRN_INLINE T clamp(T x, double low, double high) {
  x = select(x < splat<T>(low), splat<T>(low), x);
  return select(x > splat<T>(high), splat<T>(high), x);
}

/// e^(x + low) * 2^shift, `low` tiny.
template <typename T> FIRN_INLINE T expOf(T x, T low, int shift) {
  // What rounds to 0 is not computed as a product that vanishes: processors take long for these,
  // and masked softmax is full of them.
  auto vanishes = x < splat<T>(isFloat<T> ? -104 : -746);
  x = select(vanishes, T{}, x);
  x = select(x > splat<T>(isFloat<T> ? 90 : 712), splat<T>(isFloat<T> ? 90 : 712), x);
  auto [n, r] = reduceExp(x);
  T y = scale(splat<T>(1) + expm1Reduced(r + low), n.integer + splatBits<T>(shift));
  return select(vanishes, T{}, y);
}

template <typename T> FIRN_INLINE T exp(T x) { return expOf(x, T{}, 0); }

template <typename T> FIRN_INLINE T expm1(T x) {
  auto [n, r] = reduceExp(isFloat<T> ? clamp(x, -20, 89) : clamp(x, -40, 709.9));
  T half = powerOfTwo<T>(n.integer - splatBits<T>(1));
  T y = splat<T>(2) * (fma_(half, expm1Reduced(r), half - splat<T>(0.5)));
  return select(abs(x) < splat<T>(isFloat<T> ? 0x1p-26 : 0x1p-55), x, y);
}

template <typename T> FIRN_INLINE T sigmoid(T x) {
  T z = exp(-abs(x));
  return select(x < T{}, z, splat<T>(1)) / (splat<T>(1) + z);
}

/// A polynomial near zero (float), else by way of e^2|x|.
template <typename T> FIRN_INLINE T tanh(T x) {
  T size = abs(x), small, large;
  if constexpr (isFloat<T>) {
    T z = size * size;
    T p = horner(z, -0x1.555532p-2, 0x1.110704p-3, -0x1.b838ap-5, 0x1.5211c4p-6, -0x1.758facp-8);
    small = fma_(size * z, p, size);
    large = splat<T>(1) - splat<T>(2) / (splat<T>(1) + exp(size + size));
  } else {
    T t = expm1(size + size);
    small = t / (t + splat<T>(2));
    large = splat<T>(1) - splat<T>(2) / (t + splat<T>(2));
  }
  return copySign(select(size < splat<T>(0.625), small, large), x);
}

/// sinh and cosh of doubles: half of e^|x| does not overflow before the result does.
template <typename D> FIRN_INLINE D coshDouble(D x) {
  D e = expOf(abs(x), D{}, -1);
  return e + splat<D>(0.25) / e;
}
template <typename D> FIRN_INLINE D sinhDouble(D x) {
  D size = abs(x), t = expm1(size);
  D small = splat<D>(0.5) * (t + t / (t + splat<D>(1)));
  D e = expOf(size, D{}, -1);
  return copySign(select(size < splat<D>(1), small, e - splat<D>(0.25) / e), x);
}
template <typename T> FIRN_INLINE T sinh(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return sinhDouble(d); }, x);
}
template <typename T> FIRN_INLINE T cosh(T x) {
  return byDoubles([](auto d) FIRN_INLINED { return coshDouble(d); }, x);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
