#include "runtime/module/program_slots.h"

#include "runtime/module/dims.h"

namespace firn::runtime {

using schema::DimOp;

firn_code SlotFacts::read(const schema::Program &program, firn_status *status) {
  const uint32_t count = countOf(program.dims());
  if (!facts.allocate(count))
    return failMemory(status, count * sizeof(Fact));
  for (uint32_t slot = 0; slot < count; ++slot)
    if (const char *why = check(program, slot))
      return fail(status, FIRN_DAMAGED, "the program is damaged: slot %u %s", slot, why);
  return FIRN_OK;
}

const char *SlotFacts::check(const schema::Program &program, uint32_t slot) {
  const schema::Dim &dim = *program.dims()->Get(slot);
  switch (dim.op()) {
  case DimOp::Constant:
    facts[slot] = {dim.value(), true, false};
    return nullptr;
  case DimOp::Input:
    if (dim.a() >= countOf(program.inputs()) ||
        dim.b() >= countOf(program.inputs()->Get(dim.a())->dims()))
      return "is a dimension that no input has";
    return nullptr;
  case DimOp::Read:
    if (dim.a() >= slot)
      return "uses a slot that comes after it";
    facts[slot].read = reads = true;
    return nullptr;
  default:
    return dim.op() > DimOp::MAX ? "has an unknown operation" : checkBinary(dim, slot);
  }
}

const char *SlotFacts::checkBinary(const schema::Dim &dim, uint32_t slot) {
  if (dim.a() >= slot || dim.b() >= slot)
    return "uses a slot that comes after it";
  const Fact &a = facts[dim.a()], &b = facts[dim.b()];
  const bool divides =
      dim.op() == DimOp::FloorDiv || dim.op() == DimOp::CeilDiv || dim.op() == DimOp::FloorMod;
  if (divides && b.constant && b.value == 0)
    return "divides by zero";
  Fact &fact = facts[slot];
  fact.read = a.read || b.read;
  fact.constant = a.constant && b.constant;
  if (fact.constant && !computeDim(dim.op(), a.value, b.value, &fact.value))
    return "overflows";
  return nullptr;
}

} // namespace firn::runtime
