#include "runtime/module/program.h"

#include <string.h>

#include "runtime/module/dtype.h"
#include "runtime/module/program_slots.h"

namespace firn::runtime {
namespace {

using schema::Space;
using schema::StepKind;

constexpr uint32_t kVerifierDepth = 64, kVerifierTables = 1u << 24;

firn_code damaged(firn_status *status, const char *what, uint32_t index, const char *why) {
  return fail(status, FIRN_DAMAGED, "the program is damaged: %s %u %s", what, index, why);
}

class Checker {
public:
  Checker(Program &program, uint64_t weights, firn_status *status)
      : program(program), data(*program.data), weights(weights), status(status) {}

  firn_code check() {
    if (firn_code code = slots.read(data, status))
      return code;
    program.reads = slots.anyRead();
    if (!owned.allocate(program.bufferCount()))
      return failMemory(status, program.bufferCount());
    if (firn_code code = checkBuffers())
      return code;
    if (firn_code code = checkPorts())
      return code;
    return checkSteps(0, program.stepCount(), 0);
  }

private:
  firn_code checkBuffers();
  const char *checkBuffer(const schema::Buffer &buffer);
  const char *checkArena(const schema::Buffer &buffer);
  const char *checkWeights(const schema::Buffer &buffer);

  firn_code checkPorts();
  firn_code checkPortsOf(const flatbuffers::Vector<flatbuffers::Offset<schema::Port>> *ports,
                         bool input, Array<firn_port> *result, Array<uint32_t> *start,
                         int64_t *dims);
  const char *checkPort(const schema::Port &port, bool input);
  void describe(const schema::Port &port, int64_t *dims, firn_port *result);

  firn_code checkSteps(uint32_t begin, uint32_t end, uint32_t depth);
  const char *checkStep(const schema::Step &step, uint32_t room, uint32_t depth);
  const char *checkBindings(const schema::Step &step);
  const char *checkDispatch(const schema::Step &step);
  const char *checkCopy(const schema::Step &step);
  bool isSetInRuns(uint32_t slot) const {
    return slots.has(slot) && program.dim(slot)->op() == schema::DimOp::Read;
  }

