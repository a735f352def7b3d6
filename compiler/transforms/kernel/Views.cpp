#include "compiler/transforms/kernel/Views.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace firn::kernel {

namespace {

// Beyond the first dimension that is not 1, everything is taken whole.
bool isContiguous(tensor::ExtractSliceOp slice) {
  RankedTensorType source = slice.getSourceType();
  bool inside = false;
  for (int64_t axis = 0; axis < source.getRank(); ++axis) {
    OpFoldResult size = slice.getMixedSizes()[axis];
    if (!isConstantIntValue(slice.getMixedStrides()[axis], 1))
      return false;
    bool isWhole = isConstantIntValue(slice.getMixedOffsets()[axis], 0) &&
                   !source.isDynamicDim(axis) && isConstantIntValue(size, source.getDimSize(axis));
    if (inside && !isWhole)
      return false;
    inside |= !isConstantIntValue(size, 1);
  }
  return true;
}

} // namespace

bool isView(Operation *op) {
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op))
    return true;
  auto slice = dyn_cast<tensor::ExtractSliceOp>(op);
  return slice && isContiguous(slice);
}

SmallVector<OpFoldResult> sizesOf(ImplicitLocOpBuilder &b, Value tensor) {
  Value source = tensor;
  while (auto cast = source.getDefiningOp<tensor::CastOp>())
    source = cast.getSource();
  if (auto expand = source.getDefiningOp<tensor::ExpandShapeOp>())
    return getMixedValues(expand.getStaticOutputShape(), expand.getOutputShape(), b);
  return tensor::getMixedSizes(b, b.getLoc(), tensor);
}

} // namespace firn::kernel
