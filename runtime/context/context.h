// What belongs to one caller of a module: sizes, memory, threads, pointers.
#pragma once

#include "runtime/context/dispatch.h"
#include "runtime/module/dims.h"
#include "runtime/module/module.h"

namespace firn::runtime {

struct InputState {
  const void *data;
  size_t bytes;
  bool hasData, hasDims;
};

struct OutputState {
  void *callers; // null: `offset` in the context's memory
  size_t callersBytes;
  uint64_t offset;
};

struct BufferState {
  unsigned char *data;
  uint64_t size;
};

} // namespace firn::runtime

struct firn_context {
  ~firn_context() { firn_module_close(module); }

  firn_module *module = nullptr;
  firn::runtime::Pool pool;
  firn_step_hook hook = nullptr;
  void *hookUser = nullptr;

  // Set by the caller.
  firn::runtime::Array<firn::runtime::InputState> inputs;
  firn::runtime::Array<firn::runtime::OutputState> outputs;
  firn::runtime::Array<int64_t> inputDims;

  // Made by firn_prepare.
  bool prepared = false;
  firn::runtime::Array<int64_t> preparedSlots; // what is read in runs at its upper bound
  firn::runtime::Array<int64_t> outputDims;
  firn::runtime::Array<firn::runtime::BufferState> buffers;
  firn::runtime::Block arena, scratch, outputMemory;
  uint64_t scratchStride = 0; // bytes per thread
  firn_memory memory = {};

  // Of a run.
  firn::runtime::Array<int64_t> slots;
  firn::runtime::Array<uint8_t> slotsRead; // which Read slots have been set
  firn::runtime::Array<void *> bindings;   // of the step that runs
  firn::runtime::Array<int64_t> dims;      // of the step that runs
  firn::runtime::Array<firn::runtime::Share> shares;

  const firn::runtime::Program &program() const { return module->program; }
  firn::runtime::DimSource dimSource() const {
    return {program().data, program().inputStart.data(), inputDims.data()};
  }
};

namespace firn::runtime {

/// Allocates what the module's program asks for: gives the context away, or ends it.
firn_code finishContext(firn_context *made, firn_context **context, firn_status *status);

constexpr uint32_t kNoPort = UINT32_MAX;

/// The port's index, or kNoPort and a message that lists the names there are.
uint32_t findPort(const Array<firn_port> &ports, const char *kind, const char *name,
                  firn_status *status);

/// Fills `dims` of all outputs from slots.
void computeOutputDims(firn_context &context, const int64_t *slots);

/// The size in bytes of a tensor; false where it is larger than any memory.
bool sizeOfTensor(const int64_t *dims, uint32_t rank, firn_dtype dtype, uint64_t *bytes);

/// Whether the memory given for an input has the size of the tensor. After prepare.
firn_code checkInputBytes(const firn_context &context, uint32_t input, firn_status *status);
firn_code checkOutputBytes(const firn_context &context, uint32_t output, firn_status *status);

} // namespace firn::runtime
