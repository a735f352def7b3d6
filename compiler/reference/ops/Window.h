// What ops that slide a window over an image share: its places and the layout of images.
#pragma once

#include <array>
#include <optional>

#include "compiler/reference/Evaluation.h"

namespace firn::reference {

/// One spatial axis.
struct WindowAxis {
  int64_t in = 1, window = 1, stride = 1, dilation = 1;
  int64_t out = 1;
  int64_t before = 0; // padding in front of the first element

  /// Input elements from the first to the last of a window.
  int64_t extent() const { return (window - 1) * dilation + 1; }
  int64_t place(int64_t position, int64_t tap) const {
    return position * stride - before + tap * dilation;
  }
  bool holds(int64_t place) const { return place >= 0 && place < in; }
};

/// Three, so that ops in one and two dimensions are special cases: missing axes have length 1.
using WindowAxes = std::array<WindowAxis, 3>;

inline int64_t countIn(const WindowAxes &axes) { return axes[0].in * axes[1].in * axes[2].in; }
inline int64_t countOut(const WindowAxes &axes) { return axes[0].out * axes[1].out * axes[2].out; }
inline int64_t countTaps(const WindowAxes &axes) {
  return axes[0].window * axes[1].window * axes[2].window;
}

/// Calls visit(tap, place) for each element of the window at output `position`, all in row-major
/// order of their axes; `place` is -1 in the padding.
template <typename Visit>
void forEachTap(const WindowAxes &axes, int64_t position, const Visit &visit) {
  const auto &[depth, height, width] = axes;
  int64_t z = position / (height.out * width.out), y = position / width.out % height.out,
          x = position % width.out, tap = 0;
  for (int64_t k = 0; k < depth.window; ++k)
    for (int64_t i = 0; i < height.window; ++i)
      for (int64_t j = 0; j < width.window; ++j, ++tap) {
        int64_t atZ = depth.place(z, k), atY = height.place(y, i), atX = width.place(x, j);
        bool inside = depth.holds(atZ) && height.holds(atY) && width.holds(atX);
        visit(tap, inside ? (atZ * height.in + atY) * width.in + atX : -1);
      }
}

/// The node's `data_format` ("NHWC" where the op has none).
struct ImageFormat {
  bool channelsFirst = false;
  int64_t rank = 4;

  int64_t channelAxis() const { return channelsFirst ? 1 : rank - 1; }
  int64_t spatialAxis(int64_t i) const { return i + (channelsFirst ? 2 : 1); }
  int64_t spatialRank() const { return rank - 2; }
};

/// Fails for formats that neither begin nor end with the channels.
ImageFormat imageFormat(Evaluation &e, int64_t rank);

/// [batch, spatial…, channels] of a tensor in `format`, and back.
Tensor toChannelsLast(const Tensor &image, ImageFormat format);
Tensor toChannelsFirst(const Tensor &image);

/// The shape of channels-last results in `format`.
Shape imageShape(ImageFormat format, int64_t batch, const WindowAxes &axes, int64_t channels);

/// The spatial part of a list that has an element for each dimension of an image. Fails for a list
/// of another length or with an element below 1, and where a batch or channel element is not 1;
/// `what` names the list.
std::array<int64_t, 3> spatialSizes(Evaluation &e, llvm::StringRef what,
                                    llvm::ArrayRef<int64_t> sizes, ImageFormat format);

/// The same for an attribute ("strides"); ones where the op lacks it.
std::array<int64_t, 3> spatialList(Evaluation &e, llvm::StringRef name, ImageFormat format);

/// Works out `out` and `before` of axes whose other members are set, from the node's `padding` and
/// `explicit_paddings`. Fails where the padding is unknown or an output would be negative.
void placeWindows(Evaluation &e, ImageFormat format, WindowAxes &axes);

/// Turns output 0, channels last, into the node's format.
void giveImage(Evaluation &e, ImageFormat format);

/// The shape in the vector of integers that input `index` is; fails for other tensors.
std::optional<Shape> sizesOf(Evaluation &e, unsigned index);

/// Fails where a gradient has not the shape of the output that it comes from.
bool expectGradient(Evaluation &e, llvm::ArrayRef<int64_t> output, const Tensor &gradient);

/// Axes of an image of `in` (channels last, as for all kernels) under windows of `window`, with the
/// node's strides and dilations.
WindowAxes windowAxes(Evaluation &e, ImageFormat format, llvm::ArrayRef<int64_t> in,
                      std::array<int64_t, 3> window);

} // namespace firn::reference
