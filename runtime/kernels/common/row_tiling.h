// Workgroups of kernels that go over rows. Host side.
#pragma once

#include "runtime/kernels/common/tiling.h"

namespace firn::kernels {

/// Rows of a workgroup for a kernel that spends about `cost` vector operations on an element.
inline int64_t rowsPerGroup(int level, int64_t columns, int64_t cost) {
  return std::max<int64_t>(1, worthwhileWork(level) / (columns * cost));
}

} // namespace firn::kernels
