// Rows of A whose distance is a multiple of 4 KiB meet in the same eight lines of the L1 cache: of
// 14 rows none would stay there. They are copied, some columns at a time, to where they do not.
#pragma once

#include "runtime/kernels/common/tile.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Columns that are copied at a time, floats between the copied rows.
constexpr int64_t kSpreadColumns = 64;
constexpr int64_t kSpreadStride = kSpreadColumns + 16;

/// A tile of up to 6 rows leaves room for B.
FIRN_INLINE bool rowsCollide(int rows, int64_t stride) { return rows > 6 && stride % 1024 == 0; }

/// tile.accumulate(a, offsets, b, depth, ahead) by way of `scratch` [Rows][kSpreadStride].
template <int Rows, int Vectors, int Phases>
FIRN_INLINE void accumulateSpread(Tile<Rows, Vectors, Phases> &tile, const float *a,
                                  const int64_t *offsets, const float *b, int64_t depth,
                                  const Ahead &ahead, float *scratch) {
  int64_t spread[Rows];
  FIRN_UNROLL
  for (int r = 0; r < Rows; ++r)
    spread[r] = r * kSpreadStride;
  for (int64_t k = 0; k < depth; k += kSpreadColumns) {
    // The last piece may be cut off: rows are at least 1024 elements apart, `depth` may be less.
    const int64_t count = depth - k < kSpreadColumns ? depth - k : kSpreadColumns;
    FIRN_UNROLL
    for (int r = 0; r < Rows; ++r)
      FIRN_UNROLL
    for (int64_t i = 0; i < kSpreadColumns; i += kWidth)
      if (i < count)
        store(scratch + spread[r] + i, load(a + offsets[r] + k + i));
    tile.accumulate(scratch, spread, b + k * kPanel, count, ahead.after(k));
  }
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
