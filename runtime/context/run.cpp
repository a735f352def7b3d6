// The steps of a program, one after another.
#include <inttypes.h>

#include "runtime/context/context.h"

namespace firn::runtime {
namespace {

using schema::Step;
using schema::StepKind;

const char *describeCode(uint32_t code) {
  switch (code) {
  case FIRN_DISPATCH_INDEX_RANGE:
    return "an index lies outside its dimension";
  case FIRN_DISPATCH_DIVISION:
    return "an integer is divided by zero";
  case FIRN_DISPATCH_SHAPE:
    return "sizes that come from data do not fit";
  case FIRN_DISPATCH_NOT_SOLVABLE:
    return "a matrix is singular, or an iteration does not converge";
  default:
    return "the code reports an unknown error";
  }
}

class Runner {
public:
  Runner(firn_context &context, firn_status *status)
      : context(context), program(context.program()), status(status) {}

  firn_code run() {
    if (!context.module->entry)
      return fail(status, FIRN_NOT_READY, "the module was opened without its code");
    if (firn_code code = bindPorts())
      return code;
    memcpy(context.slots.data(), context.preparedSlots.data(),
           context.slots.size() * sizeof(int64_t));
    if (program.reads)
      memset(context.slotsRead.data(), 0, context.slotsRead.size());
    FloatMode mode;
    firn_code code = runSteps(0, program.stepCount());
    if (!code && program.reads)
      code = finishOutputs();
    return code;
  }

private:
  firn_code bindPorts();
  firn_code finishOutputs();
  firn_code runSteps(uint32_t begin, uint32_t end);
  firn_code runStep(const Step &step, uint32_t index);
  firn_code runDispatchStep(const Step &step, uint32_t index);
  firn_code runCopy(const Step &step, uint32_t index);
  firn_code runWhile(const Step &step, uint32_t index);
  firn_code runIf(const Step &step, uint32_t index);
  firn_code runFor(const Step &step, uint32_t index);
  firn_code readDim(const Step &step, uint32_t index);
  /// Gives a Read slot its value, and those that depend on it theirs.
  firn_code setSlot(uint32_t slot, int64_t value);

  /// Puts the first byte of each binding into `context.bindings`. `bytes` have to follow each.
  firn_code resolve(const Step &step, uint32_t index, uint64_t bytes);
  firn_code readCondition(const Step &step, uint32_t index, bool *condition);
  firn_code failStep(uint32_t index, const char *why);
  void report(const Step &step, uint32_t index, uint64_t start);

