// What is certain about shapes, whatever the inputs' are.
#pragma once

#include "dialects/graph/Node.h"

namespace firn::graph {

/// True for a tensor without dimensions.
bool isScalar(mlir::Value value);

/// True when both have the same shape in every run: both static, or computed element by element
/// from one tensor.
bool haveSameShape(mlir::Value a, mlir::Value b);

/// True when the two broadcast to one shape in every run, by what is known of theirs.
bool surelyBroadcast(mlir::Value a, mlir::Value b);

} // namespace firn::graph
