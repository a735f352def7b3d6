// Tensors that are made of parts of others, and by kernels of runtime/kernels/plain.
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace firn::kernel {

Tensor NodeLowering::broadcast(const Tensor &tensor, ArrayRef<Size> sizes) {
  if (ArrayRef<Size>(tensor.sizes) == sizes)
    return tensor;
  return elementwise({tensor}, tensor.dtype, sizes,
                     [](ImplicitLocOpBuilder &, ValueRange x) { return x[0]; });
}

Tensor NodeLowering::zeros(int dtype, ArrayRef<Size> sizes) {
  Type element = storageType(b.getContext(), dtype);
  return generate(dtype, sizes,
                  [&](ImplicitLocOpBuilder &body, ValueRange) { return zeroOf(body, element); });
}

Tensor NodeLowering::slice(const Tensor &tensor, ArrayRef<Size> offsets, ArrayRef<Size> sizes) {
  if (sizes == ArrayRef<Size>(tensor.sizes))
    return tensor;
  return slice(tensor, offsets, sizes, repeated(1, tensor.rank()));
}

Tensor NodeLowering::insert(const Tensor &part, const Tensor &whole, ArrayRef<Size> offsets,
                            ArrayRef<Size> strides) {
  if (!part || !whole)
    return {};
  return {b.create<tensor::InsertSliceOp>(part.value, whole.value, offsets, part.sizes, strides),
          whole.sizes, whole.dtype};
}

Size NodeLowering::readSize(const Tensor &number, Size bound) {
  if (!number)
    return size(0);
  return b.create<ReadOp>(b.getIndexType(), number.value, value(bound)).getResult();
}

SmallVector<Tensor> NodeLowering::rounds(Size count, ArrayRef<Tensor> carried,
                                         const RoundBody &body) {
  SmallVector<Value> starts;
  for (const Tensor &tensor : carried) {
    if (!tensor)
      return SmallVector<Tensor>(carried.size());
    starts.push_back(tensor.value);
  }
  Value first = value(size(0)), end = value(count), step = value(size(1));
  GraphLowering::Inner inner(graph);
  Block *block = inner.scope.block;
  SmallVector<Tensor> made(carried);
  Value round = block->addArgument(b.getIndexType(), b.getLoc());
  for (Tensor &tensor : made)
    tensor.value = block->addArgument(tensor.value.getType(), b.getLoc());
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(block);
    made = body(round, made);
    inner.leave();
    if (llvm::any_of(made, [](const Tensor &tensor) { return !tensor; }))
      return SmallVector<Tensor>(carried.size());
    b.create<scf::YieldOp>(
        llvm::map_to_vector(made, [](const Tensor &tensor) { return tensor.value; }));
  }
  auto loop = b.create<scf::ForOp>(first, end, step, starts);
  loop.getRegion().takeBody(inner.region);
  for (auto [tensor, result] : llvm::zip(made, loop.getResults()))
    tensor.value = result;
  return made;
}

SmallVector<Tensor> NodeLowering::call(StringRef kernel, ArrayRef<Tensor> inputs,
                                       ArrayRef<Size> sizes, ArrayRef<double> numbers,
                                       ArrayRef<Tensor> inits) {
  SmallVector<Value> operands, fields, results;
  SmallVector<Type> types;
  for (const Tensor &input : inputs)
    operands.push_back(input.value);
  for (Size size : sizes)
    fields.push_back(value(size));
  for (const Tensor &init : inits) {
    results.push_back(init.value);
    types.push_back(init.value ? init.value.getType() : Type());
  }
  SmallVector<Tensor> made(inits);
  if (llvm::is_contained(operands, Value()) || llvm::is_contained(results, Value()))
    return SmallVector<Tensor>(inits.size());
  auto op = b.create<CallOp>(types, b.getStringAttr(kernel), operands, fields, results);
  if (!numbers.empty())
    op->setAttr("numbers", b.getF64ArrayAttr(numbers));
  for (auto [tensor, result] : llvm::zip(made, op.getResults()))
    tensor.value = result;
  return made;
}

} // namespace firn::kernel
