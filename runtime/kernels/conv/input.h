// Where tiles of a convolution read their input: the image itself, or a copy of the rows that a
// workgroup needs, with the zeros around them, so that tiles have no borders to think of. The copy
// costs two moves for 9 * filters / 16 multiply-adds of a 3x3 kernel.
#pragma once

#include "runtime/kernels/common/vector.h"
#include "runtime/kernels/conv/conv.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Elements between the windows of neighbouring output pixels, and between the taps of a window.
struct ConvInput {
  const float *data; // first tap of the first window
  int64_t row, column;
  int64_t tapRow, tapColumn;
};

/// Every window lies inside of the image: from output row `row` on.
FIRN_INLINE ConvInput directInput(const firn_conv_args *args, const float *image, int64_t row) {
  const int64_t line = args->input_columns * args->input_pixel;
  return {image + row * args->row_stride * line, args->row_stride * line,
          args->column_stride * args->input_pixel, args->row_dilation * line,
          args->column_dilation * args->input_pixel};
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

/// One row of the copy: `columns` pixels, `step` pixels of the image apart, from image column
/// -pad_left on. A null `line` lies outside of the image.
FIRN_INLINE void copyRow(const firn_conv_args *args, const float *line, int64_t columns,
                         int64_t step, float *to) {
  const int64_t pixel = args->copy_pixel, pad = args->pad_left;
  if (!line) {
    clearFloats(to, columns * pixel);
    return;
  }
  const int64_t left = pad < columns ? pad : columns;
  const int64_t there = pad + (args->input_columns + step - 1) / step;
  const int64_t right = there < columns ? there : columns;
  clearFloats(to, left * pixel);
  if (step * args->input_pixel == args->channels && pixel == args->channels)
    copyFloats(to + left * pixel, line, (right - left) * pixel);
  else
    for (int64_t column = left; column < right; ++column)
      copyFloats(to + column * pixel, line + (column - left) * step * args->input_pixel,
                 args->channels);
  clearFloats(to + right * pixel, (columns - right) * pixel);
}

/// The windows of `count` output rows from `row` on, copied into `copy`: all rows and columns of
/// the image between them, or, where a window is one pixel and not padded, only those.
FIRN_INLINE ConvInput copyInput(const firn_conv_args *args, const float *image, int64_t row,
                                int64_t count, float *copy) {
  const bool thin = copiesOnlyWindows(args);
  const int64_t rowStep = thin ? args->row_stride : 1, columnStep = thin ? args->column_stride : 1;
  const int64_t columns = copiedColumns(args), rows = copiedRows(args, count);
  const int64_t line = columns * args->copy_pixel;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t at = row * args->row_stride - args->pad_top + i * rowStep;
    const bool inside = at >= 0 && at < args->input_rows;
    copyRow(args, inside ? image + at * args->input_columns * args->input_pixel : nullptr, columns,
            columnStep, copy + i * line);
  }
  return {copy, args->row_stride / rowStep * line,
          args->column_stride / columnStep * args->copy_pixel, args->row_dilation * line,
          args->column_dilation * args->copy_pixel};
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
