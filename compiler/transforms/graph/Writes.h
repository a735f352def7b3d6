// Writes of variables: dropped where they only order, refused where a fetch depends on them.
#pragma once

#include "dialects/graph/Node.h"

namespace firn::graph {

/// Removes from `block` the writes of variables that `isChosen`, whether the variable stands in the
/// block or comes in as an argument: their control edges go, and with them nodes that were needed
/// only for those. An error names each write whose value reaches a fetch, or after which a needed
/// read of the same variable comes. In a branch that never runs, a write hands on its variable
/// instead.
mlir::LogicalResult dropWrites(mlir::Block &block,
                               llvm::function_ref<bool(Node variable)> isChosen);

} // namespace firn::graph
