// How dot kernels walk the columns of their output: panel by panel, in each strip by strip.
#pragma once

#include "runtime/kernels/common/tile.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Rows of the highest tile two vectors wide: its accumulators, two vectors of B and one of A fit
/// into the 32 or 16 registers (v2 needs one more: it has no FMA).
constexpr int kHighestTile = FIRN_LEVEL == 4 ? 14 : 6;

/// Vectors across a tile of so many rows: two, but the lowest tiles read whole panels, so that
/// memory is read in order.
constexpr int tileVectors(int rows) {
  return FIRN_LEVEL == 3 && rows <= 2 ? 4 : FIRN_LEVEL == 2 && rows == 1 ? 8 : 2;
}

/// Partial sums of a tile: at least 8 accumulators, where FMAs have to overlap.
constexpr int tilePhases(int rows) {
  return FIRN_LEVEL == 4 ? (rows == 1   ? 4
                            : rows <= 3 ? 2
                                        : 1)
                         : (FIRN_LEVEL == 3 && rows == 1 ? 2 : 1);
}

/// So few rows read the same of B that they ask ahead for what comes next of it: with more, the
/// processor's own prefetching keeps up.
constexpr int64_t kRowsAhead = 64;

/// A tile of `Rows` rows across a strip of `Vectors`.
template <int Rows, int Vectors> using StripTile = Tile<Rows, Vectors, tilePhases(Rows)>;

/// A strip: vectors across (known when compiled), its first column, and how many are stored.
template <int Vectors> struct Strip {
  static constexpr int kVectors = Vectors;
  int64_t column, columns;
};

/// Calls body(strip) for each strip of `Vectors` of the panel whose first column is `panelColumn`,
/// as far as the output has columns. At its end a strip may be a single vector.
template <int Vectors, class Body>
FIRN_INLINE void forStrips(int64_t panelColumn, int64_t outputColumns, const Body &body) {
  constexpr int64_t kStrip = Vectors * kWidth;
  for (int64_t column = panelColumn; column < panelColumn + kPanel && column < outputColumns;
       column += kStrip) {
    const int64_t left = outputColumns - column;
    if (outputColumns % kStrip && Vectors == 2 && left <= kWidth)
      body(Strip<1>{column, left});
    else // a constant where it may be: then stores need no test
      body(Strip<Vectors>{column, outputColumns % kStrip ? left : kStrip});
  }
}

/// Of `items` in tiles of `height` and, at the end, of one less, so that none is left over: how
/// many are of full height.
FIRN_INLINE int64_t fullTiles(int64_t items, int64_t height) {
  return items - (items + height - 1) / height * (height - 1);
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
