// Windows that slide over an image [height, width, channels]: the part that arguments of depthwise
// and pool have in common.
#pragma once

#include <stdint.h>

/// Output pixel (y, x) sees the input pixels (y * stride_y - pad_top + i * dilation_y,
/// x * stride_x - pad_left + j * dilation_x) for i < kernel_height, j < kernel_width, as far as
/// they lie in the image. Padding behind the last row and column follows from the output's size.
struct firn_window_args {
  int64_t in_height, in_width, out_height, out_width;
  int64_t kernel_height, kernel_width;
  int64_t stride_y, stride_x, dilation_y, dilation_x;
  int64_t pad_top, pad_left;
};
