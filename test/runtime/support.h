// Modules made by the tests themselves: a program said in a few words, code from code.c.
#pragma once

#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/firn/runtime.h"
#include "runtime/module/writer.h"
#include "runtime/schema/debug_generated.h"
#include "runtime/schema/program_generated.h"
#include "test/runtime/functions.h"

namespace firn::runtime {

using schema::DimOp;
using schema::Space;
using schema::StepKind;

/// Collects a program; every index is what a function here returned. Slot 0 is the constant 0.
class TestProgram {
public:
  struct Step {
    StepKind kind = StepKind::Dispatch;
    uint32_t function = 0;
    std::vector<uint32_t> buffers;
    std::vector<uint32_t> dims, grid;
    uint32_t scratch = 0, size = 0, inner = 0, body = 0, dim = 0;
    uint8_t width = 0;
    std::vector<uint32_t> offsets = {}; // of bindings; slot 0 where absent
  };
  struct Dim {
    DimOp op;
    uint32_t a, b;
    int64_t value;
  };
  struct Buffer {
    Space space;
    uint32_t size;
    uint64_t offset;
    uint32_t first, last;
  };
  struct Port {
    std::string name;
    int32_t dtype;
    std::vector<uint32_t> dims;
    uint32_t buffer;
  };

  uint32_t constant(int64_t value) { return slot({DimOp::Constant, 0, 0, value}); }
  uint32_t inputDim(uint32_t input, uint32_t dim) { return slot({DimOp::Input, input, dim, 0}); }
  uint32_t dim(DimOp op, uint32_t a, uint32_t b = 0) { return slot({op, a, b, 0}); }

  /// Of the arena: lives through all steps.
  uint32_t buffer(Space space, uint32_t size, uint64_t offset = 0) {
    buffers.push_back({space, size, offset, 0, UINT32_MAX});
    return uint32_t(buffers.size() - 1);
  }
  uint32_t input(const std::string &name, firn_dtype dtype, std::vector<uint32_t> dims,
                 uint32_t bytes) {
    inputs.push_back({name, dtype, std::move(dims), buffer(Space::Input, bytes)});
    return inputs.back().buffer;
  }
  uint32_t output(const std::string &name, firn_dtype dtype, std::vector<uint32_t> dims,
                  uint32_t bytes) {
    outputs.push_back({name, dtype, std::move(dims), buffer(Space::Output, bytes)});
    return outputs.back().buffer;
  }

  void dispatch(uint32_t function, std::vector<uint32_t> of, std::vector<uint32_t> dims = {},
                std::vector<uint32_t> grid = {}, uint32_t scratch = 0) {
    if (grid.empty())
      grid = {one(), one(), one()};
    steps.push_back(
        {StepKind::Dispatch, function, std::move(of), std::move(dims), std::move(grid), scratch});
  }
  void copy(uint32_t from, uint32_t to, uint32_t size) {
    steps.push_back({StepKind::Copy, 0, {from, to}, {}, {}, 0, size});
  }
  void readDim(uint32_t from, uint32_t slot, uint8_t width) {
    steps.push_back({StepKind::ReadDim, 0, {from}, {}, {}, 0, 0, 0, 0, slot, width});
  }
  /// A While or If whose steps follow.
  void block(StepKind kind, uint32_t condition, uint32_t inner, uint32_t body) {
    steps.push_back({kind, 0, {condition}, {}, {}, 0, 0, inner, body});
  }
  /// A loop over the `body` steps that follow; the slot that counts.
  uint32_t loop(uint32_t count, uint32_t body) {
    const uint32_t counter = dim(DimOp::Read, count);
    steps.push_back({StepKind::For, 0, {}, {}, {}, 0, count, 0, body, counter});
    return counter;
  }
  uint32_t one() { return oneSlot ? oneSlot : oneSlot = constant(1); }

  std::string finish() const;

