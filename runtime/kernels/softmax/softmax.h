// Softmax over the last dimension, f32: with m the largest of a row, e^(x - m) / sum of e^(x - m),
// or its logarithm x - m - ln(sum).
//
// Buffers: input, output [count, columns], then operands of the epilogue. The output may lie where
// the input does. Workgroup (x, 0, 0): rows x * rows ….
// Kernels: softmax, log_softmax.
#pragma once

#include "runtime/abi/dispatch.h"

struct firn_softmax_args {
  int64_t count; // rows in all
  int64_t columns;
  int64_t rows; // of a workgroup
};
