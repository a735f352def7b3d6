// Rows that are placed by number.
#pragma once

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"

namespace firn::kernel {

enum class Change { Update, Add, Subtract, Max, Min };

/// `whole` [slots, each] with row i of `updates` [rows, each] folded into row places[i] (int64
/// [rows]).
Tensor scattered(NodeLowering &n, const Tensor &whole, const Tensor &places, const Tensor &updates,
                 Change change);
/// `whole` with slices of `updates` folded into it where `indices` [rows…, depth] say; null after a
/// failure.
Tensor scatteredAt(NodeLowering &n, const Tensor &whole, const Tensor &indices,
                   const Tensor &updates, Change change);

} // namespace firn::kernel
