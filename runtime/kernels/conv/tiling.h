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

/// Workgroups that a convolution is cut into where each is then still worthwhile.
constexpr int64_t kConvGroups = 8;

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

/// Elements between pixels of the copy of the input; 0: none. It is needed where windows leave the
/// image, and it pays where windows are single pixels far apart. Never a multiple of 2 KiB: pixels
/// would meet in the same lines of the L1 cache.
inline int64_t copyPixel(const firn_conv_args &args) {
  const bool leaves = leavesImage(args.output_rows, args.row_stride, args.kernel_rows,
                                  args.row_dilation, args.pad_top, args.input_rows) ||
                      leavesImage(args.output_columns, args.column_stride, args.kernel_columns,
                                  args.column_dilation, args.pad_left, args.input_columns);
  if (!leaves && !(copiesOnlyWindows(&args) && args.column_stride > 1))
    return 0;
  return args.channels % 512 == 0 ? args.channels + 16 : args.channels;
}

/// Floats of that copy for so many output rows.
inline int64_t copiedFloats(const firn_conv_args &args, int64_t rows) {
  return copiedRows(&args, rows) * copiedColumns(&args) * args.copy_pixel;
}

/// What a workgroup of so many rows and panels spends on other things than multiply-adds, in
/// multiply-adds for each of them: to copy an element takes as long as 20, to fetch a weight as 10.
inline double convOverhead(const firn_conv_args &args, int64_t rows, int64_t panels) {
  const double weights = args.kernel_rows * args.kernel_columns * args.channels * panels * 32;
  return (20 * copiedFloats(args, rows) + 10 * weights) / (weights * rows * args.output_columns);
}

/// Rows and panels of a workgroup: those of least overhead among those that give enough workgroups
/// for the threads of a large machine, but each worthwhile.
inline void chooseConvPart(int level, firn_conv_args &args) {
  const int64_t depth = args.kernel_rows * args.kernel_columns * args.channels;
  const int64_t panels = panelCount(args.filters), tileRows = args.tile_rows;
  const int64_t work = args.output_rows * args.output_columns * depth * panels * kPanelColumns;
  const int64_t wanted = std::clamp<int64_t>(work / worthwhileWork(level), 1, kConvGroups);
  double least = 1e9;
  for (int64_t parts = ceilDiv(args.output_rows, tileRows); parts >= 1; --parts) {
    const int64_t rows =
        std::min(ceilDiv(ceilDiv(args.output_rows, parts), tileRows) * tileRows, args.output_rows);
    if (4 * copiedFloats(args, rows) > residentBytes(level) && rows > tileRows)
      break;
    for (int64_t share = 1; share <= panels; ++share) {
      const int64_t groups = ceilDiv(args.output_rows, rows) * ceilDiv(panels, share);
      const double missing = groups < wanted ? double(wanted) / groups : 0;
      const double cost = convOverhead(args, rows, share) + missing;
      if (cost < least)
        least = cost, args.rows = rows, args.panels = share;
    }
  }
}

/// Kernel rows of a pass: as many as have a panel that stays in L2 beside the rows.
inline int64_t convPass(int level, const firn_conv_args &args) {
  const int64_t rowBytes = args.kernel_columns * args.channels * kPanelColumns * 4;
  return evenPart(args.kernel_rows, residentBytes(level) / 2 / rowBytes);
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
  args.copy_pixel = copyPixel(args);
  return args;
}

inline ConvTiling tileConv(int level, const ConvProblem &problem) {
  ConvTiling tiling;
  firn_conv_args &args = tiling.args;
  args = convArguments(problem);
  args.tile_rows = convTileRows(level, args.output_rows, args.output_columns);
  chooseConvPart(level, args);
  args.pass = convPass(level, args);
  const bool byRows = args.tile_rows > 1;
  const int64_t pixels =
      byRows ? args.tile_rows * args.output_columns : tileHeight(level, args.output_columns);
  tiling.kernel = "conv_" + std::to_string(pixels) + (byRows ? "_rows" : "");
  tiling.gridX = ceilDiv(args.output_rows, args.rows);
  tiling.gridY = ceilDiv(panelCount(args.filters), args.panels);
  tiling.gridZ = args.groups;
  const int64_t sums = args.pass < args.kernel_rows ? args.rows * args.output_columns * 32 : 0;
  tiling.scratchBytes = 4 * (copiedFloats(args, args.rows) + sums);
  return tiling;
}

} // namespace firn::kernels
