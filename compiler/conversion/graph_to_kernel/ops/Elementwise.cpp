// Element by element.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace firn::kernel {
namespace {

template <typename FloatOp, typename IntegerOp> void binary(NodeLowering &n) {
  n.give(
      n.elementwise(n.inputs(), n.outDtype(), [](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
        if (isa<FloatType>(x[0].getType()))
          return b.create<FloatOp>(x[0], x[1]);
        return b.create<IntegerOp>(x[0], x[1]);
      }));
}

Value numberLike(ImplicitLocOpBuilder &b, Type type, double number) {
  if (isa<FloatType>(type))
    return b.create<arith::ConstantOp>(b.getFloatAttr(type, number));
  return b.create<arith::ConstantOp>(b.getIntegerAttr(type, static_cast<int64_t>(number)));
}

// 0 > x ? 0 : x is one instruction, and passes NaN on as TensorFlow does.
void relu(NodeLowering &n) {
  n.give(
      n.elementwise(n.inputs(), n.outDtype(), [](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
        Value zero = numberLike(b, x[0].getType(), 0);
        if (!isa<FloatType>(x[0].getType()))
          return b.create<arith::MaxSIOp>(x[0], zero);
        Value negative = b.create<arith::CmpFOp>(arith::CmpFPredicate::OGT, zero, x[0]);
        return b.create<arith::SelectOp>(negative, zero, x[0]);
      }));
}

void tanh(NodeLowering &n) {
  n.give(
      n.elementwise(n.inputs(), n.outDtype(), [](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
        return b.create<math::TanhOp>(x[0]);
      }));
}

const LoweringEntry kElementwise[] = {
    {"Add", binary<arith::AddFOp, arith::AddIOp>}, {"AddV2", binary<arith::AddFOp, arith::AddIOp>},
    {"Mul", binary<arith::MulFOp, arith::MulIOp>}, {"Relu", relu},
    {"Sub", binary<arith::SubFOp, arith::SubIOp>}, {"Tanh", tanh},
};

} // namespace

Lowerings elementwiseLowerings() { return kElementwise; }

} // namespace firn::kernel
