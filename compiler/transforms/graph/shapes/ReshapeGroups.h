// Which dimension of a reshaped tensor holds a tracked one.
#pragma once

#include "compiler/transforms/graph/shapes/NodeShapes.h"

namespace firn::graph {

/// `sizes` is what a Reshape asks of a tensor of dimensions `from`. Constants in it that were
/// written for the old number of a tracked dimension become what the counts of elements prove that
/// they stand for, and conflicts are noted for them. Those that could be read in several ways stay,
/// with a conflict that is not proved.
void settleReshape(NodeShapes &s, llvm::ArrayRef<Dim> from, Dims &sizes);

} // namespace firn::graph
