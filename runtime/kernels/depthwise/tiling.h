// Which depthwise kernel to call, with which arguments, over which grid. Host side.
#pragma once

#include "runtime/kernels/common/window_tiling.h"
#include "runtime/kernels/depthwise/depthwise.h"

#include <string>
#include <tuple>

namespace firn::kernels {

struct DepthwiseProblem {
  firn_window_args window;
  int64_t channels;
  int64_t multiplier = 1;
  int64_t outputPixel = 0; ///< elements between pixels of the output; 0: dense
};

/// The grid is (gridX, 1, images).
struct DepthwiseTiling {
  std::string kernel; ///< the entry without `firn_kernel_`
  firn_depthwise_args args;
  int64_t gridX, scratchBytes;
};

/// The kernel made for a window, or the one for all.
inline std::string depthwiseKernel(const DepthwiseProblem &problem) {
  const firn_window_args &w = problem.window;
  if (problem.multiplier == 1 && w.dilation_x == 1)
    for (const auto &[width, stride, name] : {
#define FIRN_DEPTHWISE(name, width, stride) std::tuple(width, stride, #name),
#define FIRN_DEPTHWISE_ANY(name)
#include "runtime/kernels/depthwise/kernels.inc"
#undef FIRN_DEPTHWISE
#undef FIRN_DEPTHWISE_ANY
         })
      if (w.kernel_width == width && w.stride_x == stride)
        return name;
  return "depthwise_any";
}

inline DepthwiseTiling tileDepthwise(const DepthwiseProblem &problem) {
  const auto &[window, channels, multiplier, outputPixel] = problem;
  const int64_t rows = windowRows(window, channels, channels * multiplier);
  return {depthwiseKernel(problem),
          {window, channels, multiplier, outputPixel ? outputPixel : channels * multiplier, rows},
          ceilDiv(window.out_height, rows),
          channels * 4};
}

} // namespace firn::kernels