  Program &program;
  const schema::Program &data;
  uint64_t weights;
  firn_status *status;
  SlotFacts slots;
  Array<uint8_t> owned; // buffers that belong to a port
};

// ---- Buffers

firn_code Checker::checkBuffers() {
  if (data.arena_size() > uint64_t(kLargestSize))
    return fail(status, FIRN_DAMAGED, "the program is damaged: its arena is too large");
  for (uint32_t i = 0; i < program.bufferCount(); ++i)
    if (const char *why = checkBuffer(*program.buffer(i)))
      return damaged(status, "buffer", i, why);
  return FIRN_OK;
}

const char *Checker::checkBuffer(const schema::Buffer &buffer) {
  if (!slots.has(buffer.size()) || !slots.maySize(buffer.size()))
    return "has no size";
  switch (buffer.space()) {
  case Space::Arena:
    return checkArena(buffer);
  case Space::Weights:
    return checkWeights(buffer);
  case Space::Input:
  case Space::Output:
    return nullptr;
  }
  return "lies nowhere";
}

const char *Checker::checkArena(const schema::Buffer &buffer) {
  if (buffer.first() > buffer.last() || buffer.last() >= program.stepCount())
    return "lives at steps that do not exist";
  if (data.arena_size() == 0)
    return nullptr;
  if (!slots.isConstant(buffer.size()))
    return "has a dynamic size in a planned arena";
  const uint64_t size = uint64_t(slots.value(buffer.size()));
  if (buffer.offset() % kAlignment || size > data.arena_size() ||
      buffer.offset() > data.arena_size() - size)
    return "reaches beyond the arena";
  return nullptr;
}

const char *Checker::checkWeights(const schema::Buffer &buffer) {
  if (!slots.isConstant(buffer.size()))
    return "has a dynamic size in the weights";
  const uint64_t size = uint64_t(slots.value(buffer.size())) + kAlignment;
  if (buffer.offset() % kAlignment || size > weights || buffer.offset() > weights - size)
    return "reaches beyond the weights";
  return nullptr;
}

// ---- Ports

firn_code Checker::checkPorts() {
  uint64_t total = 0;
  for (const auto *ports : {data.inputs(), data.outputs()})
    for (uint32_t i = 0; i < countOf(ports); ++i)
      total += countOf(ports->Get(i)->dims());
  if (!program.portDims.allocate(total))
    return failMemory(status, total * sizeof(int64_t));
  if (firn_code code = checkPortsOf(data.inputs(), true, &program.inputs, &program.inputStart,
                                    program.portDims.data()))
    return code;
  for (const firn_port &port : program.inputs)
    program.inputDimCount += port.rank;
  if (firn_code code = checkPortsOf(data.outputs(), false, &program.outputs, &program.outputStart,
                                    program.portDims.data() + program.inputDimCount))
    return code;
  program.outputDimCount = uint32_t(total - program.inputDimCount);
  for (uint32_t i = 0; i < program.bufferCount(); ++i) {
    const Space space = program.buffer(i)->space();
    if (!owned[i] && (space == Space::Input || space == Space::Output))
      return damaged(status, "buffer", i, "belongs to no input or output");
  }
  return FIRN_OK;
}

firn_code Checker::checkPortsOf(const flatbuffers::Vector<flatbuffers::Offset<schema::Port>> *ports,
                                bool input, Array<firn_port> *result, Array<uint32_t> *start,
                                int64_t *dims) {
  const char *kind = input ? "input" : "output";
  const uint32_t count = countOf(ports);
  if (!result->allocate(count) || !start->allocate(count))
    return failMemory(status, count * sizeof(firn_port));
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (const char *why = checkPort(*ports->Get(i), input))
      return damaged(status, kind, i, why);
    describe(*ports->Get(i), dims + at, &(*result)[i]);
    (*start)[i] = at;
    at += (*result)[i].rank;
    for (uint32_t before = 0; before < i; ++before)
      if (strcmp((*result)[before].name, (*result)[i].name) == 0)
        return damaged(status, kind, i, "has the name of another");
  }
  return FIRN_OK;
}

const char *Checker::checkPort(const schema::Port &port, bool input) {
  if (!port.name() || sizeOfType(port.dtype()) == 0)
    return "has no name or no type";
  for (uint32_t i = 0; i < countOf(port.dims()); ++i) {
    const uint32_t slot = port.dims()->Get(i);
    if (!slots.has(slot) || !slots.maySize(slot))
      return "has a dimension that is no size";
    if (input && slots.isRead(slot))
      return "has a dimension that comes from data";
  }
  if (port.buffer() >= program.bufferCount() || owned[port.buffer()])
    return "has no buffer of its own";
  owned[port.buffer()] = 1;
  if (program.buffer(port.buffer())->space() != (input ? Space::Input : Space::Output))
    return "has a buffer of another kind";
  return nullptr;
}

void Checker::describe(const schema::Port &port, int64_t *dims, firn_port *result) {
  const uint32_t rank = countOf(port.dims());
  for (uint32_t i = 0; i < rank; ++i) {
    const uint32_t slot = port.dims()->Get(i);
    dims[i] = slots.isConstant(slot) ? slots.value(slot) : -1;
  }
  *result = {port.name()->c_str(), firn_dtype(port.dtype()), rank, dims};
}

// ---- Steps

firn_code Checker::checkSteps(uint32_t begin, uint32_t end, uint32_t depth) {
  for (uint32_t i = begin; i < end; ++i) {
    const schema::Step &step = *data.steps()->Get(i);
    if (const char *why = checkStep(step, end - i - 1, depth))
      return damaged(status, "step", i, why);
    if (!isBlock(step.kind()))
      continue;
    const uint32_t middle = i + 1 + step.inner(), last = middle + step.body();
    if (firn_code code = checkSteps(i + 1, middle, depth + 1))
      return code;
    if (firn_code code = checkSteps(middle, last, depth + 1))
      return code;
    i = last - 1;
  }
  return FIRN_OK;
}

/// `room`: how many steps follow this one in the block that it belongs to.
const char *Checker::checkStep(const schema::Step &step, uint32_t room, uint32_t depth) {
  if (const char *why = checkBindings(step))
    return why;
  const uint32_t bindings = countOf(step.bindings());
  switch (step.kind()) {
  case StepKind::Dispatch:
    return checkDispatch(step);
  case StepKind::Copy:
    return checkCopy(step);
  case StepKind::While:
  case StepKind::If:
    if (depth == kDeepestNesting)
      return "is nested too deep";
    if (step.inner() > room || step.body() > room - step.inner())
      return "holds more steps than there are";
    return bindings == 1 ? nullptr : "has no condition";
  case StepKind::For:
    if (depth == kDeepestNesting)
      return "is nested too deep";
    if (step.inner() != 0 || step.body() > room)
      return "holds more steps than there are";
    if (!slots.has(step.size()))
      return "has no count";
    return isSetInRuns(step.dim()) ? nullptr : "counts in no slot that is for reading";
  case StepKind::ReadDim:
    if (bindings != 1 || !isSetInRuns(step.dim()))
      return "reads no slot that is for reading";
    return step.width() == 4 || step.width() == 8 ? nullptr : "reads no int32 or int64";
  }
  return "is of no known kind";
}

const char *Checker::checkBindings(const schema::Step &step) {
  const uint32_t count = countOf(step.bindings());
  if (count > program.mostBindings)
    program.mostBindings = count;
  for (uint32_t i = 0; i < count; ++i) {
    const schema::Binding &binding = *step.bindings()->Get(i);
    if (binding.buffer() >= program.bufferCount() || !slots.has(binding.offset()))
      return "has a binding without a buffer";
    const uint32_t size = program.buffer(binding.buffer())->size();
    const int64_t largest = slots.isConstant(size) ? slots.value(size) : kLargestSize;
    if (!slots.maySize(binding.offset(), largest))
      return "has a binding outside of its buffer";
  }
  return nullptr;
}

const char *Checker::checkDispatch(const schema::Step &step) {
  if (step.function() >= data.functions())
    return "calls a function that does not exist";
  const uint32_t sizes = countOf(step.grid());
  if (sizes != 3 && sizes != 3 * kCpuLevels)
    return "has no grid";
  for (uint32_t i = 0; i < sizes; ++i)
    if (!slots.has(step.grid()->Get(i)) || !slots.maySize(step.grid()->Get(i), UINT32_MAX))
      return "has no grid";
  if (!slots.has(step.scratch()) || !slots.maySize(step.scratch()))
    return "has no size of its scratch";
  const uint32_t count = countOf(step.dims());
  if (count > program.mostDims)
    program.mostDims = count;
  for (uint32_t i = 0; i < count; ++i)
    if (!slots.has(step.dims()->Get(i)))
      return "lists a slot that does not exist";
  return nullptr;
}

const char *Checker::checkCopy(const schema::Step &step) {
  if (countOf(step.bindings()) != 2 || !slots.has(step.size()) || !slots.maySize(step.size()))
    return "copies nothing";
  const Space to = program.buffer(step.bindings()->Get(1)->buffer())->space();
  return to == Space::Arena || to == Space::Output ? nullptr : "copies to what is read-only";
}

} // namespace

