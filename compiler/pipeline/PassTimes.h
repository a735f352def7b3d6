// How long passes take.
#pragma once

#include "mlir/Pass/PassInstrumentation.h"

#include <memory>
#include <string>
#include <vector>

namespace firn {

struct PassTime {
  std::string pass; // "graph-to-kernel"
  double milliseconds;
};

/// Appends each pass that runs to `times`, which outlives the pass manager.
std::unique_ptr<mlir::PassInstrumentation> createPassTimes(std::vector<PassTime> &times);

} // namespace firn
