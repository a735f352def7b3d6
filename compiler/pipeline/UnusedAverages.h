// Batch norms whose moving averages training never updated.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "mlir/IR/BuiltinOps.h"

namespace firn {

/// A batch norm and the variables behind its mean and its variance.
struct UnusedAverages {
  std::string norm, mean, variance;
};

/// Looks at a graph whose `variables` have just become constants: batch norms of any form whose
/// mean is all 0 and whose variance is all 1, as they are before training.
std::vector<UnusedAverages> unusedAverages(mlir::ModuleOp module,
                                           const std::set<std::string> &variables);

} // namespace firn
