// Values of two tensors held against one another.
#pragma once

#include "compiler/pipeline/Verify.h"
#include "compiler/reference/Tensor.h"

namespace firn {

/// All of a `TensorDifference` but for the names.
TensorDifference compareTensors(const reference::Tensor &want, const reference::Tensor &got,
                                const VerifyOptions &options);

} // namespace firn
