// The commands of `firn`.
#pragma once

#include <vector>

#include "compiler/driver/flags.h"

namespace firn {

/// `firn freeze`, with freeze_graph's own flags.
Command freezeCommand();
/// `firn inspect`, `firn checkpoint list`, `firn checkpoint show`, `firn diff`.
std::vector<Command> lookCommands();

/// Prints a failed status as `firn: error: …` on stderr; the exit code that it means.
int reportError(const absl::Status &status);

/// Runs a command line; the exit code. Never throws: what firn did not expect is said as a defect, exit code 3.
int runDriver(const std::vector<std::string> &arguments);

} // namespace firn
