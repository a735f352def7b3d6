// A convolution of images, f32: output[n, y, x, o] = sum over i, j, c of
// input[n, y sy + i dy - top, x sx + j dx - left, c] * filter[i, j, c, o], 0 outside of the image.
//
// Buffers: input [images, height, width, channels], filter in panels [ceil(columns / 32)][kernel
// height * kernel width * channels][32], output [images, height, width, columns], then operands of
// the epilogue (row: output pixel, all images flattened; column: output channel).
// Workgroup (x, y, z): output rows x * rows …, panels y * panels … of image z. Scratch: the input
// rows that it sees with their padding, where there is any.
//
// A kernel `conv_R` sums tiles of R output pixels: of one output row, which then has ceil(width /
// R) tiles of R or R - 1 pixels, or of R / width whole rows where that is more than one.
#pragma once

#include "runtime/abi/dispatch.h"
#include "runtime/kernels/common/window_args.h"

struct firn_conv_args {
  struct firn_window_args window;
  int64_t channels; // of the input
  int64_t columns;  // channels of the output
  int64_t rows;     // output rows of a workgroup
  int64_t panels;   // panels of a workgroup
};
