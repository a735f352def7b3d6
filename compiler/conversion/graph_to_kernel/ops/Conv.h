// Convolutions, as other lowerings need them.
#pragma once

#include "compiler/conversion/graph_to_kernel/ops/Products.h"
#include "compiler/conversion/graph_to_kernel/ops/Window.h"

namespace firn::kernel {

/// An image (channels last) with a filter [window…, channels, results], in one group.
Tensor convolved(NodeLowering &n, const Tensor &image, const Tensor &filter,
                 const WindowAxes &axes);

} // namespace firn::kernel
