// Packs a panel of an operand B that is given at run time.
#pragma once

#include "runtime/kernels/common/tile.h"
#include "runtime/kernels/matmul/matmul.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Rows of B lie as the panel wants them.
FIRN_INLINE void packRows(const float *b, int64_t stride, int64_t depth, int64_t columns,
                          float *panel) {
  for (int64_t k = 0; k < depth; ++k, b += stride, panel += kPanel)
    FIRN_UNROLL
  for (int v = 0; v < kPanel; v += kWidth)
    if (columns - v >= kWidth)
      store(panel + v, load(b + v));
    else
      store(panel + v, loadPartial(b + v, columns - v > 0 ? columns - v : 0));
}

/// Rows of B are the panel's columns.
FIRN_INLINE void packTransposed(const float *b, int64_t stride, int64_t depth, int64_t columns,
                                float *panel) {
  for (int64_t k = 0; k < depth; ++k, ++b, panel += kPanel)
    for (int64_t n = 0; n < kPanel; ++n)
      panel[n] = n < columns ? b[n * stride] : 0.0f;
}

/// The panel that begins at `column` of B (args->b_form), into `scratch` [depth][32].
FIRN_INLINE const float *packPanel(const float *b, const firn_matmul_args *args, int64_t column,
                                   float *scratch) {
  const int64_t left = args->columns - column;
  const int64_t columns = left < kPanel ? left : kPanel;
  if (args->b_form == FIRN_MATMUL_ROWS)
    packRows(b + column, args->b_stride, args->depth, columns, scratch);
  else
    packTransposed(b + column * args->b_stride, args->b_stride, args->depth, columns, scratch);
  return scratch;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
