// The normalisation kernels, see norm.h.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/lanes.h"
#include "runtime/kernels/math/power.h"
#include "runtime/kernels/norm/norm.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Operands of layer and instance norm.
struct NormOperands {
  const float *input, *gamma, *beta;
  float *output;

  FIRN_INLINE NormOperands(const firn_workgroup *group, const firn_norm_args *args) {
    void *const *buffer = group->buffers;
    input = static_cast<const float *>(*buffer++);
    gamma = args->has_gamma ? static_cast<const float *>(*buffer++) : nullptr;
    beta = args->has_beta ? static_cast<const float *>(*buffer++) : nullptr;
    output = static_cast<float *>(*buffer);
  }

  /// (x - mean) * factor * gamma + beta of `count` columns.
  FIRN_INLINE V scaled(V x, V mean, V factor, int64_t column, int64_t count) const {
    V y = (x - mean) * factor;
    if (gamma)
      y *= loadFirst(gamma + column, count);
    return beta ? y + loadFirst(beta + column, count) : y;
  }
};

/// The sum of term(x) over a row; four sums hide the latency of additions.
template <class Term>
FIRN_INLINE float sumOfTerms(const float *x, int64_t columns, const Term &term) {
  V sums[4] = {};
  int64_t at = 0;
  for (; at + 4 * kWidth <= columns; at += 4 * kWidth)
    FIRN_UNROLL
  for (int v = 0; v < 4; ++v)
    sums[v] += term(load(x + at + v * kWidth));
  for (; at < columns; at += kWidth) {
    const int64_t count = columns - at;
    sums[0] += keepFirst(term(loadFirst(x + at, count)), count, 0);
  }
  return sumOfLanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// The rows of a workgroup, all in all `count`.
struct RowRange {
  int64_t begin, end;
  FIRN_INLINE RowRange(const firn_workgroup *group, int64_t rows, int64_t count)
      : begin(group->x * rows), end(begin + rows < count ? begin + rows : count) {}
};

template <class Epilogue>
FIRN_INLINE uint32_t layerNorm(const firn_workgroup *group, const firn_norm_args *args,
                               const Epilogue &epilogue) {
  const NormOperands operands(group, args);
  const int64_t columns = args->columns;
  const RowRange rows(group, args->rows, args->count);
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    const float *x = operands.input + row * columns;
    const V mean = splat(sumOfTerms(x, columns, [](V v) FIRN_INLINED { return v; }) / columns);
    auto square = [&](V v) FIRN_INLINED { return (v - mean) * (v - mean); };
    const float variance = sumOfTerms(x, columns, square) / columns;
    const V factor = splat(math::rsqrt(variance + float(args->epsilon)));
    forEachVector(columns, [&](int64_t at, int64_t count) FIRN_INLINED {
      const V y = operands.scaled(loadFirst(x + at, count), mean, factor, at, count);
      storeFirst(operands.output + row * columns + at, epilogue(y, row, at), count);
    });
  }
  return FIRN_DISPATCH_OK;
}

/// The means over the pixels of term(x, v) of `Count` vectors of channels. Sums of 32 pixels are
/// summed: a single one would lose digits of large images.
template <int Count, class Term>
FIRN_INLINE void meansOfPixels(V *means, const float *x, const firn_norm_args *args, int64_t count,
                               const Term &term) {
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v)
    means[v] = V{};
  for (int64_t begin = 0; begin < args->count; begin += 32) {
    const int64_t end = begin + 32 < args->count ? begin + 32 : args->count;
    V sums[Count] = {};
    for (int64_t pixel = begin; pixel < end; ++pixel)
      FIRN_UNROLL
    for (int v = 0; v < Count; ++v)
      sums[v] += term(loadFirst(x + pixel * args->columns + v * kWidth, count - v * kWidth), v);
    FIRN_UNROLL
    for (int v = 0; v < Count; ++v)
      means[v] += sums[v];
  }
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v)
    means[v] /= splat(float(args->count));
}

/// `Count` vectors of channels of one image, `count` elements up to the last channel.
template <int Count, class Epilogue>
FIRN_INLINE void instanceChannels(const firn_norm_args *args, const NormOperands &operands,
                                  int64_t firstRow, int64_t channel, int64_t count,
                                  const Epilogue &epilogue) {
  const int64_t offset = firstRow * args->columns + channel;
  const float *x = operands.input + offset;
  V means[Count], factors[Count];
  meansOfPixels<Count>(means, x, args, count, [](V value, int) FIRN_INLINED { return value; });
  meansOfPixels<Count>(factors, x, args, count, [&](V value, int v) FIRN_INLINED {
    return (value - means[v]) * (value - means[v]);
  });
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v)
    factors[v] = math::rsqrt(factors[v] + splat(float(args->epsilon)));
  for (int64_t pixel = 0; pixel < args->count; ++pixel)
    FIRN_UNROLL
  for (int v = 0; v < Count; ++v) {
    const int64_t at = pixel * args->columns + v * kWidth, left = count - v * kWidth;
    const V y =
        operands.scaled(loadFirst(x + at, left), means[v], factors[v], channel + v * kWidth, left);
    storeFirst(operands.output + offset + at, epilogue(y, firstRow + pixel, channel + v * kWidth),
               left);
  }
}

template <class Epilogue>
FIRN_INLINE uint32_t instanceNorm(const firn_workgroup *group, const firn_norm_args *args,
                                  const Epilogue &epilogue) {
  const NormOperands operands(group, args);
  const int64_t firstRow = group->z * args->count;
  const RowRange channels(group, args->rows, args->columns);
  forEachColumns(channels.end - channels.begin,
                 [&](auto vectors, int64_t at, int64_t left) FIRN_INLINED {
                   instanceChannels<decltype(vectors)::value>(args, operands, firstRow,
                                                              channels.begin + at, left, epilogue);
                 });
  return FIRN_DISPATCH_OK;
}

/// s^-beta; the exponents that models use without a logarithm.
FIRN_INLINE V inversePower(V s, double beta) {
  if (beta == 0.75) {
    const V root = math::sqrt(s);
    return splat(1) / (root * math::sqrt(root));
  }
  if (beta == 0.5)
    return math::rsqrt(s);
  if (beta == 1)
    return splat(1) / s;
  return math::pow(s, splat(float(-beta)));
}

/// Scratch: the squares of one pixel's channels between `radius` zeros on either side.
template <class Epilogue>
FIRN_INLINE uint32_t localResponseNorm(const firn_workgroup *group, const firn_lrn_args *args,
                                       const Epilogue &epilogue) {
  const int64_t channels = args->channels, radius = args->radius;
  float *squares = static_cast<float *>(group->scratch);
  for (int64_t i = 0; i < channels + 2 * radius; ++i)
    squares[i] = 0;
  const RowRange rows(group, args->rows, args->count);
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    const float *x = static_cast<const float *>(group->buffers[0]) + row * channels;
    float *y = static_cast<float *>(group->buffers[1]) + row * channels;
    forEachVector(channels, [&](int64_t at, int64_t count) FIRN_INLINED {
      const V value = loadFirst(x + at, count);
      storeFirst(squares + radius + at, value * value, count);
    });
    forEachVector(channels, [&](int64_t at, int64_t count) FIRN_INLINED {
      V sum = {};
      for (int64_t i = 0; i <= 2 * radius; ++i)
        sum += loadFirst(squares + at + i, count);
      const V s = splat(float(args->bias)) + splat(float(args->alpha)) * sum;
      const V value = loadFirst(x + at, count) * inversePower(s, args->beta);
      storeFirst(y + at, epilogue(value, row, at), count);
    });
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
