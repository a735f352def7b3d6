// Which pool kernel to call, with which arguments, over which grid. Host side.
#pragma once

#include "runtime/kernels/common/window_tiling.h"
#include "runtime/kernels/pool/pool.h"

#include <string>

namespace firn::kernels {

struct PoolProblem {
  firn_window_args window;
  int64_t channels;
  bool average;
  int64_t outputPixel = 0; ///< elements between pixels of the output; 0: dense
};

/// The grid is (gridX, 1, images); there is no scratch.
struct PoolTiling {
  std::string kernel; ///< the entry without `firn_kernel_`
  firn_pool_args args;
  int64_t gridX;
};

inline PoolTiling tilePool(const PoolProblem &problem) {
  const auto &[window, channels, average, outputPixel] = problem;
  const int64_t rows = windowRows(window, channels, channels);
  return {average ? "pool_average" : "pool_max",
          {window, channels, outputPixel ? outputPixel : channels, rows},
          ceilDiv(window.out_height, rows)};
}

} // namespace firn::kernels
