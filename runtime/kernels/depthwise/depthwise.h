// A convolution of each channel of an image by itself, f32: output[n, y, x, c m + q] = sum over i,
// j of input[n, y sy + i dy - top, x sx + j dx - left, c] * filter[i, j, c m + q], m the
// multiplier.
//
// Buffers: input [images, height, width, channels], filter [kernel height, kernel width, channels *
// multiplier] as it is in the model, output, then operands of the epilogue (row: output pixel, all
// images flattened; column: output channel).
// Workgroup (x, 0, z): output rows x * rows … of image z.
#pragma once

#include "runtime/abi/dispatch.h"
#include "runtime/kernels/common/window_args.h"

struct firn_depthwise_args {
  struct firn_window_args window;
  int64_t channels; // of the input
  int64_t multiplier;
  int64_t output_pixel; // elements between pixels of the output
  int64_t rows;         // output rows of a workgroup
};
