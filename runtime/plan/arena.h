// Where buffers lie in one arena: those that live at the same step never overlap. Used by the
// compiler, whose offsets stand in the module, and by the runtime where sizes depend on inputs.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace firn::plan {

/// Offsets are multiples of this.
constexpr uint64_t kAlignment = 64;

/// A buffer of `size` bytes that lives from step `first` to step `last`, both inclusive.
/// `offset` is the planner's answer; 0 for an empty buffer.
struct Interval {
  uint64_t size;
  uint32_t first, last;
  uint64_t offset;
};

/// `size`: of the arena. `bound`: the largest sum of sizes, rounded up to the alignment, that live
/// at one step; `size` is never less.
struct Plan {
  uint64_t size, bound;
};

/// Places all buffers: best fit in several orders (by size, by size and lifetime, by time), keeps
/// the smallest outcome and ends as soon as one meets the bound. The same buffers always get the
/// same plan. Sizes: at most 2^46 bytes each, `first` <= `last`. False where memory lacks.
bool planArena(Interval *buffers, size_t count, Plan *plan);

} // namespace firn::plan
