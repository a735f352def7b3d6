// The program of an open module, as tools tell of it.
#pragma once

#include "runtime/firn/runtime.h"
#include "runtime/module/format.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace firn {

/// Indices are those of runtime/schema/program.fbs.
struct ModuleProgram {
  enum class Space { Arena, Weights, Input, Output };
  enum class Kind { Dispatch, Copy, While, If, For, Read };

  struct Buffer {
    Space space;
    uint32_t size; // slot
    uint64_t offset;
    uint32_t first, last;
    std::string port; // the name of the input or output that it is
  };
  struct Binding {
    uint32_t buffer, offset; // a slot
  };
  struct Step {
    Kind kind = Kind::Dispatch;
    uint32_t index = 0, depth = 0; // depth: how many blocks it stands in
    uint32_t function = 0, inner = 0, body = 0, size = 0;
    std::vector<Binding> bindings;
    std::string kernel; // of dispatches; "" where the module has no names
    std::vector<std::string> nodes;
    uint32_t flops = 0, bytes = 0; // slots; 0: not known
    std::string tensor;            // what binding `result` holds afterwards; "" where not known
    uint32_t result = 0;
  };
  struct Section {
    std::string name; // "weights", "code v3"
    uint16_t kind, variant, major, minor;
    uint64_t offset, size;
  };

  std::vector<Section> sections;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  /// Of each slot its value, where that is a constant.
  std::vector<std::optional<int64_t>> constants;
  uint32_t functions = 0;
  uint64_t arenaSize = 0, arenaBound = 0;
  std::string build; // the section of facts, lines of "name: value"
};

/// Of a module that the runtime has opened, and so checked.
ModuleProgram readModuleProgram(const firn_module *module);

/// "dispatch", "copy" …
const char *kindName(ModuleProgram::Kind kind);

/// The work of a step in a run: what its names say of it or, of bytes, the buffers that it is
/// given.
struct StepWork {
  double flops, bytes;
};
StepWork workOf(const ModuleProgram &program, const ModuleProgram::Step &step,
                const int64_t *slots);

} // namespace firn
