// The tensors that lowerings are made of.
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

namespace {

SmallVector<int64_t> staticShape(ArrayRef<Size> sizes) {
  SmallVector<int64_t> shape;
  for (Size size : sizes)
    shape.push_back(staticSize(size));
  return shape;
}

SmallVector<utils::IteratorType> parallelLoops(size_t count) {
  return SmallVector<utils::IteratorType>(count, utils::IteratorType::parallel);
}

// The number of a constant of one element, as an attribute of its storage type.
TypedAttr scalarConstant(const Tensor &tensor) {
  auto constant = tensor.value.getDefiningOp<ConstantOp>();
  if (!constant || tensor.type().getNumElements() != 1)
    return {};
  auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!dense || isa<ComplexType>(tensor.elementType()))
    return {};
  return dense.getSplatValue<TypedAttr>();
}

linalg::GenericOp
makeGeneric(ImplicitLocOpBuilder &b, ValueRange operands, Value init, ArrayRef<AffineMap> maps,
            ArrayRef<utils::IteratorType> loops,
            const std::function<Value(ImplicitLocOpBuilder &, ValueRange)> &body) {
  return b.create<linalg::GenericOp>(init.getType(), operands, init, maps, loops,
                                     [&](OpBuilder &inner, Location loc, ValueRange arguments) {
                                       ImplicitLocOpBuilder scalar(loc, inner);
                                       scalar.create<linalg::YieldOp>(body(scalar, arguments));
                                     });
}

} // namespace

Tensor NodeLowering::empty(int dtype, ArrayRef<Size> sizes) {
  Type element = storageType(b.getContext(), dtype);
  if (!element) {
    fail("tensors of dtype " + Twine(dtype) + " have no form in compiled code");
    return {};
  }
  return {b.create<tensor::EmptyOp>(sizes, element), Sizes(sizes), dtype};
}

Tensor NodeLowering::splat(int dtype, double number, ArrayRef<Size> sizes) {
  Type element = storageType(b.getContext(), dtype);
  Attribute value = isa<FloatType>(element)
                        ? Attribute(b.getFloatAttr(element, number))
                        : b.getIntegerAttr(element, static_cast<int64_t>(number));
  auto type = RankedTensorType::get({}, element);
  Tensor scalar{b.create<ConstantOp>(type, DenseElementsAttr::get(type, value)), {}, dtype};
  return sizes.empty()
             ? scalar
             : elementwise({scalar}, dtype, sizes, [](auto &, ValueRange x) { return x[0]; });
}

// Of all dimensions in one. It counts as unknown where one of them is, be another one 0.
static RankedTensorType flatType(ArrayRef<int64_t> shape, Type element) {
  int64_t count =
      ShapedType::isDynamicShape(shape) ? ShapedType::kDynamic : ShapedType::getNumElements(shape);
  return RankedTensorType::get({count}, element);
}

Tensor NodeLowering::reshape(const Tensor &tensor, ArrayRef<Size> sizes) {
  Sizes from = tensor.sizes;
  if (from == Sizes(sizes))
    return tensor;
  // MLIR has no reshape of no elements in an unknown number of rows.
  bool isEmpty = llvm::any_of(from, [](Size size) { return constantSize(size) == int64_t(0); });
  if (isEmpty && !tensor.type().hasStaticShape())
    return zeros(tensor.dtype, sizes);
  Value flat = tensor.value;
  if (tensor.rank() != 1) {
    SmallVector<ReassociationIndices> all;
    if (tensor.rank() > 0)
      all.push_back(llvm::to_vector(llvm::seq<int64_t>(0, tensor.rank())));
    if (tensor.rank() == 0)
      flat = b.create<tensor::ExpandShapeOp>(RankedTensorType::get({1}, tensor.elementType()), flat,
                                             all, ArrayRef<Size>{size(1)});
    else
      flat = b.create<tensor::CollapseShapeOp>(
          flatType(tensor.type().getShape(), tensor.elementType()), flat, all);
  }
  if (sizes.size() == 1) {
    // The count may be known better on one side than on the other.
    auto type = RankedTensorType::get(staticShape(sizes), tensor.elementType());
    Value cast = flat.getType() == type ? flat : b.create<tensor::CastOp>(type, flat);
    return {cast, Sizes(sizes), tensor.dtype};
  }
  SmallVector<ReassociationIndices> all;
  if (!sizes.empty())
    all.push_back(llvm::to_vector(llvm::seq<int64_t>(0, sizes.size())));
  RankedTensorType whole = flatType(staticShape(sizes), tensor.elementType());
  if (flat.getType() != whole)
    flat = b.create<tensor::CastOp>(whole, flat);
  auto type = RankedTensorType::get(staticShape(sizes), tensor.elementType());
  Value result = sizes.empty()
                     ? b.create<tensor::CollapseShapeOp>(type, flat, all).getResult()
                     : b.create<tensor::ExpandShapeOp>(type, flat, all, sizes).getResult();
  return {result, Sizes(sizes), tensor.dtype};
}

