// The register tile of dot kernels: Rows x Vectors accumulators that stay in registers while a loop
// over k feeds them. matmul and conv differ in where the rows of A lie, and in nothing else.
#pragma once

#include "runtime/kernels/common/vector.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Columns of a packed panel, the same at every level: one copy of the weights serves all.
constexpr int kPanel = 32;

/// What is asked for from memory while a tile is summed, because a later tile will need it: `step`
/// bytes for each k, evenly: the core has few misses in flight. 0: nothing.
struct Ahead {
  const char *from = nullptr;
  int64_t step = 0;

  FIRN_INLINE void fetch(int64_t k) const {
    for (int64_t line = 0; line < step; line += 64)
      prefetch(from + k * step + line);
  }

  /// What is left to ask for after `depth` of k.
  FIRN_INLINE Ahead after(int64_t depth) const { return {step ? from + depth * step : from, step}; }
};

/// The `depth` rows of panels at `from`, of which each of `tiles` tiles of the same depth asks for
/// a part: that of the `tile`-th.
FIRN_INLINE Ahead panelAhead(const float *from, int64_t depth, int64_t tile, int64_t tiles) {
  const int64_t step = (kPanel * 4 + tiles - 1) / tiles;
  return Ahead{reinterpret_cast<const char *>(from), step}.after(tile * depth);
}

/// `acc[row][vector]` over `Phases` partial sums. Few accumulators cannot hide the latency of an
/// FMA (4 cycles, two a cycle): a low tile sums k, k+1, … apart.
template <int Rows, int Vectors, int Phases = 1> struct Tile {
  V acc[Phases][Rows][Vectors];

  FIRN_INLINE void clear() {
    FIRN_UNROLL
    for (int p = 0; p < Phases; ++p)
      FIRN_UNROLL
    for (int r = 0; r < Rows; ++r)
      FIRN_UNROLL
    for (int v = 0; v < Vectors; ++v)
      acc[p][r][v] = V{};
  }

  /// Sums that another pass began, `from` [Rows][Vectors * kWidth], and the way there.
  FIRN_INLINE void restore(const float *from) {
    clear();
    FIRN_UNROLL
    for (int r = 0; r < Rows; ++r)
      FIRN_UNROLL
    for (int v = 0; v < Vectors; ++v)
      acc[0][r][v] = load(from + (r * Vectors + v) * kWidth);
  }
  FIRN_INLINE void keep(float *to) const {
    FIRN_UNROLL
    for (int r = 0; r < Rows; ++r)
      FIRN_UNROLL
    for (int v = 0; v < Vectors; ++v)
      store(to + (r * Vectors + v) * kWidth, total(r, v));
  }

  /// acc[phase][r] += a[offsets[r]] * b, one k.
  FIRN_INLINE void step(int phase, const float *a, const int64_t *offsets, const float *b) {
    V columns[Vectors];
    FIRN_UNROLL
    for (int v = 0; v < Vectors; ++v)
      columns[v] = load(b + v * kWidth);
    FIRN_UNROLL
    for (int r = 0; r < Rows; ++r) {
      const V value = splat(a[offsets[r]]);
      FIRN_UNROLL
      for (int v = 0; v < Vectors; ++v)
        acc[phase][r][v] = value * columns[v] + acc[phase][r][v];
    }
  }

  /// acc[r] += sum over k < depth of a[offsets[r] + k] * b[k * kPanel …].
  FIRN_INLINE void accumulate(const float *a, const int64_t *offsets, const float *b, int64_t depth,
                              const Ahead &ahead = {}) {
    int64_t k = 0;
    for (; k + Phases <= depth; k += Phases) {
      ahead.fetch(k);
      FIRN_UNROLL
      for (int p = 0; p < Phases; ++p)
        step(p, a + k + p, offsets, b + (k + p) * kPanel);
    }
    if (Phases > 1)
      for (; k < depth; ++k)
        step(0, a + k, offsets, b + k * kPanel);
  }

  /// The sum of row `r`, vector `v`.
  FIRN_INLINE V total(int r, int v) const {
    V sum = acc[0][r][v];
    FIRN_UNROLL
    for (int p = 1; p < Phases; ++p)
      sum += acc[p][r][v];
    return sum;
  }

  /// c[offsets[r] …] = epilogue(sum of row r) for the first `columns` columns; the epilogue is told
  /// that the tile begins at output (rows[r], column).
  template <class Epilogue>
  FIRN_INLINE void finish(float *c, const int64_t *offsets, const int64_t *rows, int64_t column,
                          int64_t columns, const Epilogue &epilogue) const {
    FIRN_UNROLL
    for (int r = 0; r < Rows; ++r)
      FIRN_UNROLL
    for (int v = 0; v < Vectors; ++v) {
      const int64_t left = columns - v * kWidth;
      const V value = epilogue(total(r, v), rows[r], column + v * kWidth);
      if (left >= kWidth)
        store(c + offsets[r] + v * kWidth, value);
      else if (left > 0)
        storePartial(c + offsets[r] + v * kWidth, value, left);
    }
  }
};

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
