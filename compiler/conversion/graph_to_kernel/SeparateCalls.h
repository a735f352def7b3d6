// A function for each place that calls it.
#pragma once

#include "dialects/graph/Graph.h"
#include "mlir/IR/BuiltinOps.h"

namespace firn::kernel {

/// Copies functions that are called in several places: shape inference tells the shapes of a body
/// that is called in one place only.
void separateCalls(mlir::ModuleOp module, graph::GraphOp graph);

} // namespace firn::kernel
