#include "compiler/conversion/graph_to_kernel/Place.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace firn::kernel {

Place placeOf(ImplicitLocOpBuilder &b, Value value) {
  if (isa<IndexType>(value.getType()))
    return {&b, value};
  return {&b, b.createOrFold<arith::IndexCastOp>(b.getIndexType(), value)};
}

Place placeOf(ImplicitLocOpBuilder &b, int64_t number) {
  return {&b, b.create<arith::ConstantIndexOp>(number)};
}

Place placeOf(ImplicitLocOpBuilder &b, OpFoldResult size) {
  if (std::optional<int64_t> number = getConstantIntValue(size))
    return placeOf(b, *number);
  return {&b, cast<Value>(size)};
}

SmallVector<Place> placesOf(ImplicitLocOpBuilder &b, ValueRange values) {
  SmallVector<Place> places;
  for (Value value : values)
    places.push_back(placeOf(b, value));
  return places;
}

SmallVector<Value> valuesOf(ArrayRef<Place> places) {
  return llvm::map_to_vector(places, [](Place place) { return place.value; });
}

namespace {

template <typename Op> Place made(Place x, Place y) {
  return {x.b, x.b->createOrFold<Op>(x.value, y.value)};
}

Condition compare(arith::CmpIPredicate predicate, Place x, Place y) {
  return {x.b, x.b->createOrFold<arith::CmpIOp>(predicate, x.value, y.value)};
}

} // namespace

Place operator+(Place x, Place y) { return made<arith::AddIOp>(x, y); }
Place operator-(Place x, Place y) { return made<arith::SubIOp>(x, y); }
Place operator*(Place x, Place y) { return made<arith::MulIOp>(x, y); }
Place operator/(Place x, Place y) { return made<arith::DivSIOp>(x, y); }
Place operator%(Place x, Place y) { return made<arith::RemSIOp>(x, y); }
Place max(Place x, Place y) { return made<arith::MaxSIOp>(x, y); }
Place min(Place x, Place y) { return made<arith::MinSIOp>(x, y); }
Place clamp(Place x, Place size) { return max(min(x, size - 1), placeOf(*x.b, int64_t(0))); }

Condition operator<(Place x, Place y) { return compare(arith::CmpIPredicate::slt, x, y); }
Condition operator==(Place x, Place y) { return compare(arith::CmpIPredicate::eq, x, y); }
Condition isWithin(Place x, Place size) { return compare(arith::CmpIPredicate::ult, x, size); }
Condition operator&&(Condition x, Condition y) {
  return {x.b, x.b->createOrFold<arith::AndIOp>(x.value, y.value)};
}
Condition operator||(Condition x, Condition y) {
  return {x.b, x.b->createOrFold<arith::OrIOp>(x.value, y.value)};
}
Condition operator!(Condition x) {
  Value yes = x.b->create<arith::ConstantOp>(x.b->getBoolAttr(true));
  return {x.b, x.b->createOrFold<arith::XOrIOp>(x.value, yes)};
}

Place choose(Condition condition, Place yes, Place no) {
  return {yes.b, choose(condition, yes.value, no.value)};
}

Value choose(Condition condition, Value yes, Value no) {
  return condition.b->createOrFold<arith::SelectOp>(condition.value, yes, no);
}

Value whereHolds(Condition condition, const std::function<Value(ImplicitLocOpBuilder &)> &yes,
                 Value no) {
  ImplicitLocOpBuilder &b = *condition.b;
  auto conditional = b.create<scf::IfOp>(TypeRange(no.getType()), condition.value, true, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(conditional.thenBlock());
  b.create<scf::YieldOp>(yes(b));
  b.setInsertionPointToStart(conditional.elseBlock());
  b.create<scf::YieldOp>(no);
  return conditional.getResult(0);
}

Value zeroOf(ImplicitLocOpBuilder &b, Type type) {
  auto parts = dyn_cast<ComplexType>(type);
  if (!parts)
    return b.create<arith::ConstantOp>(b.getZeroAttr(type));
  Attribute zero = b.getZeroAttr(parts.getElementType());
  return b.create<complex::ConstantOp>(parts, b.getArrayAttr({zero, zero}));
}

Value foldRange(Place first, Place end, Value start,
                const std::function<Value(ImplicitLocOpBuilder &, Place, Value)> &step) {
  ImplicitLocOpBuilder &b = *first.b;
  Value one = b.create<arith::ConstantIndexOp>(1);
  auto loop = b.create<scf::ForOp>(first.value, end.value, one, start);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  b.create<scf::YieldOp>(step(b, Place{&b, loop.getInductionVar()}, loop.getRegionIterArg(0)));
  return loop.getResult(0);
}

} // namespace firn::kernel
