// Products of tensors: what MatMul, Einsum and convolutions of other dtypes are made of.
#pragma once

#include "compiler/conversion/graph_to_kernel/ScalarMath.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "compiler/reference/Tensor.h"

namespace firn::kernel {

/// An operand of a sum of products: for each axis its place, in terms of the loops.
struct Factor {
  Tensor tensor;
  llvm::SmallVector<mlir::AffineExpr> places;
};

/// The dtype in which sums are kept: f32 for 16-bit floats, which then round once.
int sumType(int dtype);

/// `result[places] = sum of left * right` over the loops that the result's places do not name.
/// Operands are converted to the dtype of the sum.
Tensor sumOfProducts(NodeLowering &n, unsigned loops, const Factor &left, const Factor &right,
                     llvm::ArrayRef<mlir::AffineExpr> places, llvm::ArrayRef<Size> sizes,
                     int dtype);

/// [m, k] x [k, n] or [b, m, k] x [b, k, n]; `transposed`: the right one is [n, k]. A right matrix
/// that is a constant is packed.
Tensor matrixProduct(NodeLowering &n, const Tensor &left, const Tensor &right, bool transposed,
                     int dtype);

bool isConstant(const Tensor &tensor);
/// The elements of a constant under other sizes, as a constant.
Tensor reshapedConstant(NodeLowering &n, const Tensor &constant, llvm::ArrayRef<Size> sizes);
/// Input `index` where it is a constant, read.
std::optional<reference::Tensor> constantInput(NodeLowering &n, unsigned index);
/// A new constant.
Tensor constantOf(NodeLowering &n, const reference::Tensor &value);

} // namespace firn::kernel
