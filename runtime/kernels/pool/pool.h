// The largest element, or the mean, of each window of an image, f32, [images, height, width,
// channels]. What lies outside the image takes no part: a mean is over the others. Windows without
// any element give -FLT_MAX and NaN. Of NaNs the largest element takes no notice, as TensorFlow's.
//
// Buffers: input, output, then operands of the epilogue (row: output pixel, all images flattened;
// column: channel).
// Workgroup (x, 0, z): output rows x * rows … of image z. Kernels: pool_max, pool_average.
#pragma once

#include "runtime/abi/dispatch.h"
#include "runtime/kernels/common/window_args.h"

struct firn_pool_args {
  struct firn_window_args window;
  int64_t channels;
  int64_t output_pixel; // elements between pixels of the output
  int64_t rows;         // output rows of a workgroup
};
