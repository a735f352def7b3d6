// The numbers of a program: constants, dimensions of inputs, and what is computed from them.
#pragma once

#include "runtime/schema/program_generated.h"

#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace firn {

/// Collects the slots of a program. Constants are folded, equal slots are one. Slot 0 is the
/// constant 0.
class SlotTable {
public:
  using Op = schema::DimOp;
  struct Slot {
    Op op;
    uint32_t a, b;
    int64_t value;
  };

  SlotTable() { constant(0); }

  uint32_t constant(int64_t value) { return add({Op::Constant, 0, 0, value}); }
  /// Dimension `axis` of input `input`.
  uint32_t dimension(uint32_t input, uint32_t axis) { return add({Op::Input, input, axis, 0}); }
  /// `a op b`; nothing where constants have no such number: overflow, division by zero.
  std::optional<uint32_t> binary(Op op, uint32_t a, uint32_t b);
  /// A slot that a step sets, a new one each time; `bound` is at least as large.
  uint32_t set(uint32_t bound);

  bool isConstant(uint32_t slot) const { return all[slot].op == Op::Constant; }
  bool isConstant(uint32_t slot, int64_t value) const {
    return isConstant(slot) && all[slot].value == value;
  }
  int64_t value(uint32_t slot) const { return all[slot].value; }
  const std::vector<Slot> &slots() const { return all; }

private:
  uint32_t add(Slot slot);
  std::optional<uint32_t> simplify(Op op, uint32_t a, uint32_t b);
  std::optional<uint32_t> joinConstants(Op op, uint32_t a, uint32_t b);

  std::vector<Slot> all;
  std::map<std::tuple<Op, uint32_t, uint32_t, int64_t>, uint32_t> known;
};

} // namespace firn
