// Passes over the `graph` dialect. Each has its description in Passes.td and its test under
// test/compiler/transforms/graph.
#pragma once

#include "dialects/graph/Graph.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace firn::graph {

#define GEN_PASS_DECL
#include "compiler/transforms/graph/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/transforms/graph/Passes.h.inc"

} // namespace firn::graph
