// Tensors as the kernels of runtime/kernels/plain take them: of f32, f64, i32 or i64, and scans of
// complex numbers.
#pragma once

#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"

namespace firn::kernel {

/// The dtype in which plain kernels compute numbers of `dtype`; 0 where they don't.
int plainDtype(int dtype);
/// Converted to that, and back: to be put in order, or to be summed up and multiplied.
enum class Use { Order, Sum };
Tensor toPlain(NodeLowering &n, const Tensor &x, Use use = Use::Order);
Tensor fromPlain(NodeLowering &n, const Tensor &x, int dtype, Use use = Use::Order);
/// The same for results that can lie beyond `dtype`: they become its least or its greatest finite
/// number.
Tensor clampFromPlain(NodeLowering &n, const Tensor &x, int dtype);
/// "NAME_f32" for the dtype of a tensor that `toPlain` made.
std::string plainName(llvm::StringRef name, const Tensor &x);

/// The first `count` of the slices of dimension 0.
Tensor firstOf(NodeLowering &n, const Tensor &x, Size count);
/// An integer input as a size; data is read, and then at most `bound`.
Size sizeInput(NodeLowering &n, unsigned index, Size bound);

} // namespace firn::kernel
