// The matmul kernel: blocks of row tiles, panels, strips of a panel, tiles. See matmul.h for
// shapes.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/spread_rows.h"
#include "runtime/kernels/common/strips.h"
#include "runtime/kernels/matmul/matmul.h"
#include "runtime/kernels/matmul/pack_panel.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

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

/// What a tile asks for while it sums. Where rows pass by all panels: the rows of the next tile.
/// Where panels pass by few tiles, and come from far away again and again: a part of the next
/// panel.
template <int Rows> FIRN_INLINE Ahead matmulAhead(const MatmulPlace &place, int64_t row) {
  const firn_matmul_args *args = place.args;
  if (Rows <= 3)
    return {};
  if (args->panels * kPanel >= args->columns)
    return {reinterpret_cast<const char *>(place.a + (row + Rows) * args->a_stride), Rows * 4};
  if (args->tiles * Rows > kRowsAhead || args->b_form != FIRN_MATMUL_PANELS)
    return {};
  return panelAhead(place.b + args->depth * kPanel, args->depth, row / Rows - place.begin,
                    args->tiles);
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
  StripTile<Rows, Vectors> tile;
  tile.clear();
  const Ahead ahead = matmulAhead<Rows>(place, row);
  if (rowsCollide(Rows, args->a_stride))
    accumulateSpread(tile, a, from, place.b, args->depth, ahead, place.scratch);
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
  const int64_t high = fullTiles(rows, Rows);
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
  int64_t row = place.begin * kHighestTile;
  const int64_t rows = place.args->rows;
  const int64_t last = place.end * kHighestTile < rows ? place.end * kHighestTile : rows;
  for (; row + kHighestTile <= last; row += kHighestTile)
    matmulTile<kHighestTile, Vectors>(place, row, epilogue);
  matmulRest<kRest, Vectors>(place, row, last - row, epilogue);
}

/// The panel `place.b` that begins at `column`.
template <int Rows, class Epilogue>
FIRN_INLINE void matmulPanel(const MatmulPlace &panel, int64_t column, const Epilogue &epilogue) {
  constexpr int kVectors = tileVectors(Rows ? Rows : kHighestTile);
  forStrips<kVectors>(column, panel.args->columns, [&](auto strip) FIRN_INLINED {
    MatmulPlace place = panel;
    place.b += strip.column - column;
    place.column = strip.column;
    place.columns = strip.columns;
    if constexpr (Rows == 0)
      matmulAnyTiles<strip.kVectors>(place, epilogue);
    else
      matmulTiles<Rows, strip.kVectors>(place, epilogue);
  });
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
    place.b = b + panel * args->depth * kPanel;
    if (args->b_form != FIRN_MATMUL_PANELS) {
      place.b = packPanel(b, args, panel * kPanel, static_cast<float *>(group->scratch));
      place.scratch = static_cast<float *>(group->scratch) + args->depth * kPanel;
    }
    matmulPanel<Rows>(place, panel * kPanel, epilogue);
  }
}

/// A workgroup.
template <int Rows, class Epilogue>
FIRN_INLINE uint32_t matmul(const firn_workgroup *group, const firn_matmul_args *args,
                            const Epilogue &epilogue) {
  constexpr int kRows = Rows ? Rows : kHighestTile;
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
