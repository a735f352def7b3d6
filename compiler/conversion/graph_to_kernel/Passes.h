// The pass that leaves TensorFlow's ops behind.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace firn::kernel {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/conversion/graph_to_kernel/Passes.h.inc"

} // namespace firn::kernel