// Of two that are the same, or one of them 1; the other may be 0 then.
Size NodeLowering::broadcastSize(Size a, Size c) {
  return a == c ? a : mul(max(a, c), min(min(a, c), size(1)));
}

std::optional<Sizes> NodeLowering::broadcastSizes(ArrayRef<Tensor> operands) {
  int64_t rank = 0;
  for (const Tensor &operand : operands) {
    if (!operand)
      return std::nullopt;
    rank = std::max(rank, operand.rank());
  }
  Sizes sizes(rank, size(1));
  for (const Tensor &operand : operands)
    for (int64_t axis = 0; axis < operand.rank(); ++axis) {
      Size &so_far = sizes[rank - operand.rank() + axis];
      Size mine = operand.sizes[axis];
      if (isOne(so_far) || so_far == mine) {
        so_far = mine;
      } else if (!isOne(mine)) {
        // A constant that is not 1 wins: the other is 1 or the same.
        if (constantSize(mine) && !constantSize(so_far))
          so_far = mine;
        else if (!constantSize(so_far))
          so_far = broadcastSize(so_far, mine);
      }
    }
  return sizes;
}

Value NodeLowering::readBroadcast(ImplicitLocOpBuilder &b, const Tensor &operand,
                                  ArrayRef<Size> sizes) {
  SmallVector<Value> place;
  for (int64_t axis = 0; axis < operand.rank(); ++axis) {
    int64_t out = sizes.size() - operand.rank() + axis;
    Value index = b.create<linalg::IndexOp>(out);
    Size mine = operand.sizes[axis];
    if (mine != sizes[out]) {
      Value one = b.create<arith::ConstantIndexOp>(1), zero = b.create<arith::ConstantIndexOp>(0);
      Value size = constantSize(mine) ? b.create<arith::ConstantIndexOp>(*constantSize(mine))
                                      : llvm::cast<Value>(mine);
      Value isRepeated = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, size, one);
      index = b.create<arith::SelectOp>(isRepeated, zero, index);
    }
    place.push_back(index);
  }
  return read(b, operand, place);
}

std::optional<AffineMap> NodeLowering::broadcastMap(const Tensor &operand, ArrayRef<Size> sizes,
                                                    Sizes &kept) {
  SmallVector<AffineExpr> places;
  for (int64_t axis = 0; axis < operand.rank(); ++axis) {
    int64_t out = sizes.size() - operand.rank() + axis;
    Size mine = operand.sizes[axis];
    if (isOne(mine) && !isOne(sizes[out]))
      continue;
    if (mine != sizes[out] && !constantSize(mine))
      return std::nullopt; // may be 1
    kept.push_back(mine);
    places.push_back(b.getAffineDimExpr(out));
  }
  return AffineMap::get(sizes.size(), 0, places, b.getContext());
}

