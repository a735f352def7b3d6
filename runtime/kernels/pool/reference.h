// The pools, plainly. Host side.
#pragma once

#include "runtime/kernels/pool/pool.h"

#include <limits>

namespace firn::kernels {

/// Output element (y, x, channel) of one image.
inline double referencePool(const firn_pool_args &args, bool average, const float *image, int64_t y,
                            int64_t x, int64_t channel) {
  const firn_window_args &w = args.window;
  double sum = 0, count = 0, largest = std::numeric_limits<float>::lowest();
  for (int64_t i = 0; i < w.kernel_height; ++i)
    for (int64_t j = 0; j < w.kernel_width; ++j) {
      const int64_t atY = y * w.stride_y - w.pad_top + i * w.dilation_y;
      const int64_t atX = x * w.stride_x - w.pad_left + j * w.dilation_x;
      if (atY < 0 || atY >= w.in_height || atX < 0 || atX >= w.in_width)
        continue;
      const double element = image[(atY * w.in_width + atX) * args.channels + channel];
      sum += element, ++count;
      largest = element > largest ? element : largest;
    }
  return average ? sum / count : largest;
}

} // namespace firn::kernels
