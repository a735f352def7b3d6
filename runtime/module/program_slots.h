// What is known of a program's slots before inputs have dims.
#pragma once

#include "runtime/module/program.h"

namespace firn::runtime {

/// Which slots are constants, and which depend on what is read in a run.
class SlotFacts {
public:
  /// Checks all slots; messages name the first that is wrong.
  firn_code read(const schema::Program &program, firn_status *status);

  bool has(uint32_t slot) const { return slot < facts.size(); }
  bool isConstant(uint32_t slot) const { return facts[slot].constant; }
  bool isRead(uint32_t slot) const { return facts[slot].read; }
  int64_t value(uint32_t slot) const { return facts[slot].value; }
  bool anyRead() const { return reads; }

  /// Not a constant, or one between 0 and `largest`.
  bool maySize(uint32_t slot, int64_t largest = kLargestSize) const {
    return !isConstant(slot) || (value(slot) >= 0 && value(slot) <= largest);
  }

private:
  struct Fact {
    int64_t value; // of a constant
    bool constant, read;
  };
  const char *check(const schema::Program &program, uint32_t slot);
  const char *checkBinary(const schema::Dim &dim, uint32_t slot);

  Array<Fact> facts;
  bool reads = false;
};

} // namespace firn::runtime
