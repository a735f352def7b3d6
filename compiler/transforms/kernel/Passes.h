// The passes between graph_to_kernel and the schedule.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace firn::kernel {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/transforms/kernel/Passes.h.inc"

} // namespace firn::kernel
