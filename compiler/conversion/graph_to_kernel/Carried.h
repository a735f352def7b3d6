// What goes into and out of regions: one tensor for a tensor, a list or an array.
#pragma once

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"

namespace firn::kernel {

class Carried {
public:
  explicit Carried(Tensor tensor) : tensor(std::move(tensor)) {}
  Carried(List given, Tensor elements) : tensor(std::move(elements)), list(std::move(given)) {}

  mlir::Value value() const { return tensor.value; }
  mlir::RankedTensorType type() const { return tensor.type(); }
  llvm::ArrayRef<Size> sizes() const { return tensor.sizes; }
  int dtype() const { return tensor.dtype; }
  bool isList() const { return list.has_value(); }
  /// The same in another place, also under better known sizes.
  Lowered as(mlir::Value value) const { return as(value, tensor.sizes); }
  Lowered as(mlir::Value value, llvm::ArrayRef<Size> sizes) const;

private:
  Tensor tensor;
  std::optional<List> list;
};

/// What `value` became. The elements of a list in which nothing was stored have the shape that is
/// known of `informed`. Nothing after a failure.
std::optional<Carried> carriedOf(NodeLowering &n, mlir::Value value, mlir::Value informed);
std::optional<Carried> carriedOf(NodeLowering &n, const List &list, mlir::Value informed);

/// A tensor whose sizes are known better or worse.
mlir::Value castTo(mlir::OpBuilder &b, mlir::Value value, mlir::Type type);

/// Whether a scalar counts as true: the one form of a condition that later stages know. Null after
/// a failure.
mlir::Value truth(NodeLowering &n, mlir::Value value);
/// The same as a tensor of one byte.
Tensor truthTensor(NodeLowering &n, mlir::Value value);
mlir::Value readFlag(mlir::ImplicitLocOpBuilder &b, const Tensor &flag);

} // namespace firn::kernel
