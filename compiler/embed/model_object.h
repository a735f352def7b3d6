// A compiled module as an object to link: code, program and weights lie in it as in the file.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/embed/elf_object.h"
#include "runtime/firn/runtime.h"

namespace firn {

struct ModelObjectOptions {
  std::string name;             ///< an identifier
  std::vector<uint32_t> levels; ///< whose code is taken; none: all that the module has
  bool exported = false;        ///< visible outside of the shared library that it is linked into
};

/// The name of its one global symbol, a `firn_static_module`.
std::string modelSymbol(const std::string &name);

/// Refers to the bytes of `module`, which was opened from a file (FIRN_OPEN_INSPECT will do) and
/// has to stay. InvalidArgument: a level that the module has no code for; DataLoss: damage.
absl::StatusOr<ElfObject> modelObject(const firn_module *module, const ModelObjectOptions &options);

} // namespace firn
