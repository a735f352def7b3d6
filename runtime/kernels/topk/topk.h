// The k largest elements of each row of [count, columns] and where they are. Of equal elements the
// one of the lowest index comes first; unsorted results come in the order of TensorFlow's heap,
// which is that of the C++ standard library.
//
// Buffers: input, values [count, k], indices [count, k]. Workgroup (x, 0, 0): rows x * rows ….
// Kernels: topk_TYPE.
#pragma once

#include "runtime/abi/dispatch.h"

struct firn_topk_args {
  int64_t count, columns, k; // k <= columns
  int64_t rows;              // of a workgroup
  int64_t sorted;            // 0 or 1
  int64_t index_bytes;       // 4 or 8
};
