// Discrete Fourier transforms: sizes that are powers of two take size log2(size) steps, others as
// much more as their odd part is large.
#pragma once

#include "runtime/kernels/plain/matrix.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// The last `bits` bits of `number`, the last one first.
FIRN_INLINE int64_t mirrored(int64_t number, int bits) {
  int64_t result = 0;
  for (int i = 0; i < bits; ++i)
    result = result << 1 | (number >> i & 1);
  return result;
}

/// `size` is `odd` times 2^`halvings`. Transforms of the odd part first, of elements that stand
/// 2^halvings apart, then two to one of twice the size.
FIRN_INLINE void transform(const Pair *from, Pair *to, const Pair *roots, int64_t odd,
                           int halvings) {
  int64_t parts = int64_t(1) << halvings, size = odd * parts;
  for (int64_t part = 0; part < parts; ++part) {
    Pair *block = to + mirrored(part, halvings) * odd;
    for (int64_t k = 0; k < odd; ++k) {
      Pair sum(0);
      for (int64_t n = 0; n < odd; ++n)
        sum = sum + from[n * parts + part] * roots[k * n % odd * parts];
      block[k] = sum;
    }
  }
  for (int64_t half = odd; half < size; half *= 2) {
    int64_t stride = size / (2 * half);
    for (Pair *block = to; block < to + size; block += 2 * half)
      for (int64_t k = 0; k < half; ++k) {
        Pair even = block[k], other = roots[k * stride] * block[half + k];
        block[k] = even + other;
        block[half + k] = even - other;
      }
  }
}

FIRN_INLINE uint32_t fourier(const firn_workgroup *group, const firn_fourier_args *args) {
  int64_t size = args->size, inner = args->inner, odd = size;
  int halvings = 0;
  for (; odd > 1 && odd % 2 == 0; odd /= 2)
    ++halvings;
  const Pair *roots = bufferOf<const Pair>(group, 0);
  Pair *from = bufferOf<Pair>(group, 2), *to = from + size;
  for (int64_t line = 0; size > 0 && line < args->outer * inner; ++line) {
    Pair *first = bufferOf<Pair>(group, 1) + line / inner * size * inner + line % inner;
    for (int64_t k = 0; k < size; ++k)
      from[k] = first[k * inner];
    transform(from, to, roots, odd, halvings);
    for (int64_t k = 0; k < size; ++k)
      first[k * inner] = to[k];
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
