#include "compiler/conversion/kernel_to_schedule/Program.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace firn::schedule {

int64_t elementBytes(Type elementType) {
  if (auto complex = dyn_cast<ComplexType>(elementType))
    return 2 * elementBytes(complex.getElementType());
  return llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

Value Program::value(Size size) {
  if (auto known = llvm::dyn_cast<Value>(size))
    return known;
  return b.create<arith::ConstantIndexOp>(*getConstantIntValue(size));
}

namespace {

template <typename Op>
Size compute(Program &program, Size a, Size c, function_ref<int64_t(int64_t, int64_t)> fold) {
  std::optional<int64_t> x = getConstantIntValue(a), y = getConstantIntValue(c);
  if (x && y)
    return program.size(fold(*x, *y));
  return program.b.create<Op>(program.value(a), program.value(c)).getResult();
}

} // namespace

Size Program::add(Size a, Size c) {
  if (isConstantIntValue(c, 0))
    return a;
  if (isConstantIntValue(a, 0))
    return c;
  return compute<arith::AddIOp>(*this, a, c, [](int64_t x, int64_t y) { return x + y; });
}

Size Program::mul(Size a, Size c) {
  if (isConstantIntValue(c, 1))
    return a;
  if (isConstantIntValue(a, 1))
    return c;
  return compute<arith::MulIOp>(*this, a, c, [](int64_t x, int64_t y) { return x * y; });
}

Size Program::ceilDiv(Size a, Size c) {
  if (isConstantIntValue(c, 1))
    return a;
  return compute<arith::CeilDivSIOp>(
      *this, a, c, [](int64_t x, int64_t y) { return y > 0 ? (x + y - 1) / y : 0; });
}

// Constant factors are collected: equal products of sizes look the same.
Size Program::product(ArrayRef<Size> sizes) {
  int64_t constant = 1;
  Size all = size(1);
  for (Size each : sizes)
    if (std::optional<int64_t> number = getConstantIntValue(each))
      constant *= *number;
    else
      all = mul(all, each);
  return constant == 0 ? size(0) : mul(all, size(constant));
}

Size Program::bytesOf(RankedTensorType type, ArrayRef<Size> sizes) {
  Sizes all(sizes);
  all.push_back(size(elementBytes(type.getElementType())));
  return product(all);
}

Placed Program::allocate(RankedTensorType type, Sizes sizes) {
  Value bytes = value(bytesOf(type, sizes));
  return {b.create<BufferOp>(bytes, IntegerAttr(), false), size(0), type, std::move(sizes)};
}

Value Program::bufferOf(const Placed &placed) {
  if (isConstantIntValue(placed.offset, 0))
    return placed.buffer;
  return b.create<ViewOp>(placed.buffer, value(placed.offset));
}

void Program::copy(const Placed &from, const Placed &to) {
  if (from.buffer == to.buffer && from.offset == to.offset)
    return;
  Value bytes = value(bytesOf(from.type, from.sizes));
  b.create<CopyOp>(bufferOf(from), bufferOf(to), bytes);
}

} // namespace firn::schedule
