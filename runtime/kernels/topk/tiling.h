// Over which grid the top-k kernels run. Host side.
#pragma once

#include "runtime/kernels/common/row_tiling.h"
#include "runtime/kernels/topk/topk.h"

namespace firn::kernels {

/// Rows of a workgroup; the grid is (ceil(count / rows), 1, 1), the kernel `topk_TYPE`.
inline int64_t topkRows(int level, int64_t columns) { return rowsPerGroup(level, columns, 32); }

} // namespace firn::kernels
