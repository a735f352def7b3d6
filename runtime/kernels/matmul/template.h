// The matmul kernel: blocks of row tiles, panels, strips of a panel, tiles. See matmul.h for
// shapes.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/tile.h"
#include "runtime/kernels/matmul/matmul.h"
#include "runtime/kernels/matmul/pack_panel.h"
#include "runtime/kernels/matmul/spread_rows.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Rows of the highest tile: rows * vectors accumulators, the vectors of B and one of A fit into
/// the 32 or 16 registers (v2 needs one more: it has no FMA).
constexpr int kMatmulRows = FIRN_LEVEL == 4 ? 14 : 6;

/// Vectors across a tile of so many rows: two, but the lowest tiles read whole panels, so that
/// memory is read in order.
constexpr int matmulVectors(int rows) {
  return FIRN_LEVEL == 3 && rows <= 2 ? 4 : FIRN_LEVEL == 2 && rows == 1 ? 8 : 2;
}

/// Partial sums of a tile: at least 8 accumulators, where FMAs have to overlap.
constexpr int matmulPhases(int rows) {
  return FIRN_LEVEL == 4 ? (rows == 1   ? 4
                            : rows <= 3 ? 2
                                        : 1)
                         : (FIRN_LEVEL == 3 && rows == 1 ? 2 : 1);
}

/// The row tiles `begin` to `end` and the strip of columns that a workgroup is at.
struct MatmulPlace {
  const firn_matmul_args *args;
  const float *a; // [rows, depth]
  float *c;       // [rows, columns]
  const float *b; // the panel, from the strip's first column on
  float *scratch;
  int64_t begin, end;
  int64_t column, columns; // the strip's first, and how many of it are stored
  int64_t outputRow;       // of this matrix, in the flattened output
};

/// What a tile may ask for while it sums: a part of the next panel. Pays where few tiles share a
/// panel, so that it comes from far away again and again.
template <int Rows> FIRN_INLINE Ahead matmulAhead(const MatmulPlace &place, int64_t row) {
  const int64_t tiles = place.args->block, depth = place.args->depth;
  if (Rows <= 3 || tiles > 4 || place.args->b_form != FIRN_MATMUL_PANELS)
    return {};
  const int64_t step = kPanel * 4 / tiles, tile = row / Rows - place.begin;
  return {reinterpret_cast<const char *>(place.b + depth * kPanel) + tile * step * depth, step};
}

/// One tile of `Rows` rows from `row` on.
template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulTile(const MatmulPlace &place, int64_t row, const Epilogue &epilogue) {
  const firn_matmul_args *args = place.args;
  const float *a = place.a + row * args->a_stride;
  int64_t from[Rows], to[Rows], rows[Rows];
  FIRN_UNROLL
  for (int r = 0; r < Rows; ++r) {
    from[r] = r * args->a_stride;
    to[r] = r * args->c_stride;
    rows[r] = place.outputRow + row + r;
  }
  Tile<Rows, Vectors, matmulPhases(Rows)> tile;
  tile.clear();
  const Ahead ahead = matmulAhead<Rows>(place, row);
  if (rowsCollide(Rows, args->a_stride))
    accumulateSpread(tile, a, args->a_stride, place.b, args->depth, ahead, place.scratch);
  else
    tile.accumulate(a, from, place.b, args->depth, ahead);
  tile.finish(place.c + row * args->c_stride + place.column, to, rows, place.column, place.columns,
              epilogue);
}

/// `count` rows, fewer than 2 * Rows, by tiles of Rows, Rows / 2, … rows.
template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulRest(const MatmulPlace &place, int64_t row, int64_t count,
                            const Epilogue &epilogue) {
  if (count >= Rows) {
    matmulTile<Rows, Vectors>(place, row, epilogue);
    row += Rows;
    count -= Rows;
  }
  if constexpr (Rows > 1)
    matmulRest<Rows / 2, Vectors>(place, row, count, epilogue);
}

/// The tiles of one strip. Of all tiles the first ones have Rows rows, the others one less, so that
/// together they are exactly args->rows.
template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulTiles(const MatmulPlace &place, const Epilogue &epilogue) {
  const int64_t rows = place.args->rows;
  const int64_t high = rows - (rows + Rows - 1) / Rows * (Rows - 1);
  int64_t tile = place.begin;
  for (; tile < place.end && tile < high; ++tile)
    matmulTile<Rows, Vectors>(place, tile * Rows, epilogue);
  if constexpr (Rows > 1)
    for (; tile < place.end; ++tile)
      matmulTile<Rows - 1, Vectors>(place, tile * (Rows - 1) + high, epilogue);
}

