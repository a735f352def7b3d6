// The pass that decides where and when.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace firn::schedule {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/conversion/kernel_to_schedule/Passes.h.inc"

/// How upstream ops in the bodies of dispatches are bufferized: the pass needs these models in the
/// context's registry.
void registerBufferizationModels(mlir::DialectRegistry &registry);

} // namespace firn::schedule
