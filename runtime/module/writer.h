// Writes module files. For the compiler and for tests; the runtime itself does not need it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "runtime/module/format.h"

namespace firn {

/// Where the bytes of a module go. Both functions return false when they fail.
struct ModuleSink {
  std::function<bool(std::string_view bytes)> append;
  /// Replaces bytes that have been appended.
  std::function<bool(uint64_t offset, std::string_view bytes)> overwrite;
};

/// A section to be written. `produce` gives its contents piece by piece, so that weights are never
/// held as a whole; it returns false to give up.
struct ModuleSection {
  using Append = std::function<bool(std::string_view bytes)>;

  uint16_t kind = 0;
  uint16_t variant = 0; ///< of code: firn_cpu_level
  uint32_t flags = 0;
  std::function<bool(const Append &append)> produce;
  uint16_t major = 1, minor = 0;

  /// A section whose bytes are at hand; they are copied.
  static ModuleSection of(uint16_t kind, std::string_view bytes, uint16_t variant = 0,
                          uint32_t flags = 0);
};

/// Writes header, table and sections, in this order, each aligned as its kind asks for (weights and
/// code to pages, others to 64 bytes); 64 zero bytes are added to weights. The same contents give
/// the same bytes. False when a callback fails.
bool writeModule(const ModuleSink &sink, const std::vector<ModuleSection> &sections);

} // namespace firn
