// From the dims of all inputs to sizes and memory.
#include <inttypes.h>

#include "runtime/context/context.h"
#include "runtime/plan/arena.h"

namespace firn::runtime {
namespace {

using schema::Space;

/// Of all buffers: offsets stay far from an overflow.
constexpr uint64_t kLargestTotal = uint64_t(1) << 56;

class Preparer {
public:
  Preparer(firn_context &context, firn_status *status)
      : context(context), program(context.program()), slots(context.preparedSlots.data()),
        status(status) {}

  firn_code prepare() {
    for (auto step : {&Preparer::requireDims, &Preparer::computeSlots, &Preparer::checkInputs,
                      &Preparer::sizeBuffers, &Preparer::checkOutputs, &Preparer::placeArena,
                      &Preparer::placeScratch, &Preparer::placeOutputs})
      if (firn_code code = (this->*step)())
        return code;
    return FIRN_OK;
  }

private:
  firn_code requireDims();
  firn_code computeSlots();
  firn_code checkInputs();
  firn_code sizeBuffers();
  firn_code checkOutputs();
  firn_code placeArena();
  firn_code planArena(uint64_t *size);
  firn_code placeScratch();
  firn_code placeOutputs();
  firn_code reserve(Block &block, uint64_t size);

  firn_context &context;
  const Program &program;
  int64_t *slots;
  firn_status *status;
};

firn_code Preparer::requireDims() {
  for (size_t i = 0; i < program.inputs.size(); ++i) {
    const firn_port &port = program.inputs[i];
    if (!context.inputs[i].hasDims)
      return fail(status, FIRN_NOT_READY,
                  "input '%s' has no dims yet: expected firn_set_input_dims with %s", port.name,
                  DimsText(port.dims, port.rank).text);
  }
  return FIRN_OK;
}

firn_code Preparer::computeSlots() {
  return evaluateDims(context.dimSource(), 0, slots, nullptr, status);
}

/// Dims that the signature ties to one another, and the size of what the caller gives.
firn_code Preparer::checkInputs() {
  for (uint32_t i = 0; i < program.inputs.size(); ++i) {
    const firn_port &port = program.inputs[i];
    const schema::Port &source = *program.data->inputs()->Get(i);
    const int64_t *given = context.inputDims.data() + program.inputStart[i];
    for (uint32_t k = 0; k < port.rank; ++k) {
      const int64_t expected = slots[source.dims()->Get(k)];
      if (given[k] != expected)
        return fail(status, FIRN_INVALID,
                    "input '%s': expected %" PRId64
                    " as dimension %u for the dims of the other inputs, got %s",
                    port.name, expected, k, DimsText(given, port.rank).text);
    }
    uint64_t bytes;
    if (!sizeOfTensor(given, port.rank, port.dtype, &bytes))
      return fail(status, FIRN_INVALID, "input '%s': dims %s are too large", port.name,
                  DimsText(given, port.rank).text);
    if (slots[program.buffer(source.buffer())->size()] > int64_t(bytes))
      return fail(status, FIRN_DAMAGED, "the program is damaged: input '%s' is read beyond its end",
                  port.name);
  }
  return FIRN_OK;
}

firn_code Preparer::sizeBuffers() {
  uint64_t total = 0;
  for (uint32_t i = 0; i < program.bufferCount(); ++i) {
    const schema::Buffer &buffer = *program.buffer(i);
    const int64_t size = slots[buffer.size()];
    if (size < 0 || size > kLargestSize || (total += uint64_t(size)) > kLargestTotal)
      return fail(status, FIRN_INVALID,
                  "the model has no sizes for these dims: buffer %u of %" PRId64 " bytes", i, size);
    context.buffers[i].size = uint64_t(size);
    context.buffers[i].data =
        buffer.space() == Space::Weights
            ? const_cast<unsigned char *>(context.module->weights) + buffer.offset()
            : nullptr;
  }
  return FIRN_OK;
}

firn_code Preparer::checkOutputs() {
  computeOutputDims(context, slots);
  for (uint32_t i = 0; i < program.outputs.size(); ++i) {
    const firn_port &port = program.outputs[i];
    const int64_t *dims = context.outputDims.data() + program.outputStart[i];
    const uint32_t buffer = program.data->outputs()->Get(i)->buffer();
    bool sizes = true;
    for (uint32_t k = 0; k < port.rank; ++k)
      sizes = sizes && dims[k] >= 0;
    uint64_t bytes;
    if (!sizes || !sizeOfTensor(dims, port.rank, port.dtype, &bytes))
      return fail(status, FIRN_INVALID, "output '%s': the model has no sizes for these dims",
                  port.name);
    if (bytes > context.buffers[buffer].size)
      return fail(status, FIRN_DAMAGED,
                  "the program is damaged: output '%s' is larger than its buffer", port.name);
    if (firn_code code = checkOutputBytes(context, i, status))
      return code;
  }
  return FIRN_OK;
}

firn_code Preparer::placeArena() {
  uint64_t size = program.data->arena_size();
  context.memory.arena_bound = program.data->arena_bound();
  const bool planned = size > 0;
  if (!planned)
    if (firn_code code = planArena(&size))
      return code;
  if (firn_code code = reserve(context.arena, size))
    return code;
  context.memory.arena = size;
  for (uint32_t i = 0; i < program.bufferCount(); ++i) {
    const schema::Buffer &buffer = *program.buffer(i);
    if (buffer.space() != Space::Arena)
      continue;
    // Until here `data` of a buffer that has just been planned counts from null.
    const uint64_t offset = planned ? buffer.offset() : uintptr_t(context.buffers[i].data);
    context.buffers[i].data = context.arena.data() + offset;
  }
  return FIRN_OK;
}

/// Leaves each buffer's offset in its `data`.
firn_code Preparer::planArena(uint64_t *size) {
  Array<plan::Interval> intervals;
  if (!intervals.allocate(program.bufferCount()))
    return failMemory(status, program.bufferCount() * sizeof(plan::Interval));
  for (uint32_t i = 0; i < program.bufferCount(); ++i) {
    const schema::Buffer &buffer = *program.buffer(i);
    const bool inArena = buffer.space() == Space::Arena;
    intervals[i] = {inArena ? context.buffers[i].size : 0, inArena ? buffer.first() : 0,
                    inArena ? buffer.last() : 0, 0};
  }
  plan::Plan plan;
  if (!plan::planArena(intervals.data(), intervals.size(), &plan))
    return failMemory(status, program.bufferCount() * sizeof(plan::Interval));
  for (uint32_t i = 0; i < program.bufferCount(); ++i)
    if (program.buffer(i)->space() == Space::Arena)
      context.buffers[i].data = reinterpret_cast<unsigned char *>(uintptr_t(intervals[i].offset));
  *size = plan.size;
  context.memory.arena_bound = plan.bound;
  return FIRN_OK;
}

firn_code Preparer::placeScratch() {
  int64_t largest = 0;
  for (uint32_t i = 0; i < program.stepCount(); ++i) {
    const schema::Step &step = *program.data->steps()->Get(i);
    if (step.kind() == schema::StepKind::Dispatch && slots[step.scratch()] > largest)
      largest = slots[step.scratch()];
  }
  if (largest > kLargestSize)
    return failMemory(status, uint64_t(largest));
  context.scratchStride = largest ? alignUp(uint64_t(largest), kAlignment) + kAlignment : 0;
  context.memory.scratch = context.scratchStride * context.pool.threads();
  return reserve(context.scratch, context.memory.scratch);
}

firn_code Preparer::placeOutputs() {
  uint64_t size = 0;
  for (uint32_t i = 0; i < program.outputs.size(); ++i) {
    if (context.outputs[i].callers)
      continue;
    context.outputs[i].offset = size;
    const uint32_t buffer = program.data->outputs()->Get(i)->buffer();
    size += alignUp(context.buffers[buffer].size, kAlignment) + kAlignment;
  }
  context.memory.outputs = size;
  return reserve(context.outputMemory, size);
}

firn_code Preparer::reserve(Block &block, uint64_t size) {
  return block.reserve(size) ? FIRN_OK : failMemory(status, size);
}

} // namespace
} // namespace firn::runtime

firn_code firn_prepare(firn_context *context, firn_status *status) {
  if (context->prepared)
    return firn::runtime::succeed(status);
  if (firn_code code = firn::runtime::Preparer(*context, status).prepare())
    return code;
  context->prepared = true;
  return firn::runtime::succeed(status);
}
