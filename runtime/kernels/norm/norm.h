// Normalisations, f32.
//
// layer_norm, of each row of [count, columns]: (x - mean) / sqrt(variance + epsilon) * gamma +
// beta, the mean and the variance over the row. Workgroup (x, 0, 0): rows x * rows ….
//
// instance_norm, of images [images, pixels, channels]: the same with the mean and the variance of
// each channel over the pixels of an image. Workgroup (x, 0, z): channels x * rows … of image z
// (`count` is the pixels of an image, `columns` the channels, `rows` a multiple of 64).
//
// lrn, of pixels [count, channels]: x / (bias + alpha * s)^beta, where s is the sum of the squares
// of the channels at most `radius` away. Workgroup (x, 0, 0): pixels x * rows ….
//
// Buffers: input, then gamma and beta [columns] where there are, output, then operands of the
// epilogue (row: row or pixel, column: column or channel).
#pragma once

#include "runtime/abi/dispatch.h"

struct firn_norm_args {
  int64_t count, columns;
  int64_t rows;                // of a workgroup
  int64_t has_gamma, has_beta; // 0 or 1
  double epsilon;
};

struct firn_lrn_args {
  int64_t count, channels;
  int64_t rows; // of a workgroup
  int64_t radius;
  double bias, alpha, beta;
};
