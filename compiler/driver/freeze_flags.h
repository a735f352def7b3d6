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

/// Of the table those that give tensors of a checkpoint other names: --rename, --scope,
/// --moving-averages.
std::vector<Flag> nameFlags();
/// What these say, and --only, --skip, --init-missing. InvalidArgument for a value that none takes.
absl::Status fillVariableOptions(const ParsedFlags &flags, FreezeOptions &options);

/// What flags of the table say. The model is the caller's to set. InvalidArgument for a value that
/// no flag takes.
absl::Status fillFreezeOptions(const ParsedFlags &flags, FreezeOptions &options);

} // namespace firn
