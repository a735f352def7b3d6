// Loops that go over the elements of an array: how often they run is how many elements there are.
#pragma once

#include "compiler/transforms/graph/shapes/ShapeInference.h"

namespace firn::graph {

/// A number that a loop counts to, or that an array is long which the loop reads or writes at its
/// count.
struct LoopSize {
  Node node;
  Dim size;
  /// Where a constant one is written down.
  std::optional<Origin> origin;
};

/// Numbers that have to stay equal, for each loop of the block that counts from 0 by 1: v1 loops by
/// frames, and While.
std::vector<std::vector<LoopSize>> countedLoops(mlir::Block &block, mlir::ModuleOp module,
                                                const ShapeInference &shapes);

} // namespace firn::graph
