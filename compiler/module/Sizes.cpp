#include "compiler/module/Sizes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace firn {

using Op = SlotTable::Op;

// Sizes are no smaller than 0: signed and unsigned are the same.
static std::optional<Op> operationOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Op>>(op)
      .Case<arith::AddIOp>([](auto) { return Op::Add; })
      .Case<arith::SubIOp>([](auto) { return Op::Sub; })
      .Case<arith::MulIOp>([](auto) { return Op::Mul; })
      .Case<arith::FloorDivSIOp, arith::DivUIOp, arith::DivSIOp>([](auto) { return Op::FloorDiv; })
      .Case<arith::CeilDivSIOp, arith::CeilDivUIOp>([](auto) { return Op::CeilDiv; })
      .Case<arith::RemSIOp, arith::RemUIOp>([](auto) { return Op::FloorMod; })
      .Case<arith::MaxSIOp, arith::MaxUIOp>([](auto) { return Op::Max; })
      .Case<arith::MinSIOp, arith::MinUIOp>([](auto) { return Op::Min; })
      .Default([](auto) { return std::nullopt; });
}

FailureOr<uint32_t> Sizes::of(Value value) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  Operation *op = value.getDefiningOp();
  assert(op && "arguments of blocks are defined where their steps are");
  FailureOr<uint32_t> slot = compute(op);
  if (succeeded(slot))
    known[value] = *slot;
  return slot;
}

FailureOr<std::vector<uint32_t>> Sizes::of(ValueRange values) {
  std::vector<uint32_t> slots;
  for (Value value : values) {
    FailureOr<uint32_t> slot = of(value);
    if (failed(slot))
      return failure();
    slots.push_back(*slot);
  }
  return slots;
}

FailureOr<uint32_t> Sizes::compute(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return table.constant(cast<IntegerAttr>(constant.getValue()).getInt());
  const std::optional<Op> operation = operationOf(op);
  if (!operation)
    return op->emitError("expected a size that a program can hold, got ") << op->getName();
  FailureOr<uint32_t> a = of(op->getOperand(0)), b = of(op->getOperand(1));
  if (failed(a) || failed(b))
    return failure();
  std::optional<uint32_t> slot = table.binary(*operation, *a, *b);
  if (!slot)
    return op->emitError("a size overflows or is divided by zero: ")
           << op->getName() << " of " << table.value(*a) << " and " << table.value(*b);
  return *slot;
}

} // namespace firn
