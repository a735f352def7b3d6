// The convolution kernel: panels, strips of a panel, tiles of output pixels. See conv.h for shapes.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/strips.h"
#include "runtime/kernels/conv/conv.h"
#include "runtime/kernels/conv/input.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// The output rows, the strip of columns and the kernel rows that a workgroup is at.
struct ConvPlace {
  const firn_conv_args *args;
  ConvInput input;
  float *output;  // pixel (first row, 0) of the image, first filter of the group
  const float *b; // the panel from kernel row `tapBegin` on and the strip's first column on
  float *sums;    // [pixels of the workgroup][columns of a strip], between passes
  int64_t count;  // output rows
  int64_t column, columns; // the strip's first, and how many of it are stored
  int64_t tapBegin, tapEnd;
  int64_t outputPixel;  // of the workgroup's first, all images flattened
  int64_t outputColumn; // of the group's first filter
};

/// Elements of A and rows of B that one kernel row has.
FIRN_INLINE int64_t tapRowDepth(const firn_conv_args *args) {
  return args->kernel_columns * args->channels;
}

/// A part of what B has next, for where few tiles share it.
template <int Pixels>
FIRN_INLINE Ahead convAhead(const ConvPlace &place, int64_t row, int64_t column) {
  const firn_conv_args *args = place.args;
  const int64_t pixels = args->rows * args->output_columns;
  const int64_t depth = args->pass * tapRowDepth(args);
  if (Pixels <= 3 || pixels > kRowsAhead)
    return {};
  return panelAhead(place.b + depth * kPanel, depth, (row * args->output_columns + column) / Pixels,
                    (pixels + Pixels - 1) / Pixels);
}

/// Sums the kernel rows of a pass for the pixels at `a + offsets`.
template <int Pixels, int Vectors>
FIRN_INLINE void sumTaps(StripTile<Pixels, Vectors> &tile, const ConvPlace &place, const float *a,
                         const int64_t *offsets, Ahead ahead) {
  const firn_conv_args *args = place.args;
  // A kernel row is one run of elements where its pixels are neighbours.
  const bool merged = place.input.tapColumn == args->channels;
  const int64_t taps = merged ? 1 : args->kernel_columns;
  const int64_t depth = merged ? tapRowDepth(args) : args->channels;
  const float *b = place.b;
  for (int64_t row = place.tapBegin; row < place.tapEnd; ++row)
    for (int64_t tap = 0; tap < taps; ++tap) {
      tile.accumulate(a + row * place.input.tapRow + tap * place.input.tapColumn, offsets, b, depth,
                      ahead);
      b += depth * kPanel;
      ahead = ahead.after(depth);
    }
}

/// The tile whose first pixel is (row, column) of the workgroup's; `width` pixels in a row.
template <int Pixels, int Vectors, class Epilogue>
FIRN_INLINE void convTile(const ConvPlace &place, int64_t row, int64_t column, int64_t width,
                          const Epilogue &epilogue) {
  const firn_conv_args *args = place.args;
  const ConvInput &input = place.input;
  const int64_t first = row * args->output_columns + column;
  int64_t from[Pixels], to[Pixels], rows[Pixels];
  FIRN_UNROLL
  for (int i = 0; i < Pixels; ++i) {
    const int64_t y = i / width, x = i % width, pixel = y * args->output_columns + x;
    from[i] = y * input.row + x * input.column;
    to[i] = pixel * args->output_pixel;
    rows[i] = place.outputPixel + first + pixel;
  }
  float *sums = place.sums + first * Vectors * kWidth;
  StripTile<Pixels, Vectors> tile;
  if (place.tapBegin == 0)
    tile.clear();
  else
    tile.restore(sums);
  sumTaps<Pixels, Vectors>(tile, place, input.data + row * input.row + column * input.column, from,
                           convAhead<Pixels>(place, row, column));
  if (place.tapEnd < args->kernel_rows)
    tile.keep(sums);
  else
    tile.finish(place.output + first * args->output_pixel + place.column, to, rows,
                place.outputColumn + place.column, place.columns, epilogue);
}

