// Moving averages: which variable keeps which statistic of the batch.
#pragma once

#include "compiler/transforms/graph/mode/TrainingParts.h"

namespace firn::graph {

/// A write by which `variable` averages `statistic`, a value of the forward pass.
struct Average {
  mlir::Value variable; // the output of VariableV2 or VarHandleOp
  mlir::Value statistic;
  Node write;
};

/// Averages of what comes from `source`, the output of a reduction or of a FusedBatchNorm. A write
/// counts when it leaves a variable as it is whose value equals the statistic, and changes it
/// otherwise: `v -= (v - s) * c`, `v = v * d + s * (1 - d)`. Of a zero-debiased pair the debiased
/// variable is named.
llvm::SmallVector<Average> averagesOf(mlir::Value source);

} // namespace firn::graph
