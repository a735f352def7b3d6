// Over which grid the softmax kernels run. Host side.
#pragma once

#include "runtime/kernels/common/row_tiling.h"
#include "runtime/kernels/softmax/softmax.h"

namespace firn::kernels {

/// The grid is (ceil(count / args.rows), 1, 1); there is no scratch.
struct SoftmaxTiling {
  firn_softmax_args args;
  int64_t gridX; ///< 0 where the count is dynamic: the formula above
};

/// `count` -1: known at run time, when the caller puts it into the arguments.
inline SoftmaxTiling tileSoftmax(int level, int64_t count, int64_t columns) {
  int64_t rows = rowsPerGroup(level, columns, 64);
  if (count > 0)
    rows = evenPart(count, rows);
  return {{count, columns, rows}, count > 0 ? ceilDiv(count, rows) : 0};
}

} // namespace firn::kernels
