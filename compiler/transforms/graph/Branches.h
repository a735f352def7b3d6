// Which nodes run always, once: not in a loop, and not on one branch of a cond only.
#pragma once

#include "compiler/transforms/graph/Reachability.h"

namespace firn::graph {

/// The nodes of `block` that run in a loop, or on one branch of a v1 cond only. A Merge of both
/// branches runs always.
NodeSet conditionalNodes(mlir::Block &block);

} // namespace firn::graph
