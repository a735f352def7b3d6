// Pools, as other lowerings need them.
#pragma once

#include "compiler/conversion/graph_to_kernel/ops/Window.h"

namespace firn::kernel {

/// The node's pool over `input`, placed by its padding. Fails the lowering where that can't be.
Tensor pooled(NodeLowering &n, const Tensor &input, llvm::ArrayRef<int64_t> window,
              llvm::ArrayRef<int64_t> strides, PoolKind kind);

} // namespace firn::kernel
