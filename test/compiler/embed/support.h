// Modules with ports of any name, open.
#pragma once

#include "test/runtime/support.h"

namespace firn {

struct PortSpec {
  std::string name;
  firn_dtype dtype;
  std::vector<int64_t> dims; ///< -1: dynamic, a dimension of its own
};

/// A program that computes nothing: its ports are what matters. Outputs have the dims of the first
/// input where they are dynamic.
inline runtime::TestProgram programOf(const std::vector<PortSpec> &inputs,
                                      const std::vector<PortSpec> &outputs) {
  runtime::TestProgram program;
  const uint32_t bytes = program.constant(64);
  const auto slots = [&](const PortSpec &port, uint32_t input) {
    std::vector<uint32_t> result;
    for (uint32_t i = 0; i < port.dims.size(); ++i)
      result.push_back(port.dims[i] < 0 ? program.inputDim(input, i)
                                        : program.constant(port.dims[i]));
    return result;
  };
  uint32_t index = 0;
  for (const PortSpec &port : inputs)
    program.input(port.name, port.dtype, slots(port, index++), bytes);
  for (const PortSpec &port : outputs)
    program.output(port.name, port.dtype, slots(port, 0), bytes);
  return program;
}

/// A module in memory, open without code.
class OpenModule {
public:
  explicit OpenModule(const std::vector<ModuleSection> &sections)
      : bytes(runtime::moduleBytes(sections)),
        opened(runtime::openMemory(bytes, FIRN_OPEN_INSPECT)) {
    EXPECT_TRUE(opened.module) << opened.status.message;
  }
  explicit OpenModule(const runtime::TestProgram &program)
      : OpenModule(runtime::sectionsOf(program)) {}
  const firn_module *get() const { return opened.module.get(); }
  const unsigned char *data() const { return static_cast<const unsigned char *>(bytes.data()); }

private:
  runtime::AlignedBytes bytes;
  runtime::Opened opened;
};

} // namespace firn