/// Output rows one by one, each in tiles of Pixels and Pixels - 1.
template <int Pixels, int Rest, int Vectors, class Epilogue>
FIRN_INLINE void convRows(const ConvPlace &place, const Epilogue &epilogue) {
  const int64_t columns = place.args->output_columns;
  const int64_t high = fullTiles(columns, Pixels) * Pixels;
  for (int64_t row = 0; row < place.count; ++row) {
    int64_t column = 0;
    for (; column < high; column += Pixels)
      convTile<Pixels, Vectors>(place, row, column, Pixels, epilogue);
    for (; column < columns; column += Rest)
      convTile<Rest, Vectors>(place, row, column, Rest, epilogue);
  }
}

/// Several output rows at a time, together Pixels; the last ones one by one, Rest pixels each.
template <int Pixels, int Rest, int Vectors, class Epilogue>
FIRN_INLINE void convRowGroups(const ConvPlace &place, const Epilogue &epilogue) {
  const int64_t columns = place.args->output_columns, height = place.args->tile_rows;
  int64_t row = 0;
  for (; row + height <= place.count; row += height)
    convTile<Pixels, Vectors>(place, row, 0, columns, epilogue);
  for (; row < place.count; ++row)
    convTile<Rest, Vectors>(place, row, 0, columns, epilogue);
}

/// One strip, pass by pass: what a pass needs of B stays in L2 for all tiles.
template <int Pixels, int Rest, int Vectors, class Epilogue>
FIRN_INLINE void convStrip(ConvPlace place, const Epilogue &epilogue) {
  const firn_conv_args *args = place.args;
  for (place.tapBegin = 0; place.tapBegin < args->kernel_rows; place.tapBegin = place.tapEnd) {
    const int64_t end = place.tapBegin + args->pass;
    place.tapEnd = end < args->kernel_rows ? end : args->kernel_rows;
    if constexpr (Rest + 1 >= Pixels)
      convRows<Pixels, Rest, Vectors>(place, epilogue);
    else
      convRowGroups<Pixels, Rest, Vectors>(place, epilogue);
    place.b += args->pass * tapRowDepth(args) * kPanel;
  }
}

/// All panels of a workgroup.
template <int Pixels, int Rest, class Epilogue>
FIRN_INLINE void convPanels(const ConvPlace &group, const float *b, int64_t firstPanel,
                            const Epilogue &epilogue) {
  const firn_conv_args *args = group.args;
  const int64_t panels = (args->filters + kPanel - 1) / kPanel;
  const int64_t depth = args->kernel_rows * tapRowDepth(args);
  for (int64_t panel = firstPanel; panel < panels && panel < firstPanel + args->panels; ++panel)
    forStrips<tileVectors(Pixels)>(panel * kPanel, args->filters, [&](auto strip) FIRN_INLINED {
      ConvPlace place = group;
      place.b = b + panel * kPanel * depth + strip.column - panel * kPanel;
      place.column = strip.column;
      place.columns = strip.columns;
      convStrip<Pixels, Rest, strip.kVectors>(place, epilogue);
    });
}

/// A workgroup.
template <int Pixels, int Rest, class Epilogue>
FIRN_INLINE uint32_t conv(const firn_workgroup *group, const firn_conv_args *args,
                          const Epilogue &epilogue) {
  const int64_t image = group->z / args->groups, part = group->z % args->groups;
  const int64_t row = int64_t(group->x) * args->rows, left = args->output_rows - row;
  const int64_t depth = args->kernel_rows * tapRowDepth(args);
  const int64_t panels = (args->filters + kPanel - 1) / kPanel;
  const float *input = static_cast<const float *>(group->buffers[0]) +
                       image * args->input_rows * args->input_columns * args->input_pixel +
                       part * args->channels;
  const float *b = static_cast<const float *>(group->buffers[1]) + part * panels * depth * kPanel;
  float *scratch = static_cast<float *>(group->scratch);

  ConvPlace place;
  place.args = args;
  place.count = left < args->rows ? left : args->rows;
  place.input = args->copy_pixel ? copyInput(args, input, row, place.count, scratch)
                                 : directInput(args, input, row);
  place.sums = scratch + copiedRows(args, args->rows) * copiedColumns(args) * args->copy_pixel;
  place.outputPixel = (image * args->output_rows + row) * args->output_columns;
  place.outputColumn = part * args->filters;
  place.output = static_cast<float *>(group->buffers[2]) + place.outputPixel * args->output_pixel +
                 place.outputColumn;
  convPanels<Pixels, Rest>(place, b, int64_t(group->y) * args->panels, epilogue);
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
