// Which convolution kernel to call, with which arguments, over which grid. Host side.
#pragma once

#include "runtime/kernels/common/pack.h"
#include "runtime/kernels/common/tiling.h"
#include "runtime/kernels/conv/conv.h"

#include <string>

namespace firn::kernels {

/// A convolution as the compiler knows it; `batch` is no part of it, the grid has it.
struct ConvProblem {
  int64_t inputRows, inputColumns, channels;  ///< channels of all groups
  int64_t outputRows, outputColumns, filters; ///< filters of all groups
  int64_t kernelRows, kernelColumns;
  int64_t rowStride = 1, columnStride = 1;
  int64_t rowDilation = 1, columnDilation = 1;
  int64_t padTop = 0, padLeft = 0; ///< those at the end follow from the output's size
  int64_t groups = 1;
  int64_t inputPixel = 0, outputPixel = 0; ///< elements between pixels; 0: dense
};

struct ConvTiling {
  std::string kernel; ///< the entry without `firn_kernel_`
  firn_conv_args args;
  int64_t gridX, gridY, gridZ; ///< gridZ for one image: the grid's z is batch * gridZ
  int64_t scratchBytes;
};

/// Whether some window leaves the image along one dimension.
inline bool leavesImage(int64_t output, int64_t stride, int64_t kernel, int64_t dilation,
                        int64_t padding, int64_t input) {
  return padding > 0 || (output - 1) * stride + (kernel - 1) * dilation - padding >= input;
}

/// Output rows of a tile: more than one where rows are short enough that two fit.
inline int64_t convTileRows(int level, int64_t outputRows, int64_t outputColumns) {
  const bool two = outputRows > 1 && outputColumns > 1 && 2 * outputColumns <= highestTile(level);
  return two ? 2 : 1;
}

/// Elements between pixels of the padded copy: never a multiple of 2 KiB, whose pixels would meet
/// in the same lines of the L1 cache.
inline int64_t paddedPixel(int64_t channels) {
  return channels % 512 == 0 ? channels + 16 : channels;
}

/// Bytes of the padded copy for so many output rows.
inline int64_t paddedBytes(const firn_conv_args &args, int64_t rows) {
  const int64_t columns = (args.output_columns - 1) * args.column_stride +
                          (args.kernel_columns - 1) * args.column_dilation + 1;
  const int64_t inputRows =
      (rows - 1) * args.row_stride + (args.kernel_rows - 1) * args.row_dilation + 1;
  return 4 * inputRows * columns * args.padded_pixel;
}

/// Output rows and panels of a workgroup. The input rows stay in L2. All panels, if a few rows with
/// all of them are no more than a workgroup should have: padding is then copied once.
inline void chooseConvPart(int level, firn_conv_args &args) {
  const int64_t depth = args.kernel_rows * args.kernel_columns * args.channels;
  const int64_t panels = panelCount(args.filters);
  const int64_t rowWork = args.output_columns * depth * panels * kPanelColumns;
  // Sixteen workgroups are enough: each copies its own borders.
  const int64_t work = std::max(worthwhileWork(level), args.output_rows * rowWork / 16);
  const int64_t pixel = args.padded_pixel ? args.padded_pixel : args.input_pixel;
  const int64_t inputRow = 4 * args.output_columns * args.column_stride * args.row_stride * pixel;
  const int64_t resident = std::max<int64_t>(1, residentBytes(level) / inputRow);
  args.rows = std::max(ceilDiv(work, rowWork), 4 * args.tile_rows);
  args.rows = evenPart(args.output_rows, std::min(args.rows, resident));
  args.rows = std::min(ceilDiv(args.rows, args.tile_rows) * args.tile_rows, args.output_rows);
  args.panels = evenPart(panels, ceilDiv(work * panels, args.rows * rowWork));
}

inline firn_conv_args convArguments(const ConvProblem &problem) {
  firn_conv_args args = {};
  args.input_rows = problem.inputRows, args.input_columns = problem.inputColumns;
  args.output_rows = problem.outputRows, args.output_columns = problem.outputColumns;
  args.groups = problem.groups;
  args.channels = problem.channels / problem.groups;
  args.filters = problem.filters / problem.groups;
  args.kernel_rows = problem.kernelRows, args.kernel_columns = problem.kernelColumns;
  args.row_stride = problem.rowStride, args.column_stride = problem.columnStride;
  args.row_dilation = problem.rowDilation, args.column_dilation = problem.columnDilation;
  args.pad_top = problem.padTop, args.pad_left = problem.padLeft;
  args.input_pixel = problem.inputPixel ? problem.inputPixel : problem.channels;
  args.output_pixel = problem.outputPixel ? problem.outputPixel : problem.filters;
  const bool leaves = leavesImage(args.output_rows, args.row_stride, args.kernel_rows,
                                  args.row_dilation, args.pad_top, args.input_rows) ||
                      leavesImage(args.output_columns, args.column_stride, args.kernel_columns,
                                  args.column_dilation, args.pad_left, args.input_columns);
  args.padded_pixel = leaves ? paddedPixel(args.channels) : 0;
  return args;
}

inline ConvTiling tileConv(int level, const ConvProblem &problem) {
  ConvTiling tiling;
  firn_conv_args &args = tiling.args;
  args = convArguments(problem);
  args.tile_rows = convTileRows(level, args.output_rows, args.output_columns);
  chooseConvPart(level, args);
  const bool byRows = args.tile_rows > 1;
  const int64_t pixels =
      byRows ? args.tile_rows * args.output_columns : tileHeight(level, args.output_columns);
  tiling.kernel = "conv_" + std::to_string(pixels) + (byRows ? "_rows" : "");
  tiling.gridX = ceilDiv(args.output_rows, args.rows);
  tiling.gridY = ceilDiv(panelCount(args.filters), args.panels);
  tiling.gridZ = args.groups;
  const int64_t spread = level == 4 ? 14 * 80 * 4 : 0;
  tiling.scratchBytes = args.padded_pixel ? paddedBytes(args, args.rows) : spread;
  return tiling;
}

} // namespace firn::kernels
