// The order of the passes that compile a frozen graph. The only place that orders them.
#pragma once

#include "mlir/Pass/PassManager.h"

namespace firn {

/// The forms that a model takes on its way from a graph to code.
enum class CompileForm {
  Graph,    ///< the `graph` dialect, frozen and simplified
  Kernel,   ///< a function on tensors: `kernel` ops, linalg
  Linalg,   ///< the same, fused, in dispatches
  Schedule, ///< the program, and the functions that it runs
};

/// Adds the passes that make `to` of the form before it; none for `Graph`.
void buildCompilePipeline(mlir::OpPassManager &passes, CompileForm to);

/// Registers `--graph-to-schedule`, all of them, with firn-opt.
void registerCompilePipeline();

} // namespace firn
