// Rows placed by number, and dealt out by owner.
#pragma once

#include "runtime/kernels/plain/element.h"
#include "runtime/kernels/plain/plain.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

struct Replacing {
  template <typename T> static FIRN_INLINE T step(T, T x) { return x; }
};
struct Subtracting {
  template <typename T> static FIRN_INLINE T step(T a, T x) {
    using M = typename Modular<T>::Type;
    return static_cast<T>(static_cast<M>(a) - static_cast<M>(x));
  }
};

// Rows come in order: of several for one place each finds what those before it made.
template <typename T, typename F>
FIRN_INLINE uint32_t scatter(const firn_workgroup *group, const firn_scatter_args *args) {
  const int64_t *places = bufferOf<const int64_t>(group, 0);
  const T *row = bufferOf<const T>(group, 1);
  int64_t each = args->each;
  for (int64_t i = 0; i < args->rows; ++i, row += each) {
    if (places[i] < 0 || places[i] >= args->slots)
      return FIRN_DISPATCH_INDEX_RANGE;
    T *to = bufferOf<T>(group, 2) + places[i] * each;
    for (int64_t k = 0; k < each; ++k)
      to[k] = F::template step<T>(to[k], row[k]);
  }
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE uint32_t partition(const firn_workgroup *group, const firn_partition_args *args) {
  const int32_t *owners = bufferOf<const int32_t>(group, 0);
  int64_t *order = bufferOf<int64_t>(group, 1), *counts = bufferOf<int64_t>(group, 2);
  for (int64_t part = 0; part < args->parts; ++part)
    counts[part] = 0;
  for (int64_t row = 0; row < args->rows; ++row) {
    if (owners[row] < 0 || owners[row] >= args->parts)
      return FIRN_DISPATCH_INDEX_RANGE;
    ++counts[owners[row]];
  }
  // Where each part begins; then, row by row, where its next one goes.
  int64_t first = 0;
  for (int64_t part = 0; part < args->parts; ++part) {
    int64_t count = counts[part];
    counts[part] = first;
    first += count;
  }
  for (int64_t row = 0; row < args->rows; ++row)
    order[counts[owners[row]]++] = row;
  for (int64_t part = args->parts - 1; part > 0; --part)
    counts[part] -= counts[part - 1];
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
