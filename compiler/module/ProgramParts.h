// A program before it is encoded: what runtime/schema describes, as plain structs.
#pragma once

#include "compiler/module/Slots.h"
#include "runtime/schema/debug_generated.h"
#include "runtime/schema/program_generated.h"

#include <string>
#include <vector>

namespace firn {

using schema::Space;
using schema::StepKind;

/// Fields as in the tables of the same names.
struct ProgramParts {
  struct Port {
    std::string name;
    int32_t dtype;
    std::vector<uint32_t> dims;
    uint32_t buffer;
    std::string key = ""; // what a signature calls it
  };
  struct Buffer {
    Space space;
    uint32_t size;
    uint64_t offset = 0;
    uint32_t first = 0, last = 0;
  };
  struct Binding {
    uint32_t buffer, offset;
  };
  struct Step {
    StepKind kind;
    uint32_t function = 0;
    std::vector<Binding> bindings = {};
    std::vector<uint32_t> dims = {}, grid = {};
    uint32_t scratch = 0, size = 0, inner = 0, body = 0, dim = 0;
    uint8_t width = 0;
  };
  struct DispatchName {
    uint32_t step;
    std::string kernel;
    std::vector<std::string> nodes;
    uint32_t flops = 0, bytes = 0;
  };
  struct TensorName {
    uint32_t step, binding;
    std::string tensor;
    int32_t dtype;
    std::vector<uint32_t> dims;
  };

  SlotTable::Slot const *slots = nullptr;
  size_t slotCount = 0;
  std::vector<Port> inputs, outputs;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  uint32_t functions = 0;
  uint64_t arenaSize = 0, arenaBound = 0;
  std::vector<DispatchName> dispatchNames;
  std::vector<TensorName> tensorNames;
};

/// The bytes of the program section.
std::string encodeProgram(const ProgramParts &parts);
/// The bytes of the section of debug names.
std::string encodeDebug(const ProgramParts &parts);

} // namespace firn
