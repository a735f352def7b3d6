// Verifiers: what ODS cannot say.
#include "dialects/kernel/Kernel.h"
#include "llvm/ADT/STLExtras.h"

#define GET_OP_CLASSES
#include "dialects/kernel/KernelOps.cpp.inc"

using namespace mlir;

namespace firn::kernel {

namespace {

bool mayBeEqual(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}

LogicalResult verifyRank(Operation *op, StringRef what, Value value, int64_t rank) {
  int64_t got = cast<RankedTensorType>(value.getType()).getRank();
  if (got != rank)
    return op->emitOpError("expected ") << what << " of rank " << rank << ", got " << got;
  return success();
}

LogicalResult verifySize(Operation *op, StringRef what, int64_t got, int64_t want) {
  if (!mayBeEqual(got, want))
    return op->emitOpError("expected ") << what << " " << want << ", got " << got;
  return success();
}

LogicalResult verifyCount(Operation *op, StringRef what, ArrayRef<int64_t> numbers, size_t count,
                          int64_t least) {
  if (numbers.size() != count)
    return op->emitOpError("expected ")
           << count << " numbers in " << what << ", got " << numbers.size();
  for (int64_t number : numbers)
    if (number < least)
      return op->emitOpError("expected ") << what << " of at least " << least << ", got " << number;
  return success();
}

/// A panel tensor for `k` rows and `n` columns.
LogicalResult verifyPanels(Operation *op, RankedTensorType panels, int64_t k, int64_t n) {
  if (panels.getRank() != 3 || panels.getDimSize(2) != kPanelColumns)
    return op->emitOpError("expected packed weights of [panels, k, ")
           << kPanelColumns << "], got " << panels;
  if (ShapedType::isDynamic(n) || ShapedType::isDynamic(k))
    return op->emitOpError(
        "expected a constant number of columns and of summands with packed weights");
  if (failed(verifySize(op, "panels", panels.getDimSize(0), llvm::divideCeil(n, kPanelColumns))))
    return failure();
  return verifySize(op, "rows in a panel", panels.getDimSize(1), k);
}

/// Sizes of a window's results against those of the image, for the two spatial dimensions.
LogicalResult verifyWindow(Operation *op, RankedTensorType input, RankedTensorType result,
                           ArrayRef<int64_t> window, ArrayRef<int64_t> strides,
                           ArrayRef<int64_t> dilations, ArrayRef<int64_t> padding) {
  if (failed(verifyCount(op, "window", window, 2, 1)) ||
      failed(verifyCount(op, "strides", strides, 2, 1)) ||
      failed(verifyCount(op, "dilations", dilations, 2, 1)) ||
      failed(verifyCount(op, "padding", padding, 4, 0)) ||
      failed(verifySize(op, "batch", result.getDimSize(0), input.getDimSize(0))))
    return failure();
  for (unsigned axis : {0u, 1u}) {
    int64_t size = input.getDimSize(1 + axis);
    if (ShapedType::isDynamic(size))
      continue;
    int64_t reach = (window[axis] - 1) * dilations[axis] + 1;
    int64_t padded = size + padding[2 * axis] + padding[2 * axis + 1];
    int64_t want = padded < reach ? 0 : (padded - reach) / strides[axis] + 1;
    if (failed(verifySize(op, axis == 0 ? "height" : "width", result.getDimSize(1 + axis), want)))
      return failure();
  }
  return success();
}

RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

} // namespace

std::optional<ExtraKind> extraKind(RankedTensorType extra, RankedTensorType result) {
  if (extra.getRank() == 0)
    return ExtraKind::Scalar;
  if (extra.getShape() == result.getShape())
    return ExtraKind::Full;
  if (extra.getRank() == 1 && extra.getDimSize(0) == result.getShape().back())
    return ExtraKind::Channel;
  return std::nullopt;
}

LogicalResult verifyLibraryOp(Operation *op) {
  auto library = cast<LibraryOpInterface>(op);
  RankedTensorType result = tensorOf(op->getResult(0));
  if (library.getInit().getType() != result)
    return op->emitOpError("expected a result of ")
           << library.getInit().getType() << ", got " << result;
  if (!library.hasEpilogue()) {
    if (!library.getExtras().empty())
      return op->emitOpError("expected an epilogue for the operands behind 'with'");
    return success();
  }
  Region &epilogue = library.getEpilogue();
  if (!epilogue.hasOneBlock())
    return op->emitOpError("expected an epilogue of one block");
  Block &block = epilogue.front();
  if (block.getNumArguments() != library.getExtras().size() + 1)
    return op->emitOpError("expected ")
           << library.getExtras().size() + 1 << " arguments of the epilogue, got "
           << block.getNumArguments();
  if (block.getArgument(0).getType() != result.getElementType())
    return op->emitOpError("expected an epilogue of ") << result.getElementType();
  for (auto [extra, argument] : llvm::zip(library.getExtras(), block.getArguments().drop_front())) {
    if (!extraKind(tensorOf(extra), result))
      return op->emitOpError("expected a scalar, a vector of the channels or ")
             << result << " behind 'with', got " << extra.getType();
    if (argument.getType() != tensorOf(extra).getElementType())
      return op->emitOpError("expected an argument of ")
             << tensorOf(extra).getElementType() << " in the epilogue, got " << argument.getType();
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getNumOperands() != 1 ||
      yield.getOperand(0).getType() != result.getElementType())
    return op->emitOpError("expected the epilogue to yield one ") << result.getElementType();
  return success();
}

LogicalResult ConstantOp::verify() {
  RankedTensorType type = getResult().getType();
  if (!type.hasStaticShape())
    return emitOpError("expected constant sizes, got ") << type;
  auto value = dyn_cast<TypedAttr>(getValue());
  auto tensor = dyn_cast<graph::TensorAttr>(getValue());
  ArrayRef<int64_t> shape = tensor ? tensor.getShape() : ArrayRef<int64_t>();
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(value))
    shape = dense.getType().getShape();
  else if (!tensor)
    return emitOpError("expected a #graph.tensor or dense elements, got ") << getValue();
  if (shape != type.getShape())
    return emitOpError("expected the shape of the value, got ") << type;
  return success();
}

