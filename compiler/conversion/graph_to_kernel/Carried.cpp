#include "compiler/conversion/graph_to_kernel/Carried.h"

#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

Lowered Carried::as(Value value, ArrayRef<Size> sizes) const {
  Tensor moved{value, Sizes(sizes), tensor.dtype};
  if (!list)
    return {moved, std::nullopt, std::nullopt};
  List held = *list;
  held.elements = moved;
  held.length = sizes.front();
  return {Tensor(), std::nullopt, held};
}

std::optional<Carried> carriedOf(NodeLowering &n, Value value, Value informed) {
  if (std::optional<List> list = n.fetchedList(value)) {
    Tensor elements = n.stored(*list, informed);
    return elements ? std::optional(Carried(*list, elements)) : std::nullopt;
  }
  Tensor tensor = n.fetched(value);
  return tensor ? std::optional(Carried(tensor)) : std::nullopt;
}

Value castTo(OpBuilder &b, Value value, Type type) {
  return value.getType() == type ? value : b.create<tensor::CastOp>(value.getLoc(), type, value);
}

// Numbers are true when they are not 0. A tensor that is no scalar would be true when it has
// elements, which nobody asks.
Tensor truthTensor(NodeLowering &n, Value value) {
  // A size is stored first: later stages read a condition from memory.
  if (std::optional<Sizes> sizes = n.elementsOf(value); sizes && sizes->size() == 1) {
    if (std::optional<int64_t> number = constantSize(sizes->front()))
      return n.splat(DT_BOOL, *number != 0, {});
    Value size = n.value(sizes->front());
    return n.generate(DT_BOOL, {}, [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
      Value zero = b.create<arith::ConstantIndexOp>(0);
      Value differs = b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, size, zero);
      return b.create<arith::ExtUIOp>(b.getI8Type(), differs);
    });
  }
  Tensor tensor = n.fetched(value);
  if (!tensor)
    return {};
  if (!n.isOne(n.product(tensor.sizes))) {
    n.fail("a condition that is no scalar");
    return {};
  }
  tensor = n.reshape(tensor, {});
  if (tensor.dtype == DT_BOOL)
    return tensor;
  return n.elementwise({tensor}, DT_BOOL, {}, [](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
    Type type = x[0].getType();
    Value zero = b.create<arith::ConstantOp>(b.getZeroAttr(type));
    Value differs = isa<FloatType>(type)
                        ? b.create<arith::CmpFOp>(arith::CmpFPredicate::UNE, x[0], zero).getResult()
                        : b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, x[0], zero).getResult();
    return b.create<arith::ExtUIOp>(b.getI8Type(), differs);
  });
}

Value readFlag(ImplicitLocOpBuilder &b, const Tensor &flag) {
  Value byte = b.create<tensor::ExtractOp>(flag.value, ValueRange());
  Value zero = b.create<arith::ConstantOp>(b.getI8IntegerAttr(0));
  return b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, byte, zero);
}

Value truth(NodeLowering &n, Value value) {
  Tensor flag = truthTensor(n, value);
  return flag ? readFlag(n.b, flag) : Value();
}

} // namespace firn::kernel
