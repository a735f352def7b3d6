// Which ops at function level are views: the same bytes under another type.
#pragma once

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"

namespace firn::kernel {

/// A reshape or cast, or a slice whose elements lie one behind the other: it needs no code.
bool isView(mlir::Operation *op);
/// The sizes of a tensor. Those of a reshape are what it says: upstream works them out from its
/// source, wrongly where two dimensions are unknown.
llvm::SmallVector<mlir::OpFoldResult> sizesOf(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor);

} // namespace firn::kernel
