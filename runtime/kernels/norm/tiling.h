// Over which grid the normalisations run. Host side.
#pragma once

#include "runtime/kernels/common/row_tiling.h"
#include "runtime/kernels/norm/norm.h"

namespace firn::kernels {

/// gridX 0: ceil(count / args.rows), the count is dynamic and the caller puts it into the
/// arguments.
template <class Args> struct NormTiling {
  Args args;
  int64_t gridX, scratchBytes = 0;
};

struct NormProblem {
  int64_t count, columns; ///< count -1: known at run time (not of instance_norm)
  bool gamma, beta;
  double epsilon;
};

/// Of `layer_norm`: the grid is (gridX, 1, 1).
inline NormTiling<firn_norm_args> tileLayerNorm(int level, const NormProblem &problem) {
  const auto &[count, columns, gamma, beta, epsilon] = problem;
  int64_t rows = rowsPerGroup(level, columns, 24);
  if (count > 0)
    rows = evenPart(count, rows);
  return {{count, columns, rows, gamma, beta, epsilon}, count > 0 ? ceilDiv(count, rows) : 0};
}

/// Of `instance_norm`: the grid is (gridX, 1, images). A workgroup has 64 channels or a multiple:
/// less of each pixel would be read slowly.
inline NormTiling<firn_norm_args> tileInstanceNorm(int level, const NormProblem &problem) {
  const auto &[count, columns, gamma, beta, epsilon] = problem;
  const int64_t blocks = ceilDiv(columns, 64);
  const int64_t channels = 64 * evenPart(blocks, rowsPerGroup(level, 64 * count, 24));
  return {{count, columns, channels, gamma, beta, epsilon}, ceilDiv(columns, channels)};
}

/// Of `lrn`, whose arguments have all but the rows: the grid is (gridX, 1, 1).
inline NormTiling<firn_lrn_args> tileLocalResponseNorm(int level, firn_lrn_args args) {
  args.rows = rowsPerGroup(level, args.channels, 48);
  if (args.count > 0)
    args.rows = evenPart(args.count, args.rows);
  return {args, args.count > 0 ? ceilDiv(args.count, args.rows) : 0,
          (args.channels + 2 * args.radius) * 4};
}

} // namespace firn::kernels
