// Nodes that multiply by weights and sum: each output channel is linear in its weights.
#pragma once

#include "compiler/reference/Tensor.h"
#include "compiler/transforms/graph/channels/ChannelMap.h"

namespace firn::graph {

struct LinearNode {
  Node node;
  /// The input that holds the weights, a constant.
  unsigned weights = 1;
  /// Element `i` of the weights belongs to output channel `i / inner % channels`.
  int64_t inner = 1;
  /// Of the output.
  ChannelAxis axis;
};

/// Conv2D, Conv3D, DepthwiseConv2dNative, their transposed forms, MatMul and BatchMatMul with
/// constant weights; nothing for other nodes.
std::optional<LinearNode> linearNode(Node node);

/// The weights with which the node's output is `scale` times what it was; nothing when they can't
/// be read or when one of them is then infinite.
std::optional<reference::Tensor> scaledWeights(const LinearNode &linear,
                                               llvm::ArrayRef<double> scale);

} // namespace firn::graph