Tensor NodeLowering::elementwise(ArrayRef<Tensor> operands, int dtype, ArrayRef<Size> sizes,
                                 const ScalarBody &body) {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  // How the body comes to each operand's element: a constant, an argument, or read at its place.
  SmallVector<ScalarBody> elementOf;
  for (const Tensor &operand : operands) {
    if (!operand)
      return {};
    Sizes kept;
    if (TypedAttr constant = scalarConstant(operand)) {
      elementOf.push_back([constant](ImplicitLocOpBuilder &scalar, ValueRange) -> Value {
        return scalar.create<arith::ConstantOp>(constant);
      });
    } else if (std::optional<AffineMap> map = broadcastMap(operand, sizes, kept)) {
      elementOf.push_back([at = values.size()](auto &, ValueRange x) { return x[at]; });
      values.push_back(reshape(operand, kept).value);
      maps.push_back(*map);
    } else {
      elementOf.push_back([&operand, sizes](ImplicitLocOpBuilder &scalar, ValueRange) {
        return readBroadcast(scalar, operand, sizes);
      });
    }
  }
  Tensor result = empty(dtype, sizes);
  if (!result)
    return {};
  maps.push_back(b.getMultiDimIdentityMap(sizes.size()));
  auto generic = makeGeneric(b, values, result.value, maps, parallelLoops(sizes.size()),
                             [&](ImplicitLocOpBuilder &scalar, ValueRange arguments) {
                               SmallVector<Value> elements;
                               for (const ScalarBody &element : elementOf)
                                 elements.push_back(element(scalar, arguments));
                               return body(scalar, elements);
                             });
  result.value = generic.getResult(0);
  return result;
}

Tensor NodeLowering::elementwise(ArrayRef<Tensor> operands, int dtype, const ScalarBody &body) {
  std::optional<Sizes> sizes = broadcastSizes(operands);
  if (!sizes)
    return {};
  return elementwise(operands, dtype, *sizes, body);
}

Tensor NodeLowering::generate(int dtype, ArrayRef<Size> sizes, const PlaceBody &body) {
  Tensor result = empty(dtype, sizes);
  if (!result)
    return {};
  auto generic =
      makeGeneric(b, {}, result.value, {b.getMultiDimIdentityMap(sizes.size())},
                  parallelLoops(sizes.size()), [&](ImplicitLocOpBuilder &scalar, ValueRange) {
                    SmallVector<Value> place;
                    for (size_t axis = 0; axis < sizes.size(); ++axis)
                      place.push_back(scalar.create<linalg::IndexOp>(axis));
                    return body(scalar, place);
                  });
  result.value = generic.getResult(0);
  return result;
}

Value NodeLowering::read(ImplicitLocOpBuilder &b, const Tensor &tensor, ValueRange place) {
  return b.create<tensor::ExtractOp>(tensor.value, place);
}

Tensor NodeLowering::reduce(const Tensor &tensor, ArrayRef<int64_t> axes, TypedAttr init,
                            const ScalarBody &body) {
  return reduce(tensor, axes, b.create<arith::ConstantOp>(init), body);
}

Tensor NodeLowering::reduce(const Tensor &tensor, ArrayRef<int64_t> axes, Value init,
                            const ScalarBody &body) {
  if (!tensor)
    return {};
  Sizes kept;
  SmallVector<AffineExpr> places;
  SmallVector<utils::IteratorType> loops = parallelLoops(tensor.rank());
  for (int64_t axis = 0; axis < tensor.rank(); ++axis) {
    if (llvm::is_contained(axes, axis)) {
      loops[axis] = utils::IteratorType::reduction;
      continue;
    }
    kept.push_back(tensor.sizes[axis]);
    places.push_back(b.getAffineDimExpr(axis));
  }
  Tensor result = empty(tensor.dtype, kept);
  Value filled = b.create<linalg::FillOp>(init, result.value).getResult(0);
  auto generic = makeGeneric(b, tensor.value, filled,
                             {b.getMultiDimIdentityMap(tensor.rank()),
                              AffineMap::get(tensor.rank(), 0, places, b.getContext())},
                             loops, [&](ImplicitLocOpBuilder &scalar, ValueRange x) {
                               return body(scalar, ValueRange({x[1], x[0]}));
                             });
  result.value = generic.getResult(0);
  return result;
}

