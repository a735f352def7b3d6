// float to and from half and bfloat16, rounding to nearest even.
#pragma once

#include "runtime/kernels/math/number.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

/// Integer arithmetic where the level has no instruction.
FIRN_INLINE uint16_t f32ToF16(float x) {
#if defined(__F16C__)
  return __builtin_bit_cast(uint16_t, static_cast<_Float16>(x));
#else
  uint32_t bits = toBits(x), size = bits & 0x7fffffff;
  // Adding 1/2 leaves a float whose last digit is the smallest half: the sum rounds.
  uint32_t denormal = toBits(fromBits<float>(size) + 0.5f) - 0x3f000000;
  uint32_t normal = (size - (112 << 23) + 0xfff + (size >> 13 & 1)) >> 13;
  uint32_t nan = 0x7e00 | (size >> 13 & 0x3ff);
  uint32_t half = size < 113u << 23 ? denormal : normal;
  half = size >= 0x47800000 ? 0x7c00 : half;
  half = size > 0x7f800000 ? nan : half;
  return static_cast<uint16_t>(half | (bits >> 16 & 0x8000));
#endif
}

FIRN_INLINE float f16ToF32(uint16_t half) {
#if defined(__F16C__)
  return static_cast<float>(__builtin_bit_cast(_Float16, half));
#else
  uint32_t size = half & 0x7fff, sign = uint32_t(half & 0x8000) << 16;
  float scaled = fromBits<float>(size << 13) * 0x1p112f;
  uint32_t limit = 0x7f800000 | size << 13 | (size > 0x7c00 ? 0x400000 : 0); // NaNs become quiet
  return fromBits<float>((size >= 0x7c00 ? limit : toBits(scaled)) | sign);
#endif
}

FIRN_INLINE uint16_t f32ToBf16(float x) {
  uint32_t bits = toBits(x);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return static_cast<uint16_t>(x != x ? bits >> 16 | 0x40 : rounded);
}

FIRN_INLINE float bf16ToF32(uint16_t x) { return fromBits<float>(uint32_t(x) << 16); }

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
