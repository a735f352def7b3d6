// What of training is still there, on purpose or not.
#pragma once

#include "compiler/pipeline/Freeze.h"
#include "mlir/IR/BuiltinOps.h"

namespace firn {

/// Looks at the frozen graph: adds to `report.kept` what belongs to training, and to
/// `report.warnings` what of it nobody asked for, tables that nothing fills, and patterns of
/// --keep-… that match nothing.
void collectKeptParts(mlir::ModuleOp module, const FreezeOptions &options, FreezeReport &report);

} // namespace firn