Tensor NodeLowering::transpose(const Tensor &tensor, ArrayRef<int64_t> permutation) {
  if (!tensor)
    return {};
  Sizes sizes;
  SmallVector<AffineExpr> places(permutation.size());
  for (auto [i, axis] : llvm::enumerate(permutation)) {
    sizes.push_back(tensor.sizes[axis]);
    places[axis] = b.getAffineDimExpr(i);
  }
  Tensor result = empty(tensor.dtype, sizes);
  auto generic = makeGeneric(b, tensor.value, result.value,
                             {AffineMap::get(permutation.size(), 0, places, b.getContext()),
                              b.getMultiDimIdentityMap(permutation.size())},
                             parallelLoops(permutation.size()),
                             [](ImplicitLocOpBuilder &, ValueRange x) { return x[0]; });
  result.value = generic.getResult(0);
  return result;
}

Tensor NodeLowering::slice(const Tensor &tensor, ArrayRef<Size> offsets, ArrayRef<Size> sizes,
                           ArrayRef<Size> strides) {
  if (!tensor)
    return {};
  return {b.create<tensor::ExtractSliceOp>(tensor.value, offsets, sizes, strides), Sizes(sizes),
          tensor.dtype};
}

Tensor NodeLowering::concat(ArrayRef<Tensor> tensors, int64_t axis) {
  Sizes sizes = tensors.front().sizes;
  sizes[axis] = size(0);
  SmallVector<Value> values;
  for (const Tensor &tensor : tensors) {
    if (!tensor)
      return {};
    values.push_back(tensor.value);
    sizes[axis] = add(sizes[axis], tensor.sizes[axis]);
  }
  auto type = RankedTensorType::get(staticShape(sizes), tensors.front().elementType());
  return {b.create<tensor::ConcatOp>(type, axis, values), sizes, tensors.front().dtype};
}

Tensor NodeLowering::tensorOf(ArrayRef<Size> elements, int dtype, bool scalar) {
  Type element = storageType(b.getContext(), dtype);
  SmallVector<int64_t> shape;
  if (!scalar)
    shape.push_back(elements.size());
  auto type = RankedTensorType::get(shape, element);
  Sizes sizes;
  if (!scalar)
    sizes.push_back(size(elements.size()));
  SmallVector<APInt> numbers;
  for (Size each : elements)
    if (std::optional<int64_t> number = constantSize(each))
      numbers.push_back(APInt(element.getIntOrFloatBitWidth(), *number, /*isSigned=*/true));
  if (numbers.size() == elements.size())
    return {b.create<ConstantOp>(type, DenseElementsAttr::get(type, numbers)), sizes, dtype};
  SmallVector<Value> values;
  for (Size each : elements)
    values.push_back(b.create<arith::IndexCastOp>(element, value(each)));
  return {b.create<tensor::FromElementsOp>(type, values), sizes, dtype};
}

Value NodeLowering::panels(const Tensor &matrix, bool transposed) {
  ArrayRef<int64_t> shape = matrix.type().getShape();
  int64_t columns = transposed ? shape.front() : shape.back();
  int64_t rows = matrix.type().getNumElements() / std::max<int64_t>(columns, 1);
  auto count = static_cast<int64_t>(llvm::divideCeil(columns, kPanelColumns));
  auto type = RankedTensorType::get({count, rows, kPanelColumns}, matrix.elementType());
  return b.create<PackOp>(type, matrix.value, transposed);
}

Tensor NodeLowering::library(int dtype, ArrayRef<Size> sizes,
                             const std::function<Value(Value init)> &make) {
  Tensor result = empty(dtype, sizes);
  if (result)
    result.value = make(result.value);
  return result;
}

} // namespace firn::kernel
