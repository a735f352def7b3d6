// What a StridedSlice takes: its five masks and three vectors, resolved.
#pragma once

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"
#include "compiler/conversion/graph_to_kernel/Place.h"

namespace firn::kernel {

/// Elements `first`, `first + step`, … of an axis.
struct SliceRange {
  int64_t first, step, count;
};

/// Of a vector of `size` elements, by constants; nothing where they are not, and for more than a
/// range.
std::optional<SliceRange> constantRange(NodeLowering &n, int64_t size);

struct StridedAxis {
  /// Null where it is data: element `entry` of the begin.
  Size first;
  int64_t entry = -1;
  int64_t step = 1;
  Size count;
};

struct StridedRange {
  llvm::SmallVector<StridedAxis> axes; // one for each axis of the input
  Sizes result;                        // without shrunk axes, with new ones

  Sizes counts() const;
  bool hasData() const;
  bool isForward() const;
};

/// Fails the lowering where strides are not constant.
std::optional<StridedRange> resolveRange(NodeLowering &n, const Tensor &input);

/// First elements inside a body, data read and kept within the axis.
llvm::SmallVector<Place> firstPlaces(NodeLowering &n, mlir::ImplicitLocOpBuilder &body,
                                     const StridedRange &range, const Tensor &input,
                                     const Tensor &begin);

} // namespace firn::kernel
