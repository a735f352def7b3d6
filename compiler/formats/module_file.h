// Compiled modules as files.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "runtime/module/writer.h"

namespace firn {

/// Writes a module that appears whole or not at all (OutputFile). A section's `produce` that
/// returns false although all it appended was taken has to keep the reason itself.
absl::Status writeModuleFile(const std::string &path, const std::vector<ModuleSection> &sections);

} // namespace firn
