// The depthwise kernels, see depthwise.h.
#pragma once

#include "runtime/kernels/common/window.h"
#include "runtime/kernels/depthwise/depthwise.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Output pixels that share the loads of their windows: a row of the common images (7, 14, 28, …)
/// is a multiple.
constexpr int kDepthwisePixels = 7;

/// What the pixels of an output row have in common.
struct DepthwiseRow {
  const float *image;  // its first element
  const float *filter; // [kernel height, kernel width, channels]
  const float *zeros;  // as many as there are channels
  float *output;       // the row's first pixel
  int64_t firstPixel;  // of the row, all images flattened
  Taps taps;           // rows of the window inside the image
  int64_t firstLine;   // input row of tap 0, perhaps outside
};

/// Input columns of a block of pixels all of which are inside: one after another.
struct InsideColumns {
  const float *first; // of the row of tap 0
  int64_t line, pixel;

  FIRN_INLINE const float *at(int64_t row, int column) const {
    return first + row * line + column * pixel;
  }
};

/// Some of which are outside: these are rows of zeros.
template <int Columns> struct EdgeColumns {
  const float *first[Columns];
  int64_t lines[Columns];

  FIRN_INLINE const float *at(int64_t row, int column) const {
    return first[column] + row * lines[column];
  }
};

/// One vector of channels of `Pixels` pixels. `FirstTap`, `LastTap`: rows of the window.
template <int Width, int Stride, int Pixels, class Columns>
FIRN_INLINE void depthwiseTaps(V *sums, const Columns &columns, const float *filter,
                               int64_t channels, int64_t firstTap, int64_t lastTap, int64_t channel,
                               int64_t count) {
  constexpr int kColumns = (Pixels - 1) * Stride + Width;
  FIRN_UNROLL
  for (int p = 0; p < Pixels; ++p)
    sums[p] = V{};
  for (int64_t row = firstTap; row < lastTap; ++row) {
    V weights[Width];
    FIRN_UNROLL
    for (int j = 0; j < Width; ++j)
      weights[j] = load(filter + (row * Width + j) * channels + channel);
    FIRN_UNROLL
    for (int c = 0; c < kColumns; ++c) {
      const float *from = columns.at(row, c) + channel;
      const V x = count >= kWidth ? load(from) : loadPartial(from, count);
      FIRN_UNROLL
      for (int p = 0; p < Pixels; ++p)
        if (c >= p * Stride && c < p * Stride + Width)
          sums[p] = x * weights[c - p * Stride] + sums[p];
    }
  }
}

/// `Pixels` output pixels from `x` on.
template <int Width, int Stride, int Pixels, class Columns, class Epilogue>
FIRN_INLINE void depthwiseBlock(const firn_depthwise_args *args, const DepthwiseRow &row,
                                const Columns &columns, int64_t x, Taps taps,
                                const Epilogue &epilogue) {
  const int64_t channels = args->channels;
  float *output = row.output + x * args->output_pixel;
  for (int64_t channel = 0; channel < channels; channel += kWidth) {
    const int64_t count = channels % kWidth == 0 ? kWidth : channels - channel;
    V sums[Pixels];
    depthwiseTaps<Width, Stride, Pixels>(sums, columns, row.filter, channels, taps.begin, taps.end,
                                         channel, count);
    FIRN_UNROLL
    for (int p = 0; p < Pixels; ++p)
      finishVectors<1>(output + p * args->output_pixel + channel, &sums[p], row.firstPixel + x + p,
                       channel, count, epilogue);
  }
}

/// The same for a block that touches the left or the right edge.
template <int Width, int Stride, int Pixels, class Epilogue>
FIRN_INLINE void depthwiseEdge(const firn_depthwise_args *args, const DepthwiseRow &row, int64_t x,
                               const Epilogue &epilogue) {
  constexpr int kColumns = (Pixels - 1) * Stride + Width;
  const firn_window_args &w = args->window;
  const int64_t line = w.in_width * args->channels, begin = x * Stride - w.pad_left;
  EdgeColumns<kColumns> columns;
  for (int c = 0; c < kColumns; ++c) {
    const bool inside = begin + c >= 0 && begin + c < w.in_width;
    columns.first[c] =
        inside ? row.image + row.firstLine * line + (begin + c) * args->channels : row.zeros;
    columns.lines[c] = inside ? w.dilation_y * line : 0;
  }
  depthwiseBlock<Width, Stride, Pixels>(args, row, columns, x, row.taps, epilogue);
}

/// `count` pixels, fewer than 2 * Pixels, at the end of a row.
template <int Width, int Stride, int Pixels, class Epilogue>
FIRN_INLINE void depthwiseRest(const firn_depthwise_args *args, const DepthwiseRow &row, int64_t x,
                               int64_t count, const Epilogue &epilogue) {
  if (count >= Pixels) {
    depthwiseEdge<Width, Stride, Pixels>(args, row, x, epilogue);
    x += Pixels;
    count -= Pixels;
  }
  if constexpr (Pixels > 1)
    depthwiseRest<Width, Stride, Pixels / 2>(args, row, x, count, epilogue);
}

