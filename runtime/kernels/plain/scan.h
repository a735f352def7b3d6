// Sums and products up to each element, counts, folds of segments.
#pragma once

#include "runtime/kernels/plain/element.h"
#include "runtime/kernels/plain/plain.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

// Lines are run through side by side, so that the innermost loop is over elements that do not
// depend on each other.
template <typename T, typename F>
FIRN_INLINE uint32_t scan(const firn_workgroup *group, const firn_scan_args *args) {
  int64_t length = args->length, inner = args->inner, step = args->reverse ? -inner : inner;
  for (int64_t o = 0; o < args->outer; ++o) {
    int64_t first = o * length * inner + (args->reverse ? (length - 1) * inner : 0);
    const T *in = bufferOf<const T>(group, 0) + first;
    T *out = bufferOf<T>(group, 1) + first;
    for (int64_t k = 0; k < length; ++k, in += step, out += step)
      for (int64_t i = 0; i < inner; ++i) {
        if (args->exclusive)
          out[i] = k ? F::template step<T>(out[i - step], in[i - step]) : F::template start<T>();
        else
          out[i] = k ? F::template step<T>(out[i - step], in[i]) : in[i];
      }
  }
  return FIRN_DISPATCH_OK;
}

template <typename T>
FIRN_INLINE uint32_t bincount(const firn_workgroup *group, const firn_bincount_args *args) {
  const int32_t *values = bufferOf<const int32_t>(group, 0);
  const T *weights = bufferOf<const T>(group, 1);
  T *bins = bufferOf<T>(group, 2);
  for (int64_t bin = 0; bin < args->bins; ++bin)
    bins[bin] = T(0);
  for (int64_t i = 0; i < args->count; ++i) {
    if (values[i] < 0)
      return FIRN_DISPATCH_INDEX_RANGE;
    if (values[i] < args->bins)
      bins[values[i]] = Adding::step<T>(bins[values[i]], args->weights ? weights[i] : T(1));
  }
  return FIRN_DISPATCH_OK;
}

template <typename T, typename F>
FIRN_INLINE uint32_t segment(const firn_workgroup *group, const firn_segment_args *args) {
  const T *x = bufferOf<const T>(group, 0);
  const int64_t *ids = bufferOf<const int64_t>(group, 1);
  T *out = bufferOf<T>(group, 2);
  int64_t *rows = bufferOf<int64_t>(group, 3), each = args->each;
  for (int64_t i = 0; i < args->segments * each; ++i)
    out[i] = F::template start<T>();
  for (int64_t id = 0; id < args->segments; ++id)
    rows[id] = 0;
  for (int64_t row = 0; row < args->rows; ++row, x += each) {
    if (ids[row] < 0)
      continue;
    if (ids[row] >= args->segments)
      return FIRN_DISPATCH_INDEX_RANGE;
    T *to = out + ids[row] * each;
    ++rows[ids[row]];
    for (int64_t i = 0; i < each; ++i)
      to[i] = F::template step<T>(to[i], x[i]);
  }
  for (int64_t id = 0; id < args->segments; ++id)
    for (int64_t i = id * each; i < (id + 1) * each; ++i) {
      if (args->zero && !rows[id])
        out[i] = T(0);
      if (args->mean && rows[id] > 1)
        out[i] = out[i] / static_cast<T>(rows[id]);
    }
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE uint32_t countSegments(const firn_workgroup *group,
                                   const firn_segment_count_args *args) {
  const int64_t *ids = bufferOf<const int64_t>(group, 0);
  for (int64_t row = 0; row < args->rows; ++row)
    if (ids[row] < (row ? ids[row - 1] : 0))
      return FIRN_DISPATCH_INDEX_RANGE;
  int64_t number = args->rows ? ids[args->rows - 1] + 1 : 0;
  *bufferOf<int64_t>(group, 1) = number;
  return number <= args->most ? FIRN_DISPATCH_OK : FIRN_DISPATCH_SHAPE;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
