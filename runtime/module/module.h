// An open module: everything checked, code ready. Never changes.
#pragma once

#include <atomic>

#include "runtime/abi/dispatch.h"
#include "runtime/module/program.h"

struct firn_module {
  firn::runtime::Program program;
  firn_dispatch_entry entry = nullptr;    // null: opened without code
  uint32_t cpuLevel = 0;                  // of the code; 0: opened without
  const unsigned char *weights = nullptr; // null: it has none
  // The file; of a module that is linked in there is none.
  const unsigned char *bytes = nullptr;
  size_t size = 0;
  const firn_section *sections = nullptr;
  uint32_t sectionCount = 0;
  /// Ends the module, as it was begun: a program that links its model needs nothing of files.
  void (*release)(firn_module *module) = nullptr;
  std::atomic<uint32_t> users{1}; // who opened it, and contexts
};

namespace firn::runtime {

/// Another user of the module; firn_module_close is called for each.
inline firn_module *share(firn_module *module) {
  module->users.fetch_add(1, std::memory_order_relaxed);
  return module;
}

} // namespace firn::runtime