firn_code readProgram(const unsigned char *data, size_t size, uint64_t weights, Program *program,
                      firn_status *status) {
  if (size >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return fail(status, FIRN_DAMAGED, "the program is damaged: it is too large");
  flatbuffers::Verifier verifier(data, size, kVerifierDepth, kVerifierTables);
  if (!schema::VerifyProgramBuffer(verifier))
    return fail(status, FIRN_DAMAGED, "the program is damaged: it is no flatbuffer of its kind");
  program->data = schema::GetProgram(data);
  return Checker(*program, weights, status).check();
}

namespace {

bool areKnown(const flatbuffers::Vector<flatbuffers::Offset<schema::PortKey>> *keys,
              const Array<firn_port> &ports) {
  for (uint32_t i = 0; i < countOf(keys); ++i)
    if (keys->Get(i)->port() >= ports.size() || !keys->Get(i)->key())
      return false;
  return true;
}

} // namespace

firn_code readNames(const unsigned char *data, size_t size, Program *program, firn_status *status) {
  const char *text = "the debug names are damaged";
  if (size >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return fail(status, FIRN_DAMAGED, "%s: they are too large", text);
  flatbuffers::Verifier verifier(data, size, kVerifierDepth, kVerifierTables);
  if (!schema::VerifyDebugBuffer(verifier))
    return fail(status, FIRN_DAMAGED, "%s: they are no flatbuffer of their kind", text);
  const schema::Debug *names = schema::GetDebug(data);
  for (uint32_t i = 0; i < countOf(names->dispatches()); ++i) {
    const schema::DispatchName &name = *names->dispatches()->Get(i);
    if (name.step() >= program->stepCount() || name.flops() >= program->slotCount() ||
        name.bytes() >= program->slotCount())
      return fail(status, FIRN_DAMAGED, "%s: dispatch %u names what does not exist", text, i);
  }
  for (uint32_t i = 0; i < countOf(names->tensors()); ++i) {
    const schema::TensorName &name = *names->tensors()->Get(i);
    bool known = name.step() < program->stepCount() && name.tensor() &&
                 name.binding() < countOf(program->data->steps()->Get(name.step())->bindings());
    for (uint32_t k = 0; k < countOf(name.dims()); ++k)
      known = known && name.dims()->Get(k) < program->slotCount();
    if (!known)
      return fail(status, FIRN_DAMAGED, "%s: tensor %u names what does not exist", text, i);
  }
  if (!areKnown(names->inputs(), program->inputs) || !areKnown(names->outputs(), program->outputs))
    return fail(status, FIRN_DAMAGED, "%s: a key belongs to no input or output", text);
  program->names = names;
  return FIRN_OK;
}

} // namespace firn::runtime
