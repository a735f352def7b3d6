// A convolution, plainly.
#pragma once

#include "runtime/kernels/common/reference_sum.h"
#include "runtime/kernels/conv/conv.h"

namespace firn::kernels {

/// Output (image, row, column, filter) of all groups; `filters` is [kernel_rows, kernel_columns,
/// channels of a group, groups * filters].
inline ReferenceSum referenceConv(const firn_conv_args &args, const float *input,
                                  const float *filters, int64_t image, int64_t row, int64_t column,
                                  int64_t filter) {
  ReferenceSum sum;
  const int64_t group = filter / args.filters;
  for (int64_t y = 0; y < args.kernel_rows; ++y)
    for (int64_t x = 0; x < args.kernel_columns; ++x) {
      const int64_t inY = row * args.row_stride - args.pad_top + y * args.row_dilation;
      const int64_t inX = column * args.column_stride - args.pad_left + x * args.column_dilation;
      if (inY < 0 || inY >= args.input_rows || inX < 0 || inX >= args.input_columns)
        continue;
      const float *pixel =
          input + ((image * args.input_rows + inY) * args.input_columns + inX) * args.input_pixel +
          group * args.channels;
      const float *tap =
          filters + (y * args.kernel_columns + x) * args.channels * args.groups * args.filters;
      for (int64_t c = 0; c < args.channels; ++c)
        sum.add(pixel[c], tap[c * args.groups * args.filters + filter]);
    }
  return sum;
}

} // namespace firn::kernels
