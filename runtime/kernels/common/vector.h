// The level's native f32 vector and how it meets memory. Arithmetic is that of the vector extension
// (`a * b + c` becomes one FMA where the level has it).
#pragma once

#include <immintrin.h>
#include <stdint.h>

#include "runtime/kernels/common/level.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Floats of a vector: 4, 8, 16.
constexpr int kWidth = FIRN_LEVEL == 4 ? 16 : FIRN_LEVEL == 3 ? 8 : 4;

typedef float V __attribute__((vector_size(4 * kWidth)));

/// All lanes `value`. By intrinsic: `zero + value` would stay an addition, because of -0.0.
FIRN_INLINE V splat(float value) {
#if FIRN_LEVEL == 4
  return _mm512_set1_ps(value);
#elif FIRN_LEVEL == 3
  return _mm256_set1_ps(value);
#else
  return _mm_set1_ps(value);
#endif
}

FIRN_INLINE V load(const float *from) {
  typedef float Unaligned __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));
  return *reinterpret_cast<const Unaligned *>(from);
}

FIRN_INLINE void store(float *to, V value) {
  typedef float Unaligned __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));
  *reinterpret_cast<Unaligned *>(to) = value;
}

#if FIRN_LEVEL == 4
/// The first `count` lanes.
FIRN_INLINE __mmask16 firstLanes(int64_t count) { return __mmask16((1u << count) - 1); }
#elif FIRN_LEVEL == 3
/// The first `count` lanes: sign bits are set.
FIRN_INLINE __m256i firstLanes(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(int32_t(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

/// The first `count` (0 to kWidth) lanes from memory, the others 0; nothing behind them is read.
FIRN_INLINE V loadPartial(const float *from, int64_t count) {
#if FIRN_LEVEL == 4
  return _mm512_maskz_loadu_ps(firstLanes(count), from);
#elif FIRN_LEVEL == 3
  return _mm256_maskload_ps(from, firstLanes(count));
#else
  V value = {};
  FIRN_UNROLL
  for (int lane = 0; lane < kWidth; ++lane)
    if (lane < count)
      value[lane] = from[lane];
  return value;
#endif
}

/// Writes the first `count` (0 to kWidth) lanes and nothing behind them.
FIRN_INLINE void storePartial(float *to, V value, int64_t count) {
#if FIRN_LEVEL == 4
  _mm512_mask_storeu_ps(to, firstLanes(count), value);
#elif FIRN_LEVEL == 3
  _mm256_maskstore_ps(to, firstLanes(count), value);
#else
  FIRN_UNROLL
  for (int lane = 0; lane < kWidth; ++lane)
    if (lane < count)
      to[lane] = value[lane];
#endif
}

/// Asks for the cache line of `address`, to be read soon and often.
FIRN_INLINE void prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
