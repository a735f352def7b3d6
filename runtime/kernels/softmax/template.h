// The softmax kernels, see softmax.h.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/lanes.h"
#include "runtime/kernels/math/logarithm.h"
#include "runtime/kernels/softmax/softmax.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// NaNs do not count: the exponentials bring them into every element of the row.
FIRN_INLINE float largestOf(const float *x, int64_t columns) {
  V largest = splat(-__builtin_inff());
  forEachVector(columns, [&](int64_t at, int64_t count) FIRN_INLINED {
    V value = loadFirst(x + at, count);
    if (count < kWidth)
      value = keepFirst(value, count, -__builtin_inff());
    largest = value > largest ? value : largest;
  });
  return largestLane(largest);
}

/// The sum of e^(x - largest), `keep(at, count, exponentials)` along the way.
template <class Keep>
FIRN_INLINE float sumOfExponentials(const float *x, int64_t columns, float largest,
                                    const Keep &keep) {
  V sum = {};
  const V shift = splat(largest);
  forEachVector(columns, [&](int64_t at, int64_t count) FIRN_INLINED {
    V value = math::exp(loadFirst(x + at, count) - shift);
    if (count < kWidth)
      value = keepFirst(value, count, 0);
    sum += value;
    keep(at, count, value);
  });
  return sumOfLanes(sum);
}

/// The exponentials wait in the output for their sum.
struct Softmax {
  static FIRN_INLINE V result(V, V exponential, float sum) { return exponential * splat(1 / sum); }

  template <class Finish>
  static FIRN_INLINE void run(const float *x, float *y, int64_t columns, const Finish &finish) {
    auto keep = [&](int64_t at, int64_t count, V value)
                    FIRN_INLINED { storeFirst(y + at, value, count); };
    const V factor = splat(1 / sumOfExponentials(x, columns, largestOf(x, columns), keep));
    forEachVector(columns, [&](int64_t at, int64_t count) FIRN_INLINED {
      finish(at, count, loadFirst(y + at, count) * factor);
    });
  }
};

struct LogSoftmax {
  static FIRN_INLINE V result(V x, V, float sum) { return x - splat(math::log(sum)); }

  template <class Finish>
  static FIRN_INLINE void run(const float *x, float *, int64_t columns, const Finish &finish) {
    const float largest = largestOf(x, columns);
    const float sum =
        sumOfExponentials(x, columns, largest, [](int64_t, int64_t, V) FIRN_INLINED {});
    const V shift = splat(largest), logarithm = splat(math::log(sum));
    forEachVector(columns, [&](int64_t at, int64_t count) FIRN_INLINED {
      finish(at, count, loadFirst(x + at, count) - shift - logarithm);
    });
  }
};

/// A row of at most `Count` vectors, in registers.
template <int Count, class Kind, class Finish>
FIRN_INLINE void shortRow(const float *x, int64_t columns, const Finish &finish) {
  V values[Count], largest = splat(-__builtin_inff()), sum = {};
  auto left = [&](int v) FIRN_INLINED { return columns - v * kWidth; };
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v) {
    values[v] = left(v) >= kWidth ? load(x + v * kWidth)
                                  : loadPartial(x + v * kWidth, left(v) > 0 ? left(v) : 0);
    values[v] = keepFirst(values[v], left(v), -__builtin_inff());
    largest = values[v] > largest ? values[v] : largest;
  }
  const V shift = splat(largestLane(largest));
  V exponentials[Count];
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v) {
    exponentials[v] = math::exp(values[v] - shift);
    sum += keepFirst(exponentials[v], left(v), 0);
  }
  const float total = sumOfLanes(sum);
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v)
    if (left(v) > 0)
      finish(v * kWidth, left(v), Kind::result(values[v] - shift, exponentials[v], total));
}

/// A workgroup.
template <class Kind, class Epilogue>
FIRN_INLINE uint32_t softmax(const firn_workgroup *group, const firn_softmax_args *args,
                             const Epilogue &epilogue) {
  const int64_t columns = args->columns, begin = group->x * args->rows;
  const int64_t end = begin + args->rows < args->count ? begin + args->rows : args->count;
  for (int64_t row = begin; row < end; ++row) {
    const float *x = static_cast<const float *>(group->buffers[0]) + row * columns;
    float *y = static_cast<float *>(group->buffers[1]) + row * columns;
    auto finish = [&](int64_t at, int64_t count, V value)
                      FIRN_INLINED { storeFirst(y + at, epilogue(value, row, at), count); };
    if (columns <= kWidth)
      shortRow<1, Kind>(x, columns, finish);
    else if (columns <= 2 * kWidth)
      shortRow<2, Kind>(x, columns, finish);
    else if (columns <= 4 * kWidth)
      shortRow<4, Kind>(x, columns, finish);
    else
      Kind::run(x, y, columns, finish);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
