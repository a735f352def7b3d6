// The conv kernels, see conv.h. A convolution is a matmul whose rows of A are windows of the image:
// the sum over k is one over kernel rows of runs that lie one behind the other in memory.
#pragma once

#include "runtime/kernels/common/epilogue.h"
#include "runtime/kernels/common/tile.h"
#include "runtime/kernels/conv/conv.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Pixels of the highest tile, as of matmul.
constexpr int kConvPixels = FIRN_LEVEL == 4 ? 14 : 6;

constexpr int convVectors(int pixels) {
  return FIRN_LEVEL == 3 && pixels <= 2 ? 4 : FIRN_LEVEL == 2 && pixels == 1 ? 8 : 2;
}

constexpr int convPhases(int pixels) { return pixels == 1 ? 4 : pixels <= 3 ? 2 : 1; }

/// The image as a workgroup sees it: no padding is left to be thought of.
struct ConvImage {
  const float *pixels; // of the first output pixel's window
  int64_t line;        // elements between input rows
};

/// Which part of the output is stored to.
struct ConvStrip {
  const float *b; // its first column in the panel
  float *c;       // of the workgroup's first pixel
  int64_t column, columns;
  int64_t firstRow; // of the workgroup's first pixel, all images flattened
};

/// True where some window reaches beyond the image.
FIRN_INLINE bool convIsPadded(const firn_window_args &w) {
  const int64_t bottom =
      (w.out_height - 1) * w.stride_y + (w.kernel_height - 1) * w.dilation_y + 1 - w.pad_top;
  const int64_t right =
      (w.out_width - 1) * w.stride_x + (w.kernel_width - 1) * w.dilation_x + 1 - w.pad_left;
  return w.pad_top > 0 || w.pad_left > 0 || bottom > w.in_height || right > w.in_width;
}

/// Input columns that the windows of an output row see.
FIRN_INLINE int64_t convReach(const firn_window_args &w) {
  return (w.out_width - 1) * w.stride_x + (w.kernel_width - 1) * w.dilation_x + 1;
}

FIRN_INLINE void copyFloats(float *to, const float *from, int64_t count) {
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth)
    store(to + i, load(from + i));
  for (; i < count; ++i)
    to[i] = from[i];
}

FIRN_INLINE void clearFloats(float *to, int64_t count) {
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth)
    store(to + i, V{});
  for (; i < count; ++i)
    to[i] = 0;
}

/// Input rows of output rows [begin, end), with zeros around them, into scratch.
FIRN_INLINE ConvImage padImage(const firn_conv_args *args, const float *image, float *scratch,
                               int64_t begin, int64_t end) {
  const firn_window_args &w = args->window;
  const int64_t reach = convReach(w), line = reach * args->channels;
  const int64_t first = begin * w.stride_y - w.pad_top;
  const int64_t last = (end - 1) * w.stride_y + (w.kernel_height - 1) * w.dilation_y - w.pad_top;
  const int64_t inside = w.in_width < reach - w.pad_left ? w.in_width : reach - w.pad_left;
  float *to = scratch;
  for (int64_t y = first; y <= last; ++y, to += line) {
    if (y < 0 || y >= w.in_height) {
      clearFloats(to, line);
      continue;
    }
    clearFloats(to, w.pad_left * args->channels);
    copyFloats(to + w.pad_left * args->channels, image + y * w.in_width * args->channels,
               inside * args->channels);
    const int64_t done = w.pad_left + inside;
    clearFloats(to + done * args->channels, (reach - done) * args->channels);
  }
  return {scratch, line};
}

/// One tile: `Pixels` pixels from pixel `x` of output row `y` of the workgroup on.
template <int Pixels, int Vectors, class Epilogue>
FIRN_INLINE void convTile(const firn_conv_args *args, const ConvImage &image,
                          const ConvStrip &strip, int64_t y, int64_t x, const Epilogue &epilogue) {
  const firn_window_args &w = args->window;
  const int64_t pixel = w.stride_x * args->channels, row = w.stride_y * image.line;
  const int64_t firstPixel = y * w.out_width + x;
  int64_t from[Pixels], to[Pixels], rows[Pixels];
  FIRN_UNROLL
  for (int r = 0; r < Pixels; ++r) {
    from[r] = r / w.out_width * row + r % w.out_width * pixel;
    to[r] = r * args->columns;
    rows[r] = strip.firstRow + firstPixel + r;
  }
  Tile<Pixels, Vectors, convPhases(Pixels)> tile;
  tile.clear();
  const float *a = image.pixels + y * row + x * pixel;
  const float *b = strip.b;
  const int64_t run = (w.dilation_x == 1 ? w.kernel_width : 1) * args->channels;
  for (int64_t i = 0; i < w.kernel_height; ++i, a += w.dilation_y * image.line)
    for (int64_t j = 0; j * run < w.kernel_width * args->channels; ++j, b += run * kPanel)
      tile.accumulate(a + j * w.dilation_x * args->channels, from, b, run);
  tile.finish(strip.c + firstPixel * args->columns + strip.column, to, rows, strip.column,
              strip.columns, epilogue);
}

