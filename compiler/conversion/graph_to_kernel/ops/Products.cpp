#include "compiler/conversion/graph_to_kernel/ops/Products.h"

#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/Constants.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

bool isConstant(const Tensor &tensor) {
  return tensor.value.getDefiningOp<ConstantOp>() != nullptr;
}

Tensor reshapedConstant(NodeLowering &n, const Tensor &constant, ArrayRef<Size> sizes) {
  Tensor made{{}, Sizes(sizes), constant.dtype};
  auto type = tensorType(sizes, constant.elementType());
  Attribute value = constant.value.getDefiningOp<ConstantOp>().getValue();
  if (auto tensor = dyn_cast<TensorAttr>(value))
    value = TensorAttr::get(n.b.getContext(),
                            RankedTensorType::get(type.getShape(), tensor.getElementType()),
                            tensor.getEncoding(), tensor.getData(), tensor.getExtents());
  else
    value = cast<DenseElementsAttr>(value).reshape(type);
  made.value = n.b.create<ConstantOp>(type, value);
  return made;
}

int sumType(int dtype) { return dtype == DT_HALF || dtype == DT_BFLOAT16 ? DT_FLOAT : dtype; }

Tensor sumOfProducts(NodeLowering &n, unsigned loops, const Factor &left, const Factor &right,
                     ArrayRef<AffineExpr> places, ArrayRef<Size> sizes, int dtype) {
  if (!left.tensor || !right.tensor)
    return {};
  int sum = sumType(dtype);
  Tensor start = filled(n, sum, 0, sizes);
  SmallVector<utils::IteratorType> kinds(loops, utils::IteratorType::reduction);
  for (unsigned i = 0; i < loops; ++i)
    if (llvm::is_contained(places, n.b.getAffineDimExpr(i)))
      kinds[i] = utils::IteratorType::parallel;
  MLIRContext *context = n.b.getContext();
  SmallVector<AffineMap> maps{AffineMap::get(loops, 0, left.places, context),
                              AffineMap::get(loops, 0, right.places, context),
                              AffineMap::get(loops, 0, places, context)};
  auto op = n.b.create<linalg::GenericOp>(
      start.value.getType(), ValueRange{left.tensor.value, right.tensor.value}, start.value, maps,
      kinds, [&](OpBuilder &inner, Location loc, ValueRange x) {
        ImplicitLocOpBuilder b(loc, inner);
        Number a = convert({&b, x[0], left.tensor.dtype}, sum);
        Number c = convert({&b, x[1], right.tensor.dtype}, sum);
        b.create<linalg::YieldOp>((Number{&b, x[2], sum} + a * c).value);
      });
  start.value = op.getResult(0);
  return converted(n, start, dtype);
}

namespace {

Tensor plainProduct(NodeLowering &n, const Tensor &left, const Tensor &right, bool transposed,
                    ArrayRef<Size> sizes, int dtype) {
  bool isBatch = left.rank() == 3;
  auto loop = [&](unsigned i) { return n.b.getAffineDimExpr(i + isBatch); };
  SmallVector<AffineExpr> batch;
  if (isBatch)
    batch.push_back(n.b.getAffineDimExpr(0));
  // Rows, terms, columns: the innermost loop runs along rows of the right matrix.
  AffineExpr m = loop(0), k = loop(1), c = loop(2);
  if (transposed)
    std::swap(k, c);
  auto places = [&](AffineExpr first, AffineExpr second) {
    SmallVector<AffineExpr> all(batch);
    all.push_back(first);
    all.push_back(second);
    return all;
  };
  Factor a{left, places(m, k)}, b{right, transposed ? places(c, k) : places(k, c)};
  return sumOfProducts(n, isBatch ? 4 : 3, a, b, places(m, c), sizes, dtype);
}

} // namespace

Tensor matrixProduct(NodeLowering &n, const Tensor &left, const Tensor &right, bool transposed,
                     int dtype) {
  if (!left || !right)
    return {};
  Sizes sizes = left.sizes;
  sizes.back() = right.sizes[right.rank() - (transposed ? 2 : 1)];
  // The kernel's tiles are chosen for constant columns and terms, of which there are some.
  bool isFloat = dtype == DT_FLOAT && left.dtype == DT_FLOAT && right.dtype == DT_FLOAT;
  auto isCounted = [](Size size) { return constantSize(size).value_or(0) > 0; };
  if (!isFloat || !isCounted(sizes.back()) || !isCounted(left.sizes.back()))
    return plainProduct(n, left, right, transposed, sizes, dtype);
  bool isPacked = isConstant(right) && right.rank() == 2;
  Value operand = isPacked ? n.panels(right, transposed) : right.value;
  return n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<MatmulOp>(init.getType(), left.value, operand, init, ValueRange(),
                                transposed && !isPacked, isPacked);
  });
}

std::optional<reference::Tensor> constantInput(NodeLowering &n, unsigned index) {
  return constantTensor(n.source(index));
}

Tensor constantOf(NodeLowering &n, const reference::Tensor &value) {
  Tensor tensor;
  for (int64_t dim : value.shape())
    tensor.sizes.push_back(n.size(dim));
  tensor.dtype = value.dtype();
  auto type = RankedTensorType::get(value.shape(), storageType(n.b.getContext(), value.dtype()));
  tensor.value = n.b.create<ConstantOp>(type, reference::attrOf(n.b.getContext(), value));
  return tensor;
}

} // namespace firn::kernel
