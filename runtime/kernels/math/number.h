// What the math functions are written in: one source serves float, double and vectors of either.
// Only arithmetic, comparisons, selects and integer operations on the bits: no branches, so that a
// loop over the scalar form vectorises, and no library.
#pragma once

#include <stdint.h>

#include "runtime/kernels/common/level.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

template <typename T> struct Plain {
  using Type = T;
};
template <typename T> struct Plain<T &> {
  using Type = T;
};
template <typename T> struct Plain<T &&> {
  using Type = T;
};

/// Of a vector T: its element, the unsigned vector that its bits fill.
template <typename T> struct Number {
  using Element = typename Plain<decltype(T{}[0])>::Type;
  static constexpr int kLanes = sizeof(T) / sizeof(Element);
  static constexpr bool kIsFloat = sizeof(Element) == 4;
  using Word = __typeof__(Number<Element>::kOne);
  typedef Word Bits __attribute__((vector_size(sizeof(T))));
};
template <> struct Number<float> {
  using Element = float;
  using Bits = uint32_t;
  static constexpr bool kIsFloat = true;
  static constexpr uint32_t kOne = 1;
};
template <> struct Number<double> {
  using Element = double;
  using Bits = uint64_t;
  static constexpr bool kIsFloat = false;
  static constexpr uint64_t kOne = 1;
};

template <typename T> using Element = typename Number<T>::Element;
template <typename T> using Bits = typename Number<T>::Bits;
template <typename T> constexpr bool isFloat = Number<T>::kIsFloat;
template <typename T> constexpr bool isScalar = sizeof(T) == sizeof(Element<T>);

/// IEEE formats.
template <typename T> constexpr int kMantissaBits = isFloat<T> ? 23 : 52;
template <typename T> constexpr int kBias = isFloat<T> ? 127 : 1023;

constexpr double kInfinity = __builtin_inf();
constexpr double kNan = __builtin_nan("");

/// The number in every lane.
template <typename T> FIRN_INLINE T splat(double x) {
  if constexpr (isScalar<T>)
    return static_cast<T>(x);
  else // not x + 0, which has to keep the zero's sign
    return static_cast<Element<T>>(x) - T{};
}
template <typename T> FIRN_INLINE Bits<T> splatBits(uint64_t x) {
  if constexpr (isScalar<T>)
    return static_cast<Bits<T>>(x);
  else
    return static_cast<typename Number<T>::Word>(x) - Bits<T>{};
}

template <typename T> FIRN_INLINE Bits<T> toBits(T x) { return __builtin_bit_cast(Bits<T>, x); }
template <typename T> FIRN_INLINE T fromBits(Bits<T> x) { return __builtin_bit_cast(T, x); }

/// Of comparisons.
template <typename Mask> FIRN_INLINE Mask both(Mask a, Mask b) { return a & b; }
template <typename Mask> FIRN_INLINE Mask either(Mask a, Mask b) { return a | b; }

template <typename Mask, typename T> FIRN_INLINE T select(Mask mask, T a, T b) {
  return mask ? a : b;
}

/// a * b + c, with one rounding where the CPU level has the instruction.
template <typename T> FIRN_INLINE T fma_(T a, T b, T c) {
#pragma clang fp contract(on)
  return a * b + c;
}

/// c0 + x * (c1 + x * (…)).
template <typename T> FIRN_INLINE T horner(T, double c) { return splat<T>(c); }
template <typename T, typename... C> FIRN_INLINE T horner(T x, double c, C... rest) {
  return fma_(x, horner(x, rest...), splat<T>(c));
}

template <typename T> FIRN_INLINE T abs(T x) {
  return fromBits<T>(toBits(x) & splatBits<T>(~uint64_t(0) >> (isFloat<T> ? 33 : 1)));
}
template <typename T> FIRN_INLINE T copySign(T size, T sign) {
  Bits<T> mask = splatBits<T>(~uint64_t(0) >> (isFloat<T> ? 33 : 1));
  return fromBits<T>((toBits(size) & mask) | (toBits(sign) & ~mask));
}
template <typename T> FIRN_INLINE T sqrt(T x) { return __builtin_elementwise_sqrt(x); }

/// function(x…) computed in doubles; a vector of floats goes through it in halves.
template <typename F, typename T, typename... More>
FIRN_INLINE T byDoubles(F function, T x, More... more) {
  if constexpr (isScalar<T>) {
    return static_cast<T>(function(static_cast<double>(x), static_cast<double>(more)...));
  } else {
    typedef float Half __attribute__((vector_size(sizeof(T) / 2)));
    typedef double Wide __attribute__((vector_size(sizeof(T))));
    struct Halves {
      Half part[2];
      FIRN_INLINE Wide wide(int i) const { return __builtin_convertvector(part[i], Wide); }
    };
    auto cut = [](T value) FIRN_INLINED { return __builtin_bit_cast(Halves, value); };
    Wide low = function(cut(x).wide(0), cut(more).wide(0)...);
    Wide high = function(cut(x).wide(1), cut(more).wide(1)...);
    Halves result = {{__builtin_convertvector(low, Half), __builtin_convertvector(high, Half)}};
    return __builtin_bit_cast(T, result);
  }
}

/// The integer nearest to x (halves to even), as a number and as bits in two's complement; for
/// sizes below 2^21 (float) and 2^50 (double). Conversion instructions are not used: they have no
/// value for NaN, and doubles have none before AVX-512.
template <typename T> struct Rounded {
  T number;
  Bits<T> integer;
};
template <typename T> constexpr double kShifter = isFloat<T> ? 0x1.8p23 : 0x1.8p52;

/// The nearest integer to x * factor.
template <typename T> FIRN_INLINE Rounded<T> roundProduct(T x, double factor) {
  T shifted = fma_(x, splat<T>(factor), splat<T>(kShifter<T>));
  return {shifted - splat<T>(kShifter<T>), toBits(shifted) - toBits(splat<T>(kShifter<T>))};
}
template <typename T> FIRN_INLINE T fromInteger(Bits<T> n) {
  return fromBits<T>(toBits(splat<T>(kShifter<T>)) + n) - splat<T>(kShifter<T>);
}

/// 2^n for a normal result.
template <typename T> FIRN_INLINE T powerOfTwo(Bits<T> n) {
  return fromBits<T>((n + splatBits<T>(kBias<T>)) << kMantissaBits<T>);
}

/// x * 2^n with one rounding at most, for |n| < 2 * bias.
template <typename T> FIRN_INLINE T scale(T x, Bits<T> n) {
  Bits<T> half = ((n + splatBits<T>(8192)) >> 1) - splatBits<T>(4096);
  return x * powerOfTwo<T>(half) * powerOfTwo<T>(n - half);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