  firn_context &context;
  const Program &program;
  firn_status *status;
};

firn_code Runner::bindPorts() {
  for (uint32_t i = 0; i < program.inputs.size(); ++i) {
    const InputState &input = context.inputs[i];
    if (!input.hasData)
      return fail(status, FIRN_NOT_READY, "input '%s' has no data yet: expected firn_set_input",
                  program.inputs[i].name);
    if (firn_code code = checkInputBytes(context, i, status))
      return code;
    context.buffers[program.data->inputs()->Get(i)->buffer()].data =
        static_cast<unsigned char *>(const_cast<void *>(input.data));
  }
  for (uint32_t i = 0; i < program.outputs.size(); ++i) {
    const OutputState &output = context.outputs[i];
    unsigned char *own = context.outputMemory.data() + output.offset;
    context.buffers[program.data->outputs()->Get(i)->buffer()].data =
        output.callers ? static_cast<unsigned char *>(output.callers) : own;
  }
  return FIRN_OK;
}

firn_code Runner::finishOutputs() {
  computeOutputDims(context, context.slots.data());
  for (uint32_t i = 0; i < program.outputs.size(); ++i) {
    const firn_port &port = program.outputs[i];
    const int64_t *dims = context.outputDims.data() + program.outputStart[i];
    const uint32_t buffer = program.data->outputs()->Get(i)->buffer();
    bool fits = true;
    for (uint32_t k = 0; k < port.rank; ++k)
      fits = fits && dims[k] >= 0;
    uint64_t bytes;
    if (!fits || !sizeOfTensor(dims, port.rank, port.dtype, &bytes) ||
        bytes > context.buffers[buffer].size)
      return fail(status, FIRN_FAILED, "output '%s': sizes that come from data do not fit, got %s",
                  port.name, DimsText(dims, port.rank).text);
  }
  return FIRN_OK;
}

firn_code Runner::runSteps(uint32_t begin, uint32_t end) {
  for (uint32_t i = begin; i < end;) {
    const Step &step = *program.data->steps()->Get(i);
    if (firn_code code = runStep(step, i))
      return code;
    i += 1 + (isBlock(step.kind()) ? step.inner() + step.body() : 0);
  }
  return FIRN_OK;
}

firn_code Runner::runStep(const Step &step, uint32_t index) {
  switch (step.kind()) {
  case StepKind::Dispatch:
    return runDispatchStep(step, index);
  case StepKind::Copy:
    return runCopy(step, index);
  case StepKind::While:
    return runWhile(step, index);
  case StepKind::If:
    return runIf(step, index);
  case StepKind::For:
    return runFor(step, index);
  case StepKind::ReadDim:
    return readDim(step, index);
  }
  return FIRN_OK;
}

firn_code Runner::runDispatchStep(const Step &step, uint32_t index) {
  if (firn_code code = resolve(step, index, 0))
    return code;
  const int64_t *slots = context.slots.data();
  for (uint32_t i = 0; i < countOf(step.dims()); ++i)
    context.dims[i] = slots[step.dims()->Get(i)];
  Dispatch dispatch = {context.module->entry,
                       step.function(),
                       context.bindings.data(),
                       context.dims.data(),
                       context.scratch.data(),
                       context.scratchStride,
                       {0, 0, 0}};
  const uint32_t first = gridStart(step, context.module->cpuLevel);
  for (uint32_t i = 0; i < 3; ++i) {
    const int64_t size = slots[step.grid()->Get(first + i)];
    if (size < 0 || size > int64_t(UINT32_MAX))
      return failStep(index, describeCode(FIRN_DISPATCH_SHAPE));
    dispatch.grid[i] = uint32_t(size);
  }
  const int64_t scratch = slots[step.scratch()];
  if (scratch > 0 && uint64_t(scratch) > context.scratchStride)
    return failStep(index, describeCode(FIRN_DISPATCH_SHAPE));
  const uint64_t start = context.hook ? nanosecondsNow() : 0;
  if (uint32_t code = runDispatch(dispatch, context.pool, context.shares.data()))
    return failStep(index, describeCode(code));
  report(step, index, start);
  return FIRN_OK;
}

firn_code Runner::runCopy(const Step &step, uint32_t index) {
  const int64_t size = context.slots[step.size()];
  if (size < 0)
    return failStep(index, describeCode(FIRN_DISPATCH_SHAPE));
  if (firn_code code = resolve(step, index, uint64_t(size)))
    return code;
  const uint64_t start = context.hook ? nanosecondsNow() : 0;
  if (size > 0)
    memcpy(context.bindings[1], context.bindings[0], size_t(size));
  report(step, index, start);
  return FIRN_OK;
}

firn_code Runner::runWhile(const Step &step, uint32_t index) {
  const uint32_t body = index + 1 + step.inner(), end = body + step.body();
  for (;;) {
    bool condition;
    if (firn_code code = runSteps(index + 1, body))
      return code;
    if (firn_code code = readCondition(step, index, &condition))
      return code;
    if (!condition)
      return FIRN_OK;
    if (firn_code code = runSteps(body, end))
      return code;
  }
}

firn_code Runner::runIf(const Step &step, uint32_t index) {
  const uint32_t otherwise = index + 1 + step.inner(), end = otherwise + step.body();
  bool condition;
  if (firn_code code = readCondition(step, index, &condition))
    return code;
  return condition ? runSteps(index + 1, otherwise) : runSteps(otherwise, end);
}

firn_code Runner::runFor(const Step &step, uint32_t index) {
  const int64_t count = context.slots[step.size()];
  for (int64_t i = 0; i < count; ++i) {
    if (firn_code code = setSlot(step.dim(), i))
      return code;
    if (firn_code code = runSteps(index + 1, index + 1 + step.body()))
      return code;
  }
  return FIRN_OK;
}

firn_code Runner::setSlot(uint32_t slot, int64_t value) {
  context.slots[slot] = value;
  context.slotsRead[slot] = 1;
  return evaluateDims(context.dimSource(), slot + 1, context.slots.data(), context.slotsRead.data(),
                      status);
}

firn_code Runner::readDim(const Step &step, uint32_t index) {
  if (firn_code code = resolve(step, index, step.width()))
    return code;
  int64_t value;
  if (step.width() == sizeof(int32_t)) {
    int32_t narrow;
    memcpy(&narrow, context.bindings[0], sizeof narrow);
    value = narrow;
  } else {
    memcpy(&value, context.bindings[0], sizeof value);
  }
  const int64_t bound = context.slots[program.dim(step.dim())->a()];
  if (value < 0 || value > bound)
    return fail(status, FIRN_FAILED,
                "step %u: expected a size between 0 and %" PRId64 ", got %" PRId64, index, bound,
                value);
  return setSlot(step.dim(), value);
}

firn_code Runner::resolve(const Step &step, uint32_t index, uint64_t bytes) {
  const auto *bindings = step.bindings();
  for (uint32_t i = 0; i < countOf(bindings); ++i) {
    const schema::Binding &binding = *bindings->Get(i);
    const BufferState &buffer = context.buffers[binding.buffer()];
    const int64_t offset = context.slots[binding.offset()];
    if (offset < 0 || uint64_t(offset) > buffer.size || bytes > buffer.size - uint64_t(offset))
      return failStep(index, "a binding reaches beyond its buffer");
    context.bindings[i] = buffer.data ? buffer.data + offset : nullptr;
  }
  return FIRN_OK;
}

firn_code Runner::readCondition(const Step &step, uint32_t index, bool *condition) {
  if (firn_code code = resolve(step, index, 1))
    return code;
  *condition = *static_cast<const unsigned char *>(context.bindings[0]) != 0;
  return FIRN_OK;
}

/// Names the step by what the debug section says of it.
firn_code Runner::failStep(uint32_t index, const char *why) {
  const auto *names = program.names ? program.names->dispatches() : nullptr;
  for (uint32_t i = 0; i < countOf(names); ++i) {
    const schema::DispatchName &name = *names->Get(i);
    if (name.step() != index)
      continue;
    const bool node = countOf(name.nodes()) > 0;
    return fail(status, FIRN_FAILED, "step %u, %s%s%s%s: %s", index,
                name.kernel() ? name.kernel()->c_str() : "unnamed", node ? " of node '" : "",
                node ? name.nodes()->Get(0)->c_str() : "", node ? "'" : "", why);
  }
  return fail(status, FIRN_FAILED, "step %u: %s", index, why);
}

void Runner::report(const Step &step, uint32_t index, uint64_t start) {
  if (!context.hook)
    return;
  firn_step event = {index,
                     step.function(),
                     {0, 0, 0},
                     nanosecondsNow() - start,
                     countOf(step.bindings()),
                     context.bindings.data(),
                     context.slots.data()};
  const uint32_t first = gridStart(step, context.module->cpuLevel);
  for (uint32_t i = 0; i < 3 && first + i < countOf(step.grid()); ++i)
    event.grid[i] = uint32_t(context.slots[step.grid()->Get(first + i)]);
  context.hook(context.hookUser, &event);
}

} // namespace
} // namespace firn::runtime

firn_code firn_run(firn_context *context, firn_status *status) {
  if (firn_code code = firn_prepare(context, status))
    return code;
  firn_code code = firn::runtime::Runner(*context, status).run();
  return code ? code : firn::runtime::succeed(status);
}
