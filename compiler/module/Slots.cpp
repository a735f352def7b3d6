#include "compiler/module/Slots.h"

#include "runtime/module/dims.h"

#include <utility>

namespace firn {

using Op = SlotTable::Op;

uint32_t SlotTable::add(Slot slot) {
  auto [it, isNew] = known.try_emplace({slot.op, slot.a, slot.b, slot.value}, uint32_t(all.size()));
  if (isNew)
    all.push_back(slot);
  return it->second;
}

uint32_t SlotTable::set(uint32_t bound) {
  all.push_back({Op::Read, bound, 0, 0});
  return uint32_t(all.size() - 1);
}

// Sizes are no smaller than 0, but differences of them may be: only what holds for all numbers.
std::optional<uint32_t> SlotTable::simplify(Op op, uint32_t a, uint32_t b) {
  switch (op) {
  case Op::Add:
    if (isConstant(a, 0))
      return b;
    [[fallthrough]];
  case Op::Sub:
    if (isConstant(b, 0))
      return a;
    return std::nullopt;
  case Op::Mul:
    if (isConstant(a, 0) || isConstant(b, 0))
      return constant(0);
    if (isConstant(a, 1))
      return b;
    [[fallthrough]];
  case Op::FloorDiv:
  case Op::CeilDiv:
    if (isConstant(b, 1))
      return a;
    return std::nullopt;
  case Op::FloorMod:
    if (isConstant(b, 1))
      return constant(0);
    return std::nullopt;
  case Op::Min:
  case Op::Max:
    if (a == b)
      return a;
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

// (n op 4) op 5 is n op 20: equal products of sizes are one slot, in whichever order they come.
std::optional<uint32_t> SlotTable::joinConstants(Op op, uint32_t a, uint32_t b) {
  if (isConstant(a))
    std::swap(a, b);
  const Slot inner = all[a];
  if (!isConstant(b) || inner.op != op || isConstant(inner.a) == isConstant(inner.b))
    return std::nullopt;
  const uint32_t constant = isConstant(inner.a) ? inner.a : inner.b;
  std::optional<uint32_t> joined = binary(op, constant, b);
  return joined ? binary(op, constant == inner.a ? inner.b : inner.a, *joined) : std::nullopt;
}

std::optional<uint32_t> SlotTable::binary(Op op, uint32_t a, uint32_t b) {
  if (isConstant(a) && isConstant(b)) {
    int64_t result;
    if (!runtime::computeDim(op, value(a), value(b), &result))
      return std::nullopt;
    return constant(result);
  }
  if (std::optional<uint32_t> simple = simplify(op, a, b))
    return simple;
  if (op == Op::Add || op == Op::Mul)
    if (std::optional<uint32_t> joined = joinConstants(op, a, b))
      return joined;
  const bool divides = op == Op::FloorDiv || op == Op::CeilDiv || op == Op::FloorMod;
  if (divides && isConstant(b, 0))
    return std::nullopt;
  const bool commutes = op == Op::Add || op == Op::Mul || op == Op::Min || op == Op::Max;
  if (commutes && a > b)
    std::swap(a, b);
  return add({op, a, b, 0});
}

} // namespace firn