LogicalResult PackOp::verify() {
  ArrayRef<int64_t> shape = getMatrix().getType().getShape();
  if (shape.size() < 2 || ShapedType::isDynamicShape(shape))
    return emitOpError("expected a matrix of constant sizes, got ") << getMatrix().getType();
  int64_t n = getTransposed() ? shape.front() : shape.back(), k = 1;
  for (int64_t size : getTransposed() ? shape.drop_front() : shape.drop_back())
    k *= size;
  return verifyPanels(*this, getResult().getType(), k, n);
}

LogicalResult ReadOp::verify() {
  RankedTensorType type = getSource().getType();
  if (type.getNumElements() != 1 || !type.getElementType().isSignlessInteger())
    return emitOpError("expected one integer, got ") << type;
  return success();
}

LogicalResult MatmulOp::verify() {
  RankedTensorType a = getA().getType(), b = getB().getType(), result = tensorOf(getResult());
  int64_t rank = a.getRank();
  if (rank != 2 && rank != 3)
    return emitOpError("expected matrices or a batch of them, got ") << a;
  if (failed(verifyRank(*this, "a result", getResult(), rank)))
    return failure();
  int64_t k = a.getShape().back(), n = result.getShape().back();
  if (failed(verifySize(*this, "rows", result.getDimSize(rank - 2), a.getDimSize(rank - 2))) ||
      (rank == 3 && failed(verifySize(*this, "matrices", result.getDimSize(0), a.getDimSize(0)))))
    return failure();
  if (getPacked())
    return verifyPanels(*this, b, k, n);
  if (failed(verifyRank(*this, "the second operand", getB(), rank)))
    return failure();
  if (failed(verifySize(*this, "summands", b.getDimSize(rank - (getTransposeB() ? 1 : 2)), k)))
    return failure();
  return verifySize(*this, "columns", n, b.getDimSize(rank - (getTransposeB() ? 2 : 1)));
}

LogicalResult Conv2DOp::verify() {
  if (failed(verifyRank(*this, "an input", getInput(), 4)) ||
      failed(verifyRank(*this, "a result", getResult(), 4)))
    return failure();
  RankedTensorType input = getInput().getType(), result = tensorOf(getResult());
  if (failed(verifyWindow(*this, input, result, getWindow(), getStrides(), getDilations(),
                          getPadding())))
    return failure();
  int64_t channels = input.getDimSize(3);
  int64_t k =
      ShapedType::isDynamic(channels) ? channels : getWindow()[0] * getWindow()[1] * channels;
  return verifyPanels(*this, getFilter().getType(), k, result.getDimSize(3));
}

LogicalResult DepthwiseConv2DOp::verify() {
  if (failed(verifyRank(*this, "an input", getInput(), 4)) ||
      failed(verifyRank(*this, "a filter", getFilter(), 3)) ||
      failed(verifyRank(*this, "a result", getResult(), 4)))
    return failure();
  RankedTensorType input = getInput().getType(), filter = getFilter().getType(),
                   result = tensorOf(getResult());
  if (failed(verifyWindow(*this, input, result, getWindow(), getStrides(), getDilations(),
                          getPadding())))
    return failure();
  for (unsigned axis : {0u, 1u})
    if (failed(verifySize(*this, "rows and columns of the filter as the window says,",
                          filter.getDimSize(axis), getWindow()[axis])))
      return failure();
  int64_t channels = result.getDimSize(3);
  if (input.getDimSize(3) <= 0 || channels % input.getDimSize(3) != 0)
    return emitOpError("expected a multiple of the input's channels, got ") << result;
  return verifySize(*this, "channels of the filter", filter.getDimSize(2), channels);
}

LogicalResult PoolOp::verify() {
  if (failed(verifyRank(*this, "an input", getInput(), 4)) ||
      failed(verifyRank(*this, "a result", getResult(), 4)))
    return failure();
  RankedTensorType input = getInput().getType(), result = tensorOf(getResult());
  if (failed(verifySize(*this, "channels", result.getDimSize(3), input.getDimSize(3))))
    return failure();
  return verifyWindow(*this, input, result, getWindow(), getStrides(), {1, 1}, getPadding());
}

LogicalResult SoftmaxOp::verify() {
  RankedTensorType input = getInput().getType();
  if (input.getRank() == 0)
    return emitOpError("expected a dimension to sum over, got a scalar");
  if (input.getShape() != tensorOf(getResult()).getShape())
    return emitOpError("expected a result of ") << input << ", got " << getResult().getType();
  return success();
}

LogicalResult CallOp::verify() {
  if (getInits().getTypes() != getResultTypes())
    return emitOpError("expected results of the types behind 'into'");
  return success();
}

LogicalResult DispatchOp::verify() {
  if (getInits().empty() || getInits().getTypes() != getResultTypes())
    return emitOpError("expected results of the types behind 'into', at least one");
  if (getBlock().getArgumentTypes() != getOperandTypes())
    return emitOpError("expected the block's arguments to be of the operands' types");
  auto yield = dyn_cast<YieldOp>(getTerminator());
  if (!yield || yield.getOperandTypes() != getResultTypes())
    return emitOpError("expected to yield a value for each result");
  return success();
}

} // namespace firn::kernel
