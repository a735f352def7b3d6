// The matmul kernel: walks strips of columns and row tiles, see matmul.h for shapes.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/tile.h"
#include "runtime/kernels/matmul/matmul.h"
#include "runtime/kernels/matmul/pack_panel.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Rows of the highest tile: rows * vectors accumulators, the vectors of B and one of A fit into
/// the 32 or 16 registers (v2 needs one more: it has no FMA).
constexpr int kMatmulRows = FIRN_LEVEL == 4 ? 14 : 6;

/// Vectors across a tile of so many rows. Low tiles read whole panels, so that memory is read in
/// order; high ones a strip of two vectors.
constexpr int matmulVectors(int rows) {
  return FIRN_LEVEL == 3 && rows <= 3 ? 4 : FIRN_LEVEL == 2 && rows == 1 ? 8 : 2;
}

/// Partial sums of a tile: at least 8 accumulators where FMAs have to overlap.
constexpr int matmulPhases(int rows) {
  return FIRN_LEVEL == 4 ? (rows == 1   ? 4
                            : rows <= 3 ? 2
                                        : 1)
                         : (FIRN_LEVEL == 3 && rows == 1 ? 2 : 1);
}

/// The strip of columns that a workgroup is at.
struct MatmulStrip {
  const float *a;          // [rows, depth]
  const float *b;          // its first column in the panel
  float *c;                // [rows, columns]
  int64_t column, columns; // its first, and how many up to the end of C
  int64_t firstRow;        // of this matrix in the flattened output
};

/// One tile of `Rows` rows from `row` on.
template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulTile(const firn_matmul_args *args, const MatmulStrip &strip, int64_t row,
                            const Epilogue &epilogue) {
  int64_t from[Rows], to[Rows], rows[Rows];
  FIRN_UNROLL
  for (int r = 0; r < Rows; ++r) {
    from[r] = r * args->a_stride;
    to[r] = r * args->c_stride;
    rows[r] = strip.firstRow + row + r;
  }
  Tile<Rows, Vectors, matmulPhases(Rows)> tile;
  tile.clear();
  tile.accumulate(strip.a + row * args->a_stride, from, strip.b, args->depth);
  tile.finish(strip.c + row * args->c_stride + strip.column, to, rows, strip.column, strip.columns,
              epilogue);
}

/// `count` rows, fewer than 2 * Rows, by tiles of Rows, Rows / 2, … rows.
template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulRest(const firn_matmul_args *args, const MatmulStrip &strip, int64_t row,
                            int64_t count, const Epilogue &epilogue) {
  if (count >= Rows) {
    matmulTile<Rows, Vectors>(args, strip, row, epilogue);
    row += Rows;
    count -= Rows;
  }
  if constexpr (Rows > 1)
    matmulRest<Rows / 2, Vectors>(args, strip, row, count, epilogue);
}

/// Tiles `begin` to `end` of one strip. Of all tiles the first ones have Rows rows, the others one
/// less, so that together they are exactly args->rows.
template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulTiles(const firn_matmul_args *args, const MatmulStrip &strip, int64_t begin,
                             int64_t end, const Epilogue &epilogue) {
  const int64_t count = (args->rows + Rows - 1) / Rows;
  const int64_t high = args->rows - count * (Rows - 1);
  int64_t tile = begin;
  for (; tile < end && tile < high; ++tile)
    matmulTile<Rows, Vectors>(args, strip, tile * Rows, epilogue);
  if constexpr (Rows > 1)
    for (; tile < end; ++tile)
      matmulTile<Rows - 1, Vectors>(args, strip, tile * (Rows - 1) + high, epilogue);
}

/// The same for any number of rows: all tiles are of full height but for the last.
template <int Vectors, class Epilogue>
FIRN_INLINE void matmulAnyTiles(const firn_matmul_args *args, const MatmulStrip &strip,
                                int64_t begin, int64_t end, const Epilogue &epilogue) {
  constexpr int kRest = FIRN_LEVEL == 4 ? 8 : 4;
  int64_t row = begin * kMatmulRows;
  const int64_t last = end * kMatmulRows < args->rows ? end * kMatmulRows : args->rows;
  for (; row + kMatmulRows <= last; row += kMatmulRows)
    matmulTile<kMatmulRows, Vectors>(args, strip, row, epilogue);
  matmulRest<kRest, Vectors>(args, strip, row, last - row, epilogue);
}

template <int Rows, int Vectors, class Epilogue>
FIRN_INLINE void matmulStrip(const firn_matmul_args *args, const MatmulStrip &strip, int64_t begin,
                             int64_t end, const Epilogue &epilogue) {
  if constexpr (Rows == 0)
    matmulAnyTiles<Vectors>(args, strip, begin, end, epilogue);
  else
    matmulTiles<Rows, Vectors>(args, strip, begin, end, epilogue);
}

/// One panel of 32 columns, strip by strip. At the end of C a strip may be a single vector.
template <int Rows, class Epilogue>
FIRN_INLINE void matmulPanel(const firn_matmul_args *args, MatmulStrip strip, int64_t begin,
                             int64_t end, const Epilogue &epilogue) {
  constexpr int kVectors = matmulVectors(Rows ? Rows : kMatmulRows);
  const float *panel = strip.b;
  const int64_t first = strip.column;
  for (int64_t column = 0; column < kPanel && first + column < args->columns;
       column += kVectors * kWidth) {
    strip.b = panel + column;
    strip.column = first + column;
    strip.columns = args->columns - strip.column;
    const bool whole = args->columns % (kVectors * kWidth) == 0;
    if (whole || strip.columns >= kVectors * kWidth) {
      strip.columns = kVectors * kWidth; // known to be whole: stores need no test
      matmulStrip<Rows, kVectors>(args, strip, begin, end, epilogue);
    } else if (kVectors == 2 && strip.columns <= kWidth) {
      matmulStrip<Rows, 1>(args, strip, begin, end, epilogue);
    } else {
      matmulStrip<Rows, kVectors>(args, strip, begin, end, epilogue);
    }
  }
}

/// A workgroup.
template <int Rows, class Epilogue>
FIRN_INLINE uint32_t matmul(const firn_workgroup *group, const firn_matmul_args *args,
                            const Epilogue &epilogue) {
  constexpr int kRows = Rows ? Rows : kMatmulRows;
  const int64_t tiles = (args->rows + kRows - 1) / kRows;
  const int64_t begin = group->x * args->tiles;
  const int64_t end = begin + args->tiles < tiles ? begin + args->tiles : tiles;
  const int64_t panels = (args->columns + kPanel - 1) / kPanel;
  const int64_t lastPanel = (int64_t(group->y) + 1) * args->panels;
  const int64_t z = group->z;

  MatmulStrip strip;
  strip.a = static_cast<const float *>(group->buffers[0]) + z * args->a_batch;
  const float *b = static_cast<const float *>(group->buffers[1]) + z * args->b_batch;
  strip.c = static_cast<float *>(group->buffers[2]) + z * args->c_batch;
  strip.firstRow = z * args->rows;
  for (int64_t panel = group->y * args->panels; panel < panels && panel < lastPanel; ++panel) {
    strip.column = panel * kPanel;
    strip.b = b + panel * args->depth * kPanel;
    if (args->b_form != FIRN_MATMUL_PANELS)
      strip.b = packPanel(b, args, strip.column, static_cast<float *>(group->scratch));
    matmulPanel<Rows>(args, strip, begin, end, epilogue);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
