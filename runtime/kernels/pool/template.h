// The pool kernels, see pool.h.
#pragma once

#include "runtime/kernels/common/window.h"
#include "runtime/kernels/pool/pool.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

struct MaxPool {
  static FIRN_INLINE V begin() { return splat(-__FLT_MAX__); }
  static FIRN_INLINE V join(V x, V largest) { return x > largest ? x : largest; }
  static FIRN_INLINE V end(V largest, int64_t) { return largest; }
};

struct AveragePool {
  static FIRN_INLINE V begin() { return V{}; }
  static FIRN_INLINE V join(V x, V sum) { return x + sum; }
  static FIRN_INLINE V end(V sum, int64_t count) { return sum / splat(float(count)); }
};

/// Rows of the window are joined first, then their results: large windows lose fewer digits.
template <int Count, class Pool>
FIRN_INLINE void poolPart(const firn_window_args &w, const WindowPart &part, V *results) {
  V row[Count];
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v)
    results[v] = row[v] = Pool::begin();
  const int64_t last = part.columns.end - 1;
  forEachTap<Count>(w, part, [&](const V *values, int64_t, int64_t column) FIRN_INLINED {
    FIRN_UNROLL
    for (int v = 0; v < Count; ++v)
      row[v] = Pool::join(values[v], row[v]);
    if (column == last) {
      FIRN_UNROLL
      for (int v = 0; v < Count; ++v) {
        results[v] = Pool::join(row[v], results[v]);
        row[v] = Pool::begin();
      }
    }
  });
  const int64_t count = part.rows.count() * part.columns.count();
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v)
    results[v] = Pool::end(results[v], count);
}

/// A workgroup.
template <class Pool, class Epilogue>
FIRN_INLINE uint32_t pool(const firn_workgroup *group, const firn_pool_args *args,
                          const Epilogue &epilogue) {
  const int64_t channels = args->channels;
  auto run = [&](const WindowPart &part, auto vectors, int64_t pixel) FIRN_INLINED {
    constexpr int kCount = decltype(vectors)::value;
    V results[kCount];
    poolPart<kCount, Pool>(args->window, part, results);
    float *output =
        static_cast<float *>(group->buffers[1]) + pixel * args->output_pixel + part.column;
    finishVectors<kCount>(output, results, pixel, part.column, part.count, epilogue);
  };
  forEachWindow(group, args->window, args->rows, channels, channels, run);
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
