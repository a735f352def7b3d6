// The walk of windows over images (window_args.h), one output pixel at a time, for kernels whose
// work at a pixel is small or seldom: whoever shares loads between pixels has a loop of its own.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/lanes.h"
#include "runtime/kernels/common/window_args.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Taps `begin` to `end` of one axis are inside the image; the first of them is at `place`.
struct Taps {
  int64_t begin, end, place;
  FIRN_INLINE int64_t count() const { return end > begin ? end - begin : 0; }
};
FIRN_INLINE Taps tapsInside(int64_t first, int64_t window, int64_t dilation, int64_t size) {
  int64_t begin = first < 0 ? (-first + dilation - 1) / dilation : 0;
  int64_t left = size - first; // elements from tap 0 to the end
  int64_t end = left <= 0 ? 0 : (left + dilation - 1) / dilation;
  end = end < window ? end : window;
  return {begin, end, first + begin * dilation};
}

FIRN_INLINE Taps rowTaps(const firn_window_args &w, int64_t y) {
  return tapsInside(y * w.stride_y - w.pad_top, w.kernel_height, w.dilation_y, w.in_height);
}
FIRN_INLINE Taps columnTaps(const firn_window_args &w, int64_t x) {
  return tapsInside(x * w.stride_x - w.pad_left, w.kernel_width, w.dilation_x, w.in_width);
}

/// Vectors of the window of one output pixel, from `column` on; of the last one only
/// `count` elements are there.
struct WindowPart {
  const float *image; // its first element
  Taps rows, columns;
  int64_t channels; // between pixels
  int64_t column;
  int64_t count; // columns from `column` to the end
};

/// visit(Count vectors of one input pixel, tap row, tap column) for each pixel of the window.
template <int Count, class Visit>
FIRN_INLINE void forEachTap(const firn_window_args &w, const WindowPart &part, const Visit &visit) {
  const int64_t pixel = w.dilation_x * part.channels, line = w.in_width * part.channels;
  const float *row = part.image + part.rows.place * line + part.columns.place * part.channels;
  const bool whole = part.count >= Count * kWidth;
  for (int64_t i = part.rows.begin; i < part.rows.end; ++i, row += w.dilation_y * line) {
    const float *at = row + part.column;
    for (int64_t j = part.columns.begin; j < part.columns.end; ++j, at += pixel) {
      V values[Count];
      FIRN_UNROLL
      for (int v = 0; v < Count; ++v)
        values[v] = whole ? load(at + v * kWidth) : loadPartial(at, part.count);
      visit(values, i, j);
    }
  }
}

/// Stores what the epilogue makes of finished vectors.
template <int Count, class Epilogue>
FIRN_INLINE void finishVectors(float *to, const V *values, int64_t row, int64_t column,
                               int64_t count, const Epilogue &epilogue) {
  FIRN_UNROLL
  for (int v = 0; v < Count; ++v) {
    const V value = epilogue(values[v], row, column + v * kWidth);
    if (count >= Count * kWidth)
      store(to + v * kWidth, value);
    else
      storePartial(to, value, count);
  }
}

/// run(part, Vectors<N>, output pixel) over all pixels and columns of the workgroup (x, 0, z):
/// output rows x * rows … of image z. The image has `channels`, the output `columns`.
template <class Run>
FIRN_INLINE void forEachWindow(const firn_workgroup *group, const firn_window_args &w, int64_t rows,
                               int64_t channels, int64_t columns, const Run &run) {
  WindowPart part;
  part.image = static_cast<const float *>(group->buffers[0]) +
               group->z * w.in_height * w.in_width * channels;
  part.channels = channels;
  const int64_t begin = group->x * rows;
  const int64_t end = begin + rows < w.out_height ? begin + rows : w.out_height;
  for (int64_t y = begin; y < end; ++y) {
    part.rows = rowTaps(w, y);
    for (int64_t x = 0; x < w.out_width; ++x) {
      part.columns = columnTaps(w, x);
      const int64_t pixel = (group->z * w.out_height + y) * w.out_width + x;
      forEachColumns(columns, [&](auto vectors, int64_t column, int64_t count) FIRN_INLINED {
        part.column = column;
        part.count = count;
        run(part, vectors, pixel);
      });
    }
  }
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
