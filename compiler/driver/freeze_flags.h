// The flags that say which graph comes out of a model: those of `firn freeze`, and of every command
// that freezes on the way.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "compiler/driver/flags.h"
#include "compiler/pipeline/Freeze.h"

namespace firn {

/// `flags` under the heading `title` of `--help`, behind those of `all`.
void addGroup(std::vector<Flag> &all, const char *title, std::vector<Flag> flags);

/// The table. Where the result goes is not in it.
std::vector<Flag> freezeFlags();

/// What flags of the table say. The model is the caller's to set. InvalidArgument for a value that
/// no flag takes.
absl::Status fillFreezeOptions(const ParsedFlags &flags, FreezeOptions &options);

} // namespace firn