/// The same for any number of rows: all tiles are of full height but for the last.
template <int Vectors, class Epilogue>
FIRN_INLINE void matmulAnyTiles(const MatmulPlace &place, const Epilogue &epilogue) {
  constexpr int kRest = FIRN_LEVEL == 4 ? 8 : 4;
  int64_t row = place.begin * kMatmulRows;
  const int64_t rows = place.args->rows;
  const int64_t last = place.end * kMatmulRows < rows ? place.end * kMatmulRows : rows;
  for (; row + kMatmulRows <= last; row += kMatmulRows)
    matmulTile<kMatmulRows, Vectors>(place, row, epilogue);
  matmulRest<kRest, Vectors>(place, row, last - row, epilogue);
}

template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulStrip(const MatmulPlace &place, const Epilogue &epilogue) {
  if constexpr (Rows == 0)
    matmulAnyTiles<Vectors>(place, epilogue);
  else
    matmulTiles<Rows, Vectors>(place, epilogue);
}

/// The panel that begins at `place.column`, strip by strip. At the end of C a strip may be a single
/// vector.
template <int Rows, class Epilogue>
FIRN_INLINE void matmulPanel(MatmulPlace place, const Epilogue &epilogue) {
  constexpr int kVectors = matmulVectors(Rows ? Rows : kMatmulRows);
  constexpr int64_t kStrip = kVectors * kWidth;
  const int64_t columns = place.args->columns, end = place.column + kPanel;
  for (; place.column < end && place.column < columns; place.column += kStrip, place.b += kStrip) {
    place.columns = columns - place.column;
    if (columns % kStrip == 0 || place.columns >= kStrip) {
      place.columns = kStrip; // a constant: stores need no test
      matmulStrip<Rows, kVectors>(place, epilogue);
    } else if (kVectors == 2 && place.columns <= kWidth) {
      matmulStrip<Rows, 1>(place, epilogue);
    } else {
      matmulStrip<Rows, kVectors>(place, epilogue);
    }
  }
}

/// All panels of a workgroup for one block of row tiles.
template <int Rows, class Epilogue>
FIRN_INLINE void matmulBlock(MatmulPlace place, const firn_workgroup *group,
                             const Epilogue &epilogue) {
  const firn_matmul_args *args = place.args;
  const float *b =
      static_cast<const float *>(group->buffers[1]) + int64_t(group->z) * args->b_batch;
  const int64_t panels = (args->columns + kPanel - 1) / kPanel;
  const int64_t first = int64_t(group->y) * args->panels;
  for (int64_t panel = first; panel < panels && panel < first + args->panels; ++panel) {
    place.column = panel * kPanel;
    place.b = b + panel * args->depth * kPanel;
    if (args->b_form != FIRN_MATMUL_PANELS) {
      place.b = packPanel(b, args, place.column, static_cast<float *>(group->scratch));
      place.scratch = static_cast<float *>(group->scratch) + args->depth * kPanel;
    }
    matmulPanel<Rows>(place, epilogue);
  }
}

/// A workgroup.
template <int Rows, class Epilogue>
FIRN_INLINE uint32_t matmul(const firn_workgroup *group, const firn_matmul_args *args,
                            const Epilogue &epilogue) {
  constexpr int kRows = Rows ? Rows : kMatmulRows;
  const int64_t z = group->z, first = int64_t(group->x) * args->tiles;
  const int64_t tiles = (args->rows + kRows - 1) / kRows;
  const int64_t last = first + args->tiles < tiles ? first + args->tiles : tiles;

  MatmulPlace place;
  place.args = args;
  place.a = static_cast<const float *>(group->buffers[0]) + z * args->a_batch;
  place.c = static_cast<float *>(group->buffers[2]) + z * args->c_batch;
  place.scratch = static_cast<float *>(group->scratch);
  place.outputRow = z * args->rows;
  for (place.begin = first; place.begin < last; place.begin += args->block) {
    place.end = place.begin + args->block < last ? place.begin + args->block : last;
    matmulBlock<Rows>(place, group, epilogue);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
