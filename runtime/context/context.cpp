#include "runtime/context/context.h"

#include <inttypes.h>
#include <stdio.h>

#include "runtime/module/dtype.h"

namespace firn::runtime {
namespace {

firn_code allocateContext(firn_context &context, firn_status *status) {
  const Program &program = context.program();
  const bool all = context.inputs.allocate(program.inputs.size()) &&
                   context.outputs.allocate(program.outputs.size()) &&
                   context.inputDims.allocate(program.inputDimCount) &&
                   context.outputDims.allocate(program.outputDimCount) &&
                   context.preparedSlots.allocate(program.slotCount()) &&
                   context.slots.allocate(program.slotCount()) &&
                   context.slotsRead.allocate(program.slotCount()) &&
                   context.buffers.allocate(program.bufferCount()) &&
                   context.bindings.allocate(program.mostBindings) &&
                   context.dims.allocate(program.mostDims) &&
                   context.shares.allocate(context.pool.threads());
  return all ? FIRN_OK : failMemory(status, program.slotCount() * sizeof(int64_t));
}

/// Inputs without dynamic dimensions need not be told theirs.
void setStaticDims(firn_context &context) {
  const Program &program = context.program();
  for (size_t i = 0; i < program.inputs.size(); ++i) {
    const firn_port &port = program.inputs[i];
    bool isStatic = true;
    for (uint32_t k = 0; k < port.rank; ++k) {
      context.inputDims[program.inputStart[i] + k] = port.dims[k];
      isStatic = isStatic && port.dims[k] >= 0;
    }
    context.inputs[i].hasDims = isStatic;
  }
}

firn_code wrongBytes(const char *kind, const firn_port &port, const int64_t *dims, uint64_t size,
                     size_t bytes, const char *atLeast, firn_status *status) {
  return fail(status, FIRN_INVALID, "%s '%s': expected %s%" PRIu64 " bytes (%s %s), got %zu", kind,
              port.name, atLeast, size, firn_dtype_name(port.dtype), DimsText(dims, port.rank).text,
              bytes);
}

firn_code checkType(const char *kind, const firn_port &port, firn_dtype dtype,
                    firn_status *status) {
  if (port.dtype == dtype)
    return FIRN_OK;
  return fail(status, FIRN_INVALID, "%s '%s': expected dtype %s, got %s (%d)", kind, port.name,
              firn_dtype_name(port.dtype), firn_dtype_name(dtype), int(dtype));
}

/// "x" is the tensor "x:0", as in TensorFlow.
bool isNameOf(const char *port, const char *name) {
  const size_t length = strlen(name);
  return strncmp(port, name, length) == 0 &&
         (port[length] == 0 || strcmp(port + length, ":0") == 0);
}

bool fitSignature(const firn_port &port, const int64_t *dims, uint32_t rank) {
  if (rank != port.rank)
    return false;
  for (uint32_t i = 0; i < rank; ++i)
    if (dims[i] < 0 || dims[i] > kLargestSize || (port.dims[i] >= 0 && port.dims[i] != dims[i]))
      return false;
  return true;
}

} // namespace

uint32_t findPort(const Array<firn_port> &ports, const char *kind, const char *name,
                  firn_status *status) {
  for (uint32_t i = 0; i < ports.size(); ++i)
    if (name && isNameOf(ports[i].name, name))
      return i;
  char names[300] = "none";
  size_t at = 0;
  for (uint32_t i = 0; i < ports.size() && at < sizeof names; ++i)
    at += snprintf(names + at, sizeof names - at, "%s'%s'", i ? ", " : "", ports[i].name);
  fail(status, FIRN_INVALID, "the model has no %s '%s': expected one of %s", kind,
       name ? name : "(null)", names);
  return kNoPort;
}

firn_code finishContext(firn_context *made, firn_context **context, firn_status *status) {
  if (firn_code code = allocateContext(*made, status)) {
    destroy(made);
    return code;
  }
  setStaticDims(*made);
  *context = made;
  return succeed(status);
}

bool sizeOfTensor(const int64_t *dims, uint32_t rank, firn_dtype dtype, uint64_t *bytes) {
  int64_t size = sizeOfType(dtype);
  bool empty = false, fits = true;
  for (uint32_t i = 0; i < rank; ++i) {
    empty = empty || dims[i] == 0;
    fits = fits && !__builtin_mul_overflow(size, dims[i], &size) && size <= kLargestSize;
  }
  *bytes = empty ? 0 : uint64_t(size);
  return empty || fits;
}

void computeOutputDims(firn_context &context, const int64_t *slots) {
  const auto *ports = context.program().data->outputs();
  size_t at = 0;
  for (uint32_t i = 0; i < countOf(ports); ++i) {
    const auto *dims = ports->Get(i)->dims();
    for (uint32_t k = 0; k < countOf(dims); ++k)
      context.outputDims[at++] = slots[dims->Get(k)];
  }
}

firn_code checkInputBytes(const firn_context &context, uint32_t input, firn_status *status) {
  const firn_port &port = context.program().inputs[input];
  const int64_t *dims = context.inputDims.data() + context.program().inputStart[input];
  const InputState &state = context.inputs[input];
  uint64_t size = 0;
  sizeOfTensor(dims, port.rank, port.dtype, &size);
  if (state.bytes != size)
    return wrongBytes("input", port, dims, size, state.bytes, "", status);
  return state.data || size == 0
             ? FIRN_OK
             : fail(status, FIRN_INVALID, "input '%s': expected a pointer, got null", port.name);
}

firn_code checkOutputBytes(const firn_context &context, uint32_t output, firn_status *status) {
  const firn_port &port = context.program().outputs[output];
  const OutputState &state = context.outputs[output];
  const uint32_t buffer = context.program().data->outputs()->Get(output)->buffer();
  const uint64_t size = context.buffers[buffer].size;
  if (!state.callers || state.callersBytes >= size)
    return FIRN_OK;
  return wrongBytes("output", port,
                    context.outputDims.data() + context.program().outputStart[output], size,
                    state.callersBytes, "at least ", status);
}

} // namespace firn::runtime