template <int Width, int Stride, class Epilogue>
FIRN_INLINE void depthwiseRow(const firn_depthwise_args *args, const DepthwiseRow &row,
                              const Epilogue &epilogue) {
  constexpr int kPixels = kDepthwisePixels;
  const firn_window_args &w = args->window;
  const int64_t line = w.in_width * args->channels;
  const bool whole = row.taps.begin == 0 && row.taps.end == w.kernel_height;
  int64_t x = 0;
  for (; x + kPixels <= w.out_width; x += kPixels) {
    const int64_t begin = x * Stride - w.pad_left;
    const bool inside = begin >= 0 && begin + (kPixels - 1) * Stride + Width <= w.in_width;
    if (inside && whole) {
      const InsideColumns columns = {row.image + row.firstLine * line + begin * args->channels,
                                     w.dilation_y * line, args->channels};
      const Taps all = {0, w.kernel_height, 0}; // constants, once specialised
      depthwiseBlock<Width, Stride, kPixels>(args, row, columns, x, all, epilogue);
    } else {
      depthwiseEdge<Width, Stride, kPixels>(args, row, x, epilogue);
    }
  }
  depthwiseRest<Width, Stride, kPixels / 2 + 1>(args, row, x, w.out_width - x, epilogue);
}

/// A workgroup. Needs zeros for one pixel as scratch.
template <int Width, int Stride, class Epilogue>
FIRN_INLINE uint32_t depthwise(const firn_workgroup *group, const firn_depthwise_args *args,
                               const Epilogue &epilogue) {
  const firn_window_args &w = args->window;
  const int64_t channels = args->channels, z = group->z;
  DepthwiseRow row;
  row.image =
      static_cast<const float *>(group->buffers[0]) + z * w.in_height * w.in_width * channels;
  row.filter = static_cast<const float *>(group->buffers[1]);
  float *zeros = static_cast<float *>(group->scratch);
  for (int64_t c = 0; c < channels; ++c)
    zeros[c] = 0;
  row.zeros = zeros;
  const int64_t begin = group->x * args->rows;
  const int64_t end = begin + args->rows < w.out_height ? begin + args->rows : w.out_height;
  for (int64_t y = begin; y < end; ++y) {
    row.taps = rowTaps(w, y);
    row.firstLine = y * w.stride_y - w.pad_top;
    row.firstPixel = (z * w.out_height + y) * w.out_width;
    row.output = static_cast<float *>(group->buffers[2]) + row.firstPixel * args->output_pixel;
    depthwiseRow<Width, Stride>(args, row, epilogue);
  }
  return FIRN_DISPATCH_OK;
}

/// Lanes `column` … of the input for output columns: each channel `multiplier` times.
FIRN_INLINE V repeatChannels(const float *pixel, const firn_depthwise_args *args, int64_t column) {
  V value = {};
  FIRN_UNROLL
  for (int lane = 0; lane < kWidth; ++lane) {
    const int64_t channel = (column + lane) / args->multiplier;
    value[lane] = pixel[channel < args->channels ? channel : args->channels - 1];
  }
  return value;
}

/// One output pixel of any window, `Count` vectors of it.
template <int Count>
FIRN_INLINE void depthwisePart(const firn_depthwise_args *args, const WindowPart &part,
                               const float *filter, V *sums) {
  const firn_window_args &w = args->window;
  const int64_t columns = args->channels * args->multiplier;
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v)
    sums[v] = V{};
  auto add = [&](const V *values, int64_t i, int64_t j) FIRN_INLINED {
    const float *weights = filter + (i * w.kernel_width + j) * columns + part.column;
    FIRN_UNROLL
    for (int v = 0; v < Count; ++v)
      sums[v] = values[v] * load(weights + v * kWidth) + sums[v];
  };
  if (args->multiplier == 1)
    return forEachTap<Count>(w, part, add);
  for (int64_t i = part.rows.begin; i < part.rows.end; ++i)
    for (int64_t j = part.columns.begin; j < part.columns.end; ++j) {
      const int64_t y = part.rows.place + (i - part.rows.begin) * w.dilation_y;
      const int64_t x = part.columns.place + (j - part.columns.begin) * w.dilation_x;
      V values[Count];
      FIRN_UNROLL
      for (int v = 0; v < Count; ++v)
        values[v] = repeatChannels(part.image + (y * w.in_width + x) * args->channels, args,
                                   part.column + v * kWidth);
      add(values, i, j);
    }
}

/// A workgroup of any depthwise convolution.
template <class Epilogue>
FIRN_INLINE uint32_t depthwiseAny(const firn_workgroup *group, const firn_depthwise_args *args,
                                  const Epilogue &epilogue) {
  const float *filter = static_cast<const float *>(group->buffers[1]);
  const int64_t columns = args->channels * args->multiplier;
  auto run = [&](const WindowPart &part, auto vectors, int64_t pixel) FIRN_INLINED {
    constexpr int kCount = decltype(vectors)::value;
    V sums[kCount];
    depthwisePart<kCount>(args, part, filter, sums);
    float *output =
        static_cast<float *>(group->buffers[2]) + pixel * args->output_pixel + part.column;
    finishVectors<kCount>(output, sums, pixel, part.column, part.count, epilogue);
  };
  forEachWindow(group, args->window, args->rows, args->channels, columns, run);
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
