// The convolution kernel: panels, strips of a panel, tiles of output pixels. See conv.h for shapes.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/spread_rows.h"
#include "runtime/kernels/common/strips.h"
#include "runtime/kernels/conv/conv.h"
#include "runtime/kernels/conv/pad.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// The output rows and the strip of columns that a workgroup is at.
struct ConvPlace {
  const firn_conv_args *args;
  ConvInput input;
  float *output;           // pixel (first row, 0) of the image, first filter of the group
  const float *b;          // the panel, from the strip's first column on
  float *scratch;          // for spread_rows.h
  int64_t count;           // output rows
  int64_t column, columns; // the strip's first, and how many of it are stored
  int64_t outputPixel;     // of the workgroup's first, all images flattened
  int64_t outputColumn;    // of the group's first filter
};

/// Sums all taps of the kernel for the pixels at `a + offsets`.
template <int Pixels, int Vectors>
FIRN_INLINE void sumTaps(StripTile<Pixels, Vectors> &tile, const ConvPlace &place, const float *a,
                         const int64_t *offsets, Ahead ahead) {
  const firn_conv_args *args = place.args;
  // The columns of a kernel row are one run of elements where neighbours are.
  const bool merged = args->column_dilation == 1 && place.input.pixel == args->channels;
  const int64_t taps = merged ? 1 : args->kernel_columns;
  const int64_t depth = merged ? args->kernel_columns * args->channels : args->channels;
  const bool collide =
      !args->padded_pixel && rowsCollide(Pixels, args->column_stride * place.input.pixel);
  const float *b = place.b;
  for (int64_t row = 0; row < args->kernel_rows; ++row)
    for (int64_t tap = 0; tap < taps; ++tap) {
      const float *from = a + row * args->row_dilation * place.input.row +
                          tap * args->column_dilation * place.input.pixel;
      if (collide)
        accumulateSpread(tile, from, offsets, b, depth, ahead, place.scratch);
      else
        tile.accumulate(from, offsets, b, depth, ahead);
      b += depth * kPanel;
      ahead = ahead.after(depth);
    }
}

/// A part of the next panel, for where few tiles share a panel.
FIRN_INLINE Ahead convAhead(const ConvPlace &place, int64_t tile) {
  const firn_conv_args *args = place.args;
  const int64_t tiles = args->rows / args->tile_rows;
  if (tiles > 4 || args->panels * kPanel >= args->filters)
    return {};
  const int64_t depth = args->kernel_rows * args->kernel_columns * args->channels;
  const int64_t step = kPanel * 4 / tiles;
  return {reinterpret_cast<const char *>(place.b + depth * kPanel) + tile * step * depth, step};
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
    const int64_t y = i / width, x = i % width;
    from[i] = y * args->row_stride * input.row + x * args->column_stride * input.pixel;
    const int64_t pixel = y * args->output_columns + x;
    to[i] = pixel * args->output_pixel;
    rows[i] = place.outputPixel + first + pixel;
  }
  StripTile<Pixels, Vectors> tile;
  tile.clear();
  const float *a =
      input.data + row * args->row_stride * input.row + column * args->column_stride * input.pixel;
  sumTaps<Pixels, Vectors>(tile, place, a, from, convAhead(place, row / args->tile_rows));
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

/// All panels of a workgroup.
template <int Pixels, int Rest, class Epilogue>
FIRN_INLINE void convPanels(const ConvPlace &group, const float *b, int64_t firstPanel,
                            const Epilogue &epilogue) {
  const firn_conv_args *args = group.args;
  const int64_t panels = (args->filters + kPanel - 1) / kPanel;
  const int64_t depth = args->kernel_rows * args->kernel_columns * args->channels;
  for (int64_t panel = firstPanel; panel < panels && panel < firstPanel + args->panels; ++panel)
    forStrips<tileVectors(Pixels)>(panel * kPanel, args->filters, [&](auto strip) FIRN_INLINED {
      ConvPlace place = group;
      place.b = b + panel * kPanel * depth + strip.column - panel * kPanel;
      place.column = strip.column;
      place.columns = strip.columns;
      if constexpr (Rest + 1 >= Pixels)
        convRows<Pixels, Rest, strip.kVectors>(place, epilogue);
      else
        convRowGroups<Pixels, Rest, strip.kVectors>(place, epilogue);
    });
}

/// A workgroup.
template <int Pixels, int Rest, class Epilogue>
FIRN_INLINE uint32_t conv(const firn_workgroup *group, const firn_conv_args *args,
                          const Epilogue &epilogue) {
  const int64_t image = group->z / args->groups, part = group->z % args->groups;
  const int64_t row = int64_t(group->x) * args->rows, left = args->output_rows - row;
  const int64_t depth = args->kernel_rows * args->kernel_columns * args->channels;
  const int64_t panels = (args->filters + kPanel - 1) / kPanel;
  const float *input = static_cast<const float *>(group->buffers[0]) +
                       image * args->input_rows * args->input_columns * args->input_pixel +
                       part * args->channels;
  const float *b = static_cast<const float *>(group->buffers[1]) + part * panels * depth * kPanel;
  float *scratch = static_cast<float *>(group->scratch);

  ConvPlace place;
  place.args = args;
  place.count = left < args->rows ? left : args->rows;
  place.input = args->padded_pixel ? padInput(args, input, row, place.count, scratch)
                                   : directInput(args, input, row);
  place.scratch = scratch;
  place.outputPixel = (image * args->output_rows + row) * args->output_columns;
  place.outputColumn = part * args->filters;
  place.output = static_cast<float *>(group->buffers[2]) + place.outputPixel * args->output_pixel +
                 place.outputColumn;
  convPanels<Pixels, Rest>(place, b, int64_t(group->y) * args->panels, epilogue);
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
