// What ops that slide a window over images share. Inside of the compiler images are [batch,
// spatial…, channels].
#pragma once

#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"

namespace firn::kernel {

/// The node's `data_format`.
struct ImageFormat {
  bool channelsFirst = false;
  int64_t rank = 4;

  int64_t spatialAxis(int64_t i) const { return i + (channelsFirst ? 2 : 1); }
  int64_t spatialRank() const { return rank - 2; }
  int64_t channelAxis() const { return channelsFirst ? 1 : rank - 1; }
};

/// Fails the lowering for other formats and for ranks that are not known.
std::optional<ImageFormat> imageFormat(NodeLowering &n, const Tensor &image);

/// From the node's format, and back: a permutation, or nothing.
Tensor toChannelsLast(NodeLowering &n, const Tensor &image, ImageFormat format);
Tensor fromChannelsLast(NodeLowering &n, const Tensor &image, ImageFormat format);
Sizes toChannelsLast(llvm::ArrayRef<Size> sizes, ImageFormat format);

/// One spatial axis.
struct WindowAxis {
  Size in;
  int64_t window = 1, stride = 1, dilation = 1;
  Size before, behind; // padding
  Size out;

  /// Input elements from the first to the last of a window.
  int64_t extent() const { return (window - 1) * dilation + 1; }
};
using WindowAxes = llvm::SmallVector<WindowAxis, 3>;

/// The spatial elements of a list with one for each dimension; ones where the list is absent.
llvm::SmallVector<int64_t> spatialList(llvm::ArrayRef<int64_t> list, ImageFormat format);

/// Axes of an image of `sizes` (channels last) under `window`, placed by the node's strides,
/// dilations and padding. Fails the lowering for a padding that it does not know.
std::optional<WindowAxes> placeWindows(NodeLowering &n, ImageFormat format,
                                       llvm::ArrayRef<Size> sizes, llvm::ArrayRef<int64_t> window,
                                       llvm::ArrayRef<int64_t> strides,
                                       llvm::ArrayRef<int64_t> dilations);
/// The same by the attributes `strides` and `dilations`.
std::optional<WindowAxes> placeWindows(NodeLowering &n, ImageFormat format,
                                       llvm::ArrayRef<Size> sizes, llvm::ArrayRef<int64_t> window);

/// [batch, out…, channels]; sizes that inference knows of output `index` are taken from there.
Sizes imageSizes(NodeLowering &n, ImageFormat format, Size batch, WindowAxes &axes, Size channels,
                 unsigned index = 0);

/// [before, behind] of each axis where they are constants.
std::optional<llvm::SmallVector<int64_t>> constantPadding(const WindowAxes &axes);
llvm::SmallVector<int64_t> windowOf(const WindowAxes &axes);
llvm::SmallVector<int64_t> stridesOf(const WindowAxes &axes);
llvm::SmallVector<int64_t> dilationsOf(const WindowAxes &axes);

/// The image with its padding stored, of zeros or of `filler`; `axes` have none then.
Tensor withPadding(NodeLowering &n, const Tensor &image, WindowAxes &axes,
                   const Folding *filler = nullptr);

/// The elements under each window of an image without padding: [batch, out…, window…, channels].
Tensor patchesOf(NodeLowering &n, const Tensor &image, const WindowAxes &axes);

/// Inside a body: folds over the elements of the image that lie under the window of output place
/// `at` (one for each axis). `step` gets the taps, their places in the image, and what came so far.
using TapBody = std::function<mlir::Value(mlir::ImplicitLocOpBuilder &, llvm::ArrayRef<Place> taps,
                                          llvm::ArrayRef<Place> places, mlir::Value soFar)>;
mlir::Value foldTaps(mlir::ImplicitLocOpBuilder &b, const WindowAxes &axes,
                     llvm::ArrayRef<Place> at, mlir::Value start, const TapBody &step);

/// `result[n, y…, c]` = the fold of the elements under window y… of an image without padding.
Tensor foldWindows(NodeLowering &n, const Tensor &image, const WindowAxes &axes,
                   const Folding &folding);

} // namespace firn::kernel
