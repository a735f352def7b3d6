// A 2-D convolution of images in NHWC as a dot product over (kernel row, kernel column, channel),
// f32.
//
// Buffers: input [batch, input_rows, input_columns, groups * channels], filters as panels [groups]
// [ceil(filters / 32)][kernel_rows * kernel_columns * channels][32], output [batch, output_rows,
// output_columns, groups * filters], then operands of the epilogue. Elements that a window finds
// outside of the image are 0.
//
// A kernel `conv_R` cuts output rows into tiles of R and R - 1 pixels (tile_rows is 1).
// `conv_R_rows` has tiles of tile_rows whole output rows, R pixels together, and where their number
// leaves a rest, tiles of R / 2 pixels, one output row each. Workgroup (x, y, z): output rows x *
// rows …, panels y * panels … of image z / groups, group z % groups. Scratch: the copy of the
// input, then sums.
#pragma once

#include "runtime/abi/dispatch.h"

struct firn_conv_args {
  int64_t input_rows, input_columns, channels;  // of the image; channels of a group
  int64_t output_rows, output_columns, filters; // likewise
  int64_t kernel_rows, kernel_columns;
  int64_t row_stride, column_stride;
  int64_t row_dilation, column_dilation;
  int64_t pad_top, pad_left; // how far the first window begins outside of the image
  int64_t groups;
  int64_t input_pixel, output_pixel; // elements between pixels
  int64_t copy_pixel; // elements between pixels of the copy of the input; 0: no copy, which needs
                      // that no window leaves the image
  int64_t tile_rows;  // output rows of a tile
  int64_t rows;       // output rows of a workgroup
  int64_t panels;     // panels of a workgroup
  int64_t pass;       // kernel rows summed at a time for all tiles of a strip
};

// The copy of the input, as the kernel makes it and the host finds room for it.

/// Only the pixels that windows see: where each is a single pixel inside of the image.
static inline bool copiesOnlyWindows(const struct firn_conv_args *args) {
  return args->kernel_rows * args->kernel_columns == 1 && args->pad_top == 0 && args->pad_left == 0;
}
static inline int64_t copiedColumns(const struct firn_conv_args *args) {
  return copiesOnlyWindows(args) ? args->output_columns
                                 : (args->output_columns - 1) * args->column_stride +
                                       (args->kernel_columns - 1) * args->column_dilation + 1;
}
static inline int64_t copiedRows(const struct firn_conv_args *args, int64_t outputRows) {
  return copiesOnlyWindows(args) ? outputRows
                                 : (outputRows - 1) * args->row_stride +
                                       (args->kernel_rows - 1) * args->row_dilation + 1;
}
