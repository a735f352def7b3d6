// What `firn compile` tells of its work.
#pragma once

#include <string>

#include "compiler/pipeline/CompileModel.h"

namespace firn {

/// Sizes, code, memory, inputs and outputs.
std::string compileSummary(const CompileReport &report, const CompileOptions &options);
/// The table of `--timing`.
std::string timingText(const CompileReport &report);

} // namespace firn
