// What `firn freeze` tells of its work.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "compiler/pipeline/Freeze.h"

namespace firn {

/// The summary for a reader, several lines.
std::string summaryText(const FreezeReport &report, const FreezeOptions &options, double seconds);

/// The same as JSON, to a file or "-".
absl::Status writeReport(const FreezeReport &report, const FreezeOptions &options,
                         const std::string &path);

} // namespace firn
