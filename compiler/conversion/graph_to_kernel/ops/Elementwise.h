// How lowerings are written that compute each element from those at its place in the operands.
#pragma once

#include "compiler/conversion/graph_to_kernel/ScalarMath.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"

namespace firn::kernel {

/// Elements of the operands in, an element out. Of whatever dtype: it is converted to the result's.
using NumberBody = std::function<Number(llvm::ArrayRef<Number>)>;

/// `result[i] = body(operands[i] …)` as a tensor of `dtype`, broadcast to `sizes` or, without them,
/// as TensorFlow broadcasts.
Tensor map(NodeLowering &n, llvm::ArrayRef<Tensor> operands, int dtype, llvm::ArrayRef<Size> sizes,
           const NumberBody &body);
Tensor map(NodeLowering &n, llvm::ArrayRef<Tensor> operands, int dtype, const NumberBody &body);
/// Operands that the op wants of one shape, scalars beside them left alone: what is known of one's
/// sizes holds for all.
llvm::SmallVector<Tensor> ofOneShape(llvm::ArrayRef<Tensor> operands);
/// A tensor of one number.
Tensor filled(NodeLowering &n, int dtype, double number, llvm::ArrayRef<Size> sizes);
/// The tensor with its elements converted.
Tensor converted(NodeLowering &n, const Tensor &tensor, int dtype);

inline Number asNumber(const Number &x) { return x; }
inline Number asNumber(const Truth &x) { return byteOf(x); }

/// Ops on one or two operands. 16-bit floats are computed in f32 and rounded once, or (`exactly`)
/// after each operation.
template <typename F> void exactUnary(NodeLowering &n, F f) {
  n.give(
      map(n, {n.in(0)}, n.outDtype(), [f](llvm::ArrayRef<Number> x) { return asNumber(f(x[0])); }));
}
template <typename F> void unary(NodeLowering &n, F f) {
  exactUnary(n, [f](const Number &x) { return f(widened(x)); });
}
template <typename F> void exactBinary(NodeLowering &n, F f) {
  n.give(map(n, {n.in(0), n.in(1)}, n.outDtype(),
             [f](llvm::ArrayRef<Number> x) { return asNumber(f(x[0], x[1])); }));
}
template <typename F> void binary(NodeLowering &n, F f) {
  exactBinary(n, [f](const Number &x, const Number &y) { return f(widened(x), widened(y)); });
}

} // namespace firn::kernel
