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
};

struct MatmulTiling {
  std::string kernel;    ///< the entry without `firn_kernel_`
  firn_matmul_args args; ///< of dense operands: the caller changes strides where they are not
  int64_t gridX, gridY;  ///< and the batch; gridX 0: ceil(rows / rowsPerGroup), rows are dynamic
  int64_t rowsPerGroup;
  int64_t scratchBytes;
};

/// Row tiles of a workgroup: as many as keep its rows of A in L2.
inline int64_t matmulRowTiles(int level, const MatmulProblem &problem, int64_t height) {
  const int64_t resident =
      std::max<int64_t>(1, residentBytes(level) / (4 * height * problem.depth));
  return problem.dynamicRows ? resident : evenPart(ceilDiv(problem.rows, height), resident);
}

/// Panels of a workgroup: as many as make it worth a thread's while. A matrix of few rows costs
/// what it takes to read B: as much as the work of 16 rows.
inline int64_t matmulPanels(int level, const MatmulProblem &problem, int64_t groupRows) {
  const int64_t rows = std::max<int64_t>(16, std::min(problem.rows, groupRows));
  const int64_t work = rows * problem.depth * kPanelColumns;
  return evenPart(panelCount(problem.columns), ceilDiv(worthwhileWork(level), work));
}

inline MatmulTiling tileMatmul(int level, const MatmulProblem &problem) {
  const auto &[rows, columns, depth, batch, dynamic, form] = problem;
  const int64_t height = dynamic ? highestTile(level) : tileHeight(level, rows);
  const int64_t tiles = matmulRowTiles(level, problem, height);
  const int64_t panels = matmulPanels(level, problem, tiles * height);

  MatmulTiling tiling;
  tiling.kernel = dynamic ? "matmul_any" : "matmul_" + std::to_string(height);
  firn_matmul_args &args = tiling.args;
  args.rows = rows, args.columns = columns, args.depth = depth;
  args.a_stride = depth, args.a_batch = rows * depth;
  args.c_stride = columns, args.c_batch = rows * columns;
  args.b_form = form;
  args.b_stride = form == FIRN_MATMUL_TRANSPOSED ? depth : columns;
  args.b_batch = form == FIRN_MATMUL_PANELS ? 0 : depth * columns;
  args.tiles = tiles, args.panels = panels;

  tiling.gridX = dynamic ? 0 : ceilDiv(ceilDiv(rows, height), tiles);
  tiling.gridY = ceilDiv(panelCount(columns), panels);
  tiling.rowsPerGroup = tiles * height;
  tiling.scratchBytes = form == FIRN_MATMUL_PANELS ? 0 : depth * kPanelColumns * 4;
  return tiling;
}

} // namespace firn::kernels
