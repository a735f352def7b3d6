// An open module: everything checked, code mapped. Never changes.
#pragma once

#include <atomic>

#include "runtime/module/code.h"
#include "runtime/module/program.h"

struct firn_module {
  firn::runtime::ModuleBytes bytes;
  const firn_section *sections = nullptr;
  uint32_t sectionCount = 0;
  firn::runtime::Program program;
  firn::runtime::Code code;
  uint32_t cpuLevel = 0;                  // of the code; 0: opened without
  const unsigned char *weights = nullptr; // null: no weights section
  std::atomic<uint32_t> users{1};         // who opened it, and contexts
};

namespace firn::runtime {

/// Another user of the module; firn_module_close is called for each.
inline firn_module *share(firn_module *module) {
  module->users.fetch_add(1, std::memory_order_relaxed);
  return module;
}

} // namespace firn::runtime
