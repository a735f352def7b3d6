// The depthwise convolution, plainly. Host side.
#pragma once

#include "runtime/kernels/depthwise/depthwise.h"

namespace firn::kernels {

/// Output element (y, x, column) of one image.
inline double referenceDepthwise(const firn_depthwise_args &args, const float *image,
                                 const float *filter, int64_t y, int64_t x, int64_t column) {
  const firn_window_args &w = args.window;
  const int64_t channel = column / args.multiplier, columns = args.channels * args.multiplier;
  double sum = 0;
  for (int64_t i = 0; i < w.kernel_height; ++i)
    for (int64_t j = 0; j < w.kernel_width; ++j) {
      const int64_t atY = y * w.stride_y - w.pad_top + i * w.dilation_y;
      const int64_t atX = x * w.stride_x - w.pad_left + j * w.dilation_x;
      if (atY >= 0 && atY < w.in_height && atX >= 0 && atX < w.in_width)
        sum += double(image[(atY * w.in_width + atX) * args.channels + channel]) *
               filter[(i * w.kernel_width + j) * columns + column];
    }
  return sum;
}

} // namespace firn::kernels
