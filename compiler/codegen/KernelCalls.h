// Calls of kernels get their argument struct.
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace firn::codegen {

/// Rewrites `func.call @firn_kernel_NAME(fields…)` of functions whose first argument is the
/// workgroup into a call with the workgroup and a struct on the stack that holds the fields.
mlir::LogicalResult passKernelArguments(mlir::ModuleOp module);

} // namespace firn::codegen
