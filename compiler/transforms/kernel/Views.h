// Which ops at function level are views: the same bytes under another type.
#pragma once

#include "mlir/IR/Operation.h"

namespace firn::kernel {

/// A reshape or cast, or a slice whose elements lie one behind the other: it needs no code.
bool isView(mlir::Operation *op);

} // namespace firn::kernel