/// Output rows of a workgroup one by one: of the tiles of a row the first ones have Pixels pixels,
/// the others one less.
template <int Pixels, int Vectors, class Epilogue>
FIRN_INLINE void convRows(const firn_conv_args *args, const ConvImage &image,
                          const ConvStrip &strip, int64_t count, const Epilogue &epilogue) {
  const int64_t width = args->window.out_width;
  const int64_t tiles = (width + Pixels - 1) / Pixels, high = width - tiles * (Pixels - 1);
  for (int64_t y = 0; y < count; ++y) {
    int64_t tile = 0;
    for (; tile < high; ++tile)
      convTile<Pixels, Vectors>(args, image, strip, y, tile * Pixels, epilogue);
    if constexpr (Pixels > 1)
      for (; tile < tiles; ++tile)
        convTile<Pixels - 1, Vectors>(args, image, strip, y, tile * (Pixels - 1) + high, epilogue);
  }
}

/// Several rows in a tile. What is left over at the end is done again with the rows before it: the
/// same sums are stored twice.
template <int Pixels, int Vectors, class Epilogue>
FIRN_INLINE void convBlocks(const firn_conv_args *args, const ConvImage &image,
                            const ConvStrip &strip, int64_t count, const Epilogue &epilogue) {
  const int64_t height = Pixels / args->window.out_width;
  int64_t y = 0;
  for (; y + height <= count; y += height)
    convTile<Pixels, Vectors>(args, image, strip, y, 0, epilogue);
  if (y == count)
    return;
  if (Pixels % 2 == 0 && 2 * args->window.out_width == Pixels)
    convTile<(Pixels + 1) / 2, Vectors>(args, image, strip, y, 0, epilogue);
  else
    convTile<Pixels, Vectors>(args, image, strip, count - height, 0, epilogue);
}

/// One panel of 32 columns, strip by strip.
template <int Pixels, class Epilogue>
FIRN_INLINE void convPanel(const firn_conv_args *args, const ConvImage &image, ConvStrip strip,
                           int64_t count, const Epilogue &epilogue) {
  constexpr int kVectors = convVectors(Pixels);
  const float *panel = strip.b;
  const int64_t first = strip.column;
  for (int64_t column = 0; column < kPanel && first + column < args->columns;
       column += kVectors * kWidth) {
    strip.b = panel + column;
    strip.column = first + column;
    strip.columns = args->columns - strip.column;
    if (args->columns % (kVectors * kWidth) == 0)
      strip.columns = kVectors * kWidth; // known to be whole: stores need no test
    if (2 * args->window.out_width <= Pixels && count >= Pixels / args->window.out_width)
      convBlocks<Pixels, kVectors>(args, image, strip, count, epilogue);
    else
      convRows<Pixels, kVectors>(args, image, strip, count, epilogue);
  }
}

/// A workgroup.
template <int Pixels, class Epilogue>
FIRN_INLINE uint32_t conv(const firn_workgroup *group, const firn_conv_args *args,
                          const Epilogue &epilogue) {
  const firn_window_args &w = args->window;
  const int64_t begin = group->x * args->rows;
  const int64_t end = begin + args->rows < w.out_height ? begin + args->rows : w.out_height;
  const int64_t depth = w.kernel_height * w.kernel_width * args->channels;
  const int64_t panels = (args->columns + kPanel - 1) / kPanel;
  const float *input = static_cast<const float *>(group->buffers[0]) +
                       int64_t(group->z) * w.in_height * w.in_width * args->channels;
  const int64_t firstRow = (group->z * w.out_height + begin) * w.out_width;
  const int64_t line = w.in_width * args->channels;
  ConvImage image = {input + begin * w.stride_y * line, line};
  if (convIsPadded(w))
    image = padImage(args, input, static_cast<float *>(group->scratch), begin, end);
  for (int64_t panel = group->y * args->panels;
       panel < panels && panel < (int64_t(group->y) + 1) * args->panels; ++panel) {
    const ConvStrip strip = {static_cast<const float *>(group->buffers[1]) + panel * depth * kPanel,
                             static_cast<float *>(group->buffers[2]) + firstRow * args->columns,
                             panel * kPanel, args->columns, firstRow};
    convPanel<Pixels>(args, image, strip, end - begin, epilogue);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