  std::vector<Dim> dims = {{DimOp::Constant, 0, 0, 0}};
  std::vector<Port> inputs, outputs;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  uint32_t functions = kFunctions;
  uint64_t arenaSize = 0;

private:
  uint32_t slot(Dim dim) {
    dims.push_back(dim);
    return uint32_t(dims.size() - 1);
  }
  uint32_t oneSlot = 0;
};

using PortOffsets = std::vector<flatbuffers::Offset<schema::Port>>;

inline PortOffsets encodePorts(flatbuffers::FlatBufferBuilder &builder,
                               const std::vector<TestProgram::Port> &ports) {
  PortOffsets result;
  for (const TestProgram::Port &port : ports)
    result.push_back(
        schema::CreatePortDirect(builder, port.name.c_str(), port.dtype, &port.dims, port.buffer));
  return result;
}

inline flatbuffers::Offset<schema::Step> encodeStep(flatbuffers::FlatBufferBuilder &builder,
                                                    const TestProgram::Step &step) {
  std::vector<flatbuffers::Offset<schema::Binding>> bindings;
  for (size_t i = 0; i < step.buffers.size(); ++i)
    bindings.push_back(schema::CreateBinding(builder, step.buffers[i],
                                             i < step.offsets.size() ? step.offsets[i] : 0));
  return schema::CreateStepDirect(builder, step.kind, step.function, &bindings, &step.dims,
                                  &step.grid, step.scratch, step.size, step.inner, step.body,
                                  step.dim, step.width);
}

inline std::string TestProgram::finish() const {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<schema::Dim>> dimOffsets;
  for (const Dim &dim : dims)
    dimOffsets.push_back(schema::CreateDim(builder, dim.op, dim.a, dim.b, dim.value));
  const PortOffsets inputOffsets = encodePorts(builder, inputs);
  const PortOffsets outputOffsets = encodePorts(builder, outputs);
  std::vector<flatbuffers::Offset<schema::Buffer>> bufferOffsets;
  for (const Buffer &buffer : buffers) {
    const uint32_t last = buffer.last == UINT32_MAX ? uint32_t(steps.size() - 1) : buffer.last;
    bufferOffsets.push_back(schema::CreateBuffer(builder, buffer.space, buffer.size, buffer.offset,
                                                 buffer.first, last));
  }
  std::vector<flatbuffers::Offset<schema::Step>> stepOffsets;
  for (const Step &step : steps)
    stepOffsets.push_back(encodeStep(builder, step));
  schema::FinishProgramBuffer(
      builder, schema::CreateProgramDirect(builder, &dimOffsets, &inputOffsets, &outputOffsets,
                                           &bufferOffsets, &stepOffsets, functions, arenaSize, 0));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

inline std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline ModuleSection codeSection(uint16_t level = FIRN_CPU_X86_64_V2) {
  return ModuleSection::of(FIRN_SECTION_CODE, readFile(FIRN_TEST_CODE), level);
}

inline std::string moduleBytes(const std::vector<ModuleSection> &sections) {
  std::string bytes;
  ModuleSink sink;
  sink.append = [&](std::string_view more) { return bytes.append(more), true; };
  sink.overwrite = [&](uint64_t offset, std::string_view other) {
    return bytes.replace(offset, other.size(), other), true;
  };
  EXPECT_TRUE(writeModule(sink, sections));
  return bytes;
}

/// A program with the code of code.c, and weights where there are any.
inline std::vector<ModuleSection> sectionsOf(const TestProgram &program,
                                             const std::vector<float> &weights = {}) {
  std::vector<ModuleSection> sections = {ModuleSection::of(FIRN_SECTION_PROGRAM, program.finish())};
  if (!weights.empty())
    sections.push_back(
        ModuleSection::of(FIRN_SECTION_WEIGHTS, {reinterpret_cast<const char *>(weights.data()),
                                                 weights.size() * sizeof(float)}));
  sections.push_back(codeSection());
  return sections;
}

/// Bytes at an address that is aligned as the runtime asks for, with nothing readable behind them
/// as far as a sanitizer can tell.
class AlignedBytes {
public:
  explicit AlignedBytes(const std::string &bytes)
      : size(bytes.size()), memory(aligned_alloc(64, (bytes.size() + 63) / 64 * 64), free) {
    std::memcpy(memory.get(), bytes.data(), size);
  }
  const void *data() const { return memory.get(); }
  const size_t size;

private:
  std::unique_ptr<void, void (*)(void *)> memory;
};

struct ModuleCloser {
  void operator()(firn_module *module) const { firn_module_close(module); }
};
struct ContextDestroyer {
  void operator()(firn_context *context) const { firn_context_destroy(context); }
};
using ModulePointer = std::unique_ptr<firn_module, ModuleCloser>;
using ContextPointer = std::unique_ptr<firn_context, ContextDestroyer>;

/// What became of an opening: a module, or why not.
struct Opened {
  ModulePointer module;
  firn_status status;
};

inline Opened openMemory(const AlignedBytes &bytes, uint32_t flags = 0, uint32_t level = 0) {
  Opened result;
  firn_module *module = nullptr;
  const firn_open_options options = {flags, level};
  firn_module_open_memory(bytes.data(), bytes.size, &options, &module, &result.status);
  result.module.reset(module);
  return result;
}

/// A module in memory, open, with a context.
struct TestModel {
  explicit TestModel(const std::vector<ModuleSection> &sections, uint32_t threads = 1)
      : bytes(moduleBytes(sections)), opened(openMemory(bytes)) {
    EXPECT_EQ(opened.status.code, FIRN_OK) << opened.status.message;
    if (opened.module)
      context = newContext(threads);
  }
  ContextPointer newContext(uint32_t threads) {
    firn_context *made = nullptr;
    const firn_context_options options = {threads, nullptr, nullptr};
    EXPECT_EQ(firn_context_create(opened.module.get(), &options, &made, &status), FIRN_OK)
        << status.message;
    return ContextPointer(made);
  }

  AlignedBytes bytes;
  Opened opened;
  ContextPointer context;
  firn_status status;
};

template <class T>
firn_code setInput(firn_context *context, const char *name, firn_dtype dtype,
                   const std::vector<T> &values, firn_status *status) {
  return firn_set_input(context, name, dtype, values.data(), values.size() * sizeof(T), status);
}

template <class T> std::vector<T> outputOf(firn_context *context, const char *name) {
  firn_tensor tensor;
  firn_status status;
  EXPECT_EQ(firn_get_output(context, name, &tensor, &status), FIRN_OK) << status.message;
  const T *data = static_cast<const T *>(tensor.data);
  return {data, data + tensor.bytes / sizeof(T)};
}

inline std::vector<int64_t> dimsOf(firn_context *context, const char *name) {
  firn_tensor tensor;
  firn_status status;
  EXPECT_EQ(firn_get_output(context, name, &tensor, &status), FIRN_OK) << status.message;
  return {tensor.dims, tensor.dims + tensor.rank};
}

/// y = (x + w) + w for x[n]; n is dynamic where `size` is negative. Weights: `kAddWeights` floats.
constexpr uint32_t kAddWeights = 4096;
inline TestProgram addProgram(int64_t size) {
  TestProgram program;
  const uint32_t n = size < 0 ? program.inputDim(0, 0) : program.constant(size);
  const uint32_t bytes = program.dim(DimOp::Mul, n, program.constant(4));
  const uint32_t groups = program.dim(DimOp::CeilDiv, n, program.constant(kStripe));
  const uint32_t x = program.input("x", FIRN_FLOAT, {n}, bytes);
  const uint32_t y = program.output("y", FIRN_FLOAT, {n}, bytes);
  const uint32_t w = program.buffer(Space::Weights, program.constant(kAddWeights * 4));
  const uint32_t t = program.buffer(Space::Arena, bytes);
  const std::vector<uint32_t> grid = {groups, program.one(), program.one()};
  program.dispatch(kAdd, {x, w, t}, {n}, grid);
  program.dispatch(kAdd, {t, w, y}, {n}, grid);
  if (size >= 0)
    program.arenaSize = uint64_t(size * 4 + 63) / 64 * 64;
  return program;
}

inline std::vector<float> ramp(size_t count, float step = 1) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = step * float(i);
  return values;
}

} // namespace firn::runtime
