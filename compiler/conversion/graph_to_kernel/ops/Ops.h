// The lowerings by family. Each is a file that lists its ops at its end.
#pragma once

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"

namespace firn::kernel {

/// Const, Identity, Shape, Size: what makes values and hands them on.
Lowerings valueLowerings();
/// Reshape, Squeeze, Transpose: the same elements, otherwise.
Lowerings layoutLowerings();
/// Add, Relu, Tanh: element by element.
Lowerings elementwiseLowerings();
/// Switch, Enter: what hands values through control flow.
Lowerings flowLowerings();
/// TensorArrays and TensorLists.
Lowerings listLowerings();
/// MatMul, BiasAdd, Softmax.
Lowerings matmulLowerings();
/// Convolutions and pools.
Lowerings convLowerings();

} // namespace firn::kernel
