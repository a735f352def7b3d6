// Mathematical functions become calls of the functions of runtime/kernels/math.
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace firn::codegen {

/// Replaces exp, tanh, pow, remf… on f32, f64 and vectors of them by calls of firn_NAME_f32,
/// firn_NAME_f64 and, for vectors of `lanes` f32, firn_NAME_f32v; other vectors go element by
/// element. fma becomes fmuladd, as the lowest level has no fused multiply-add.
void callMathFunctions(mlir::ModuleOp module, unsigned lanes);

} // namespace firn::codegen