using namespace firn::runtime;

firn_code firn_context_create_single(firn_module *module, firn_context **context,
                                     firn_status *status) {
  *context = nullptr;
  firn_context *made = create<firn_context>();
  if (!made)
    return failMemory(status, sizeof(firn_context));
  made->module = share(module);
  return finishContext(made, context, status);
}

void firn_context_destroy(firn_context *context) { destroy(context); }

firn_code firn_set_input_dims(firn_context *context, const char *input, const int64_t *dims,
                              uint32_t rank, firn_status *status) {
  const Program &program = context->program();
  const uint32_t index = findPort(program.inputs, "input", input, status);
  if (index == kNoPort)
    return FIRN_INVALID;
  const firn_port &port = program.inputs[index];
  if (!fitSignature(port, dims, rank))
    return fail(status, FIRN_INVALID, "input '%s': expected dims %s, got %s", port.name,
                DimsText(port.dims, port.rank).text, DimsText(dims, rank).text);
  int64_t *own = context->inputDims.data() + program.inputStart[index];
  InputState &state = context->inputs[index];
  if (!state.hasDims || (rank && memcmp(own, dims, rank * sizeof *dims) != 0)) {
    if (rank)
      memcpy(own, dims, rank * sizeof *dims);
    state.hasDims = true;
    context->prepared = false;
  }
  return succeed(status);
}

firn_code firn_set_input(firn_context *context, const char *input, firn_dtype dtype,
                         const void *data, size_t bytes, firn_status *status) {
  const Program &program = context->program();
  const uint32_t index = findPort(program.inputs, "input", input, status);
  if (index == kNoPort)
    return FIRN_INVALID;
  if (firn_code code = checkType("input", program.inputs[index], dtype, status))
    return code;
  InputState &state = context->inputs[index];
  const InputState before = state;
  state.data = data;
  state.bytes = bytes;
  state.hasData = true;
  if (context->prepared)
    if (firn_code code = checkInputBytes(*context, index, status)) {
      state = before;
      return code;
    }
  return succeed(status);
}

firn_code firn_set_output(firn_context *context, const char *output, firn_dtype dtype, void *data,
                          size_t bytes, firn_status *status) {
  const Program &program = context->program();
  const uint32_t index = findPort(program.outputs, "output", output, status);
  if (index == kNoPort)
    return FIRN_INVALID;
  if (firn_code code = checkType("output", program.outputs[index], dtype, status))
    return code;
  OutputState &state = context->outputs[index];
  // Whether the context needs memory for it is settled when it prepares.
  if (!data != !state.callers)
    context->prepared = false;
  const OutputState before = state;
  state.callers = data;
  state.callersBytes = bytes;
  if (context->prepared)
    if (firn_code code = checkOutputBytes(*context, index, status)) {
      state = before;
      return code;
    }
  return succeed(status);
}

firn_code firn_get_output(const firn_context *context, const char *output, firn_tensor *tensor,
                          firn_status *status) {
  const Program &program = context->program();
  const uint32_t index = findPort(program.outputs, "output", output, status);
  if (index == kNoPort)
    return FIRN_INVALID;
  if (!context->prepared)
    return fail(status, FIRN_NOT_READY,
                "output '%s' has no memory yet: expected firn_prepare or "
                "firn_run before",
                output);
  const firn_port &port = program.outputs[index];
  const OutputState &state = context->outputs[index];
  const int64_t *dims = context->outputDims.data() + program.outputStart[index];
  uint64_t bytes = 0;
  sizeOfTensor(dims, port.rank, port.dtype, &bytes);
  void *data = state.callers ? state.callers : context->outputMemory.data() + state.offset;
  *tensor = {port.dtype, port.rank, dims, data, size_t(bytes)};
  return succeed(status);
}

void firn_set_step_hook(firn_context *context, firn_step_hook hook, void *user) {
  context->hook = hook;
  context->hookUser = user;
}

firn_memory firn_context_memory(const firn_context *context) { return context->memory; }

uint32_t firn_context_threads(const firn_context *context) { return context->pool.threads(); }
