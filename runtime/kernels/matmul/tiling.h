// Which matmul kernel to call, with which arguments, over which grid. Host side.
#pragma once

#include "runtime/kernels/common/pack.h"
#include "runtime/kernels/common/tiling.h"
#include "runtime/kernels/matmul/matmul.h"

#include <string>

namespace firn::kernels {

/// A product as the compiler knows it.
struct MatmulProblem {
  int64_t rows;           ///< M; where it is dynamic the least that is usual
  int64_t columns, depth; ///< N, K
  int64_t batch = 1;
  bool dynamicRows = false;
  firn_matmul_b form = FIRN_MATMUL_PANELS;
  int64_t aStride = 0, cStride = 0; ///< elements between rows; 0: dense
};

struct MatmulTiling {
  std::string kernel;    ///< the entry without `firn_kernel_`
  firn_matmul_args args; ///< matrices of a batch are dense, but for the strides
  int64_t gridX, gridY;  ///< and the batch; gridX 0: ceil(rows / rowsPerGroup), rows are dynamic
  int64_t rowsPerGroup;
  int64_t scratchBytes;
};

/// Which part of a product a workgroup does, in row tiles and panels.
struct MatmulPart {
  int64_t tiles, block, panels;
};

/// B stays in L2 and rows of A pass by, some at a time, which keep in L1 what the next strip of the
/// same panel needs. A workgroup has all panels and as many rows as make it worthwhile.
inline MatmulPart partByRows(int level, const MatmulProblem &problem, int64_t height) {
  const int64_t rowWork = panelCount(problem.columns) * kPanelColumns * problem.depth;
  const int64_t tiles = ceilDiv(worthwhileWork(level), rowWork * height);
  MatmulPart part;
  part.panels = panelCount(problem.columns);
  part.tiles = problem.dynamicRows ? tiles : evenPart(ceilDiv(problem.rows, height), tiles);
  part.block = evenPart(part.tiles, passingBytes(level) / (4 * height * problem.depth));
  return part;
}

/// Rows of A stay in L2 and panels of B pass by. A workgroup has as many panels as make it
/// worthwhile. Few rows cost what it takes to read B: as much as the work of 16 rows.
inline MatmulPart partByColumns(int level, const MatmulProblem &problem, int64_t height) {
  const int64_t resident =
      std::max<int64_t>(1, residentBytes(level) / (4 * height * problem.depth));
  MatmulPart part;
  part.tiles = problem.dynamicRows ? resident : evenPart(ceilDiv(problem.rows, height), resident);
  part.block = part.tiles;
  const int64_t rows = std::max<int64_t>(16, std::min(problem.rows, part.tiles * height));
  const int64_t work = rows * problem.depth * kPanelColumns;
  part.panels = evenPart(panelCount(problem.columns), ceilDiv(worthwhileWork(level), work));
  return part;
}

/// Scratch: the panel of a B given at run time, the rows that `spread_rows.h` copies.
inline int64_t matmulScratch(int level, const firn_matmul_args &args) {
  const int64_t panel = args.b_form == FIRN_MATMUL_PANELS ? 0 : args.depth * kPanelColumns;
  return 4 * (panel + (level == 4 && args.a_stride % 1024 == 0 ? 14 * 80 : 0));
}

inline MatmulTiling tileMatmul(int level, const MatmulProblem &problem) {
  const auto &[rows, columns, depth, batch, dynamic, form, aStride, cStride] = problem;
  const int64_t height = dynamic ? highestTile(level) : tileHeight(level, rows);
  const bool small = packedFloats(depth, columns) * 4 <= residentBytes(level);
  const MatmulPart part =
      small ? partByRows(level, problem, height) : partByColumns(level, problem, height);

  MatmulTiling tiling;
  tiling.kernel = dynamic ? "matmul_any" : "matmul_" + std::to_string(height);
  firn_matmul_args &args = tiling.args;
  args.rows = rows, args.columns = columns, args.depth = depth;
  args.a_stride = aStride ? aStride : depth, args.a_batch = rows * args.a_stride;
  args.c_stride = cStride ? cStride : columns, args.c_batch = rows * args.c_stride;
  args.b_form = form;
  args.b_stride = form == FIRN_MATMUL_TRANSPOSED ? depth : columns;
  args.b_batch = form == FIRN_MATMUL_PANELS ? 0 : depth * columns;
  args.tiles = part.tiles, args.block = part.block, args.panels = part.panels;

  tiling.gridX = dynamic ? 0 : ceilDiv(ceilDiv(rows, height), part.tiles);
  tiling.gridY = ceilDiv(panelCount(columns), part.panels);
  tiling.rowsPerGroup = part.tiles * height;
  tiling.scratchBytes = matmulScratch(level, args);
  return tiling;
}

} // namespace firn::kernels
