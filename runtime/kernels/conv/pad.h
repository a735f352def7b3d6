// The input rows that a workgroup needs, copied with the zeros around them: so that tiles have no
// borders to think of. Costs two moves for 9 * filters / 16 multiply-adds of a 3x3 kernel.
#pragma once

#include "runtime/kernels/common/vector.h"
#include "runtime/kernels/conv/conv.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Where tiles read: pixel (0, 0) is the first of the first window.
struct ConvInput {
  const float *data;
  int64_t row, pixel; // elements between rows, between pixels
};

/// Columns and rows that `count` windows of one dimension cover.
FIRN_INLINE int64_t windowSpan(int64_t count, int64_t stride, int64_t kernel, int64_t dilation) {
  return (count - 1) * stride + (kernel - 1) * dilation + 1;
}

FIRN_INLINE void copyFloats(float *to, const float *from, int64_t count) {
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth)
    store(to + i, load(from + i));
  if (i < count)
    storePartial(to + i, load(from + i), count - i);
}

FIRN_INLINE void clearFloats(float *to, int64_t count) {
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth)
    store(to + i, V{});
  if (i < count)
    storePartial(to + i, V{}, count - i);
}

/// One row of `columns` pixels, from the image row `from` or, if null, all zero.
FIRN_INLINE void padRow(const firn_conv_args *args, const float *from, int64_t columns, float *to) {
  const int64_t pixel = args->padded_pixel;
  if (!from) {
    clearFloats(to, columns * pixel);
    return;
  }
  const int64_t left = args->pad_left < columns ? args->pad_left : columns;
  const int64_t there = args->pad_left + args->input_columns;
  const int64_t right = there < columns ? there : columns;
  clearFloats(to, left * pixel);
  if (args->input_pixel == args->channels && pixel == args->channels)
    copyFloats(to + left * pixel, from, (right - left) * pixel);
  else
    for (int64_t column = left; column < right; ++column)
      copyFloats(to + column * pixel, from + (column - left) * args->input_pixel, args->channels);
  clearFloats(to + right * pixel, (columns - right) * pixel);
}

/// The windows of `count` output rows from `row` on, of the image `image`.
FIRN_INLINE ConvInput padInput(const firn_conv_args *args, const float *image, int64_t row,
                               int64_t count, float *scratch) {
  const int64_t columns = windowSpan(args->output_columns, args->column_stride,
                                     args->kernel_columns, args->column_dilation);
  const int64_t rows = windowSpan(count, args->row_stride, args->kernel_rows, args->row_dilation);
  const int64_t stride = columns * args->padded_pixel;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t at = row * args->row_stride - args->pad_top + i;
    const bool inside = at >= 0 && at < args->input_rows;
    padRow(args, inside ? image + at * args->input_columns * args->input_pixel : nullptr, columns,
           scratch + i * stride);
  }
  return {scratch, stride, args->padded_pixel};
}

/// The same without a copy: every window lies inside of the image.
FIRN_INLINE ConvInput directInput(const firn_conv_args *args, const float *image, int64_t row) {
  const int64_t stride = args->input_columns * args->input_pixel;
  return {image + row * args->row_stride * stride, stride, args->input_pixel};
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
