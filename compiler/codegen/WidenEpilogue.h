// Epilogues are written for one value and run on vectors.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace firn::codegen {

/// Rewrites an epilogue (DispatchFunction.h), after its workgroup argument was added, from f32 to
/// vector<lanes x f32>. Failure, with a diagnostic, at an op that has no elementwise form.
mlir::LogicalResult widenEpilogue(mlir::func::FuncOp epilogue, unsigned lanes);

} // namespace firn::codegen
