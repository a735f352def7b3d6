// Arithmetic on one channel at a time: y = scale[c] * x + offset[c].
#pragma once

#include <optional>
#include <vector>

#include "dialects/graph/Node.h"

namespace firn::graph {

/// Which axis of a tensor counts the channels: `fromEnd` 1 is the last one.
struct ChannelAxis {
  int64_t rank = 0;
  int64_t fromEnd = 1;
  int64_t channels = 0;

  bool isLast() const { return fromEnd == 1; }
  /// The shape of a constant with one element for each channel that broadcasts along the axis.
  llvm::SmallVector<int64_t> constantShape() const;
};

struct ChannelMap {
  std::vector<double> scale, offset; // [channels]
  /// Constants that it was read from.
  llvm::SmallVector<mlir::Value> sources;
  /// False when nothing but an offset is added.
  bool scales = false;

  explicit ChannelMap(int64_t channels = 0) : scale(channels, 1.0), offset(channels, 0.0) {}
  /// The map that does this one and then `next`.
  void then(const ChannelMap &next);
  bool isFinite() const;
  bool hasOffset() const;
};

/// FusedBatchNorm of any version with is_training=false, or BatchNormWithGlobalNormalization.
bool isInferenceBatchNorm(Node node);

/// The channel axis of a batch norm's input by its data_format and its constants; nothing where
/// those are not constant.
std::optional<ChannelAxis> batchNormAxis(Node node);

/// What `node` does to its input `operand`, a tensor with these channels: a batch norm, or Mul,
/// RealDiv, Add, Sub, BiasAdd and the like with a constant. Nothing for other nodes, and when the
/// constant differs along another axis, would widen the tensor, or can't be read.
std::optional<ChannelMap> channelMapOf(Node node, unsigned operand, const ChannelAxis &axis);

/// Where the channels are behind `node`, which moves whole elements of its input 0 with these
/// channels and keeps them apart: Identity, BatchToSpaceND, Reshape, Squeeze, ExpandDims. Nothing
/// for other nodes.
std::optional<ChannelAxis> channelsBehind(Node node, const ChannelAxis &axis);

} // namespace firn::graph
