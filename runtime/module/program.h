// The program of a module, checked: after this, every index in it may be used as it is.
#pragma once

#include "runtime/module/format.h"
#include "runtime/module/memory.h"
#include "runtime/module/status.h"
#include "runtime/schema/debug_generated.h"
#include "runtime/schema/program_generated.h"

namespace firn::runtime {

/// Elements of a vector of a flatbuffer; an absent one is empty.
template <class Vector> uint32_t countOf(const Vector *vector) {
  return vector ? vector->size() : 0;
}

/// While, If and For steps may stand in one another this deep.
constexpr uint32_t kDeepestNesting = 64;

/// Steps that others follow which belong to them.
inline bool isBlock(schema::StepKind kind) {
  return kind == schema::StepKind::While || kind == schema::StepKind::If ||
         kind == schema::StepKind::For;
}

/// A dispatch may have a grid of its own for each of these, from x86-64-v2 on.
constexpr uint32_t kCpuLevels = 3;

/// The first of the three slots of `step`'s grid for code of this level.
inline uint32_t gridStart(const schema::Step &step, uint32_t level) {
  const uint32_t last = kCpuLevels - 1;
  if (countOf(step.grid()) <= 3 || level <= FIRN_CPU_X86_64_V2)
    return 0;
  const uint32_t index = level - FIRN_CPU_X86_64_V2;
  return 3 * (index < last ? index : last);
}

/// What contexts need of a program, and what is asked of its signature.
struct Program {
  const schema::Program *data = nullptr;
  const schema::Debug *names = nullptr; // null: the module has none

  Array<firn_port> inputs, outputs;
  Array<int64_t> portDims;     // of all ports; -1: dynamic
  Array<uint32_t> inputStart;  // of each input its first element in arrays of all inputs' dims
  Array<uint32_t> outputStart; // of each output the same
  uint32_t inputDimCount = 0, outputDimCount = 0;
  uint32_t mostBindings = 0, mostDims = 0; // of a step
  bool reads = false;                      // some slots come from data

  const schema::Dim *dim(uint32_t slot) const { return data->dims()->Get(slot); }
  const schema::Buffer *buffer(uint32_t index) const { return data->buffers()->Get(index); }
  uint32_t stepCount() const { return countOf(data->steps()); }
  uint32_t bufferCount() const { return countOf(data->buffers()); }
  uint32_t slotCount() const { return countOf(data->dims()); }
};

/// Checks the bytes of a program section (8-byte aligned) and fills `program`, which refers to
/// them. `weights`: bytes of those that buffers lie in; 0: there are none.
firn_code readProgram(const unsigned char *data, size_t size, uint64_t weights, Program *program,
                      firn_status *status);

/// The same for a debug section, after the program.
firn_code readNames(const unsigned char *data, size_t size, Program *program, firn_status *status);

} // namespace firn::runtime
