// C = A x B, plainly, and beside each sum that of the magnitudes, by which an error is to be
// judged.
#pragma once

#include "runtime/kernels/common/reference_sum.h"

#include <cstdint>

namespace firn::kernels {

/// Element (row, column) of A [rows, depth] x B, whose element (k, column) lies at
/// b[k * bDepthStride + column * bColumnStride].
inline ReferenceSum referenceMatmul(const float *a, int64_t aStride, const float *b,
                                    int64_t bDepthStride, int64_t bColumnStride, int64_t depth,
                                    int64_t row, int64_t column) {
  ReferenceSum sum;
  for (int64_t k = 0; k < depth; ++k)
    sum.add(a[row * aStride + k], b[k * bDepthStride + column * bColumnStride]);
  return sum;
}

} // namespace firn::kernels
