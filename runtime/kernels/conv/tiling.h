// Which conv kernel to call, with which arguments, over which grid. Host side.
#pragma once

#include "runtime/kernels/common/pack.h"
#include "runtime/kernels/common/tiling.h"
#include "runtime/kernels/conv/conv.h"

#include <string>

namespace firn::kernels {

struct ConvProblem {
  firn_window_args window;
  int64_t channels, columns;
};

/// The grid is (gridX, gridY, images).
struct ConvTiling {
  std::string kernel; ///< the entry without `firn_kernel_`
  firn_conv_args args;
  int64_t gridX, gridY, scratchBytes;
};

/// Pixels of a tile: several rows of a narrow output, or an equal part of one row.
inline int64_t convTilePixels(int level, const firn_window_args &w) {
  const int64_t highest = highestTile(level);
  const int64_t height = std::min(highest / w.out_width, w.out_height);
  return height > 1 ? height * w.out_width : tileHeight(level, w.out_width);
}

/// Output rows of a workgroup. Where the filter stays in L2 they are as many as make it worth a
/// thread's while; a larger filter is read again by each workgroup: then as many as keep the image
/// there.
inline int64_t convRowsPerGroup(int level, const ConvProblem &problem, int64_t tileRows) {
  const firn_window_args &w = problem.window;
  const int64_t depth = w.kernel_height * w.kernel_width * problem.channels;
  const int64_t line = 4 * w.in_width * problem.channels;
  const int64_t resident = std::max<int64_t>(1, residentBytes(level) / (line * w.stride_y));
  const int64_t work = w.out_width * depth * problem.columns;
  const bool filterStays = 4 * depth * problem.columns <= residentBytes(level);
  const int64_t worth = ceilDiv(worthwhileWork(level), work);
  const int64_t most = filterStays ? std::min(resident, std::max(worth, int64_t(4))) : resident;
  return evenPart(ceilDiv(w.out_height, tileRows), std::max<int64_t>(1, most / tileRows)) *
         tileRows;
}

inline ConvTiling tileConv(int level, const ConvProblem &problem) {
  const auto &[w, channels, columns] = problem;
  const int64_t pixels = convTilePixels(level, w);
  const int64_t rows = convRowsPerGroup(level, problem, std::max<int64_t>(1, pixels / w.out_width));
  const int64_t depth = w.kernel_height * w.kernel_width * channels;
  const int64_t work = rows * w.out_width * depth * kPanelColumns;
  const int64_t panels = evenPart(panelCount(columns), ceilDiv(worthwhileWork(level), work));
  const int64_t lines = (rows - 1) * w.stride_y + (w.kernel_height - 1) * w.dilation_y + 1;
  const int64_t reach = (w.out_width - 1) * w.stride_x + (w.kernel_width - 1) * w.dilation_x + 1;
  return {"conv_" + std::to_string(pixels),
          {w, channels, columns, rows, panels},
          ceilDiv(w.out_height, rows),
          ceilDiv(panelCount(columns), panels),
          4 * (lines * reach * channels + 16)};
}

} // namespace firn::kernels
