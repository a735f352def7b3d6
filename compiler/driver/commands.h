// The commands of `firn`.
#pragma once

#include <vector>

#include "compiler/driver/flags.h"

namespace firn {

/// `firn freeze`, with freeze_graph's own flags.
Command freezeCommand();
/// `firn compile`: the same, down to native code.
Command compileCommand();
/// `firn run` and `firn verify`: the reference interpreter over models that are frozen in memory.
Command runCommand();
Command verifyCommand();
/// `firn bench`: how long a module takes.
Command benchCommand();
/// `firn embed`: a module as an object to link.
Command embedCommand();
/// The others read protobuf messages and checkpoints, and start in milliseconds.
Command inspectCommand();
Command checkpointListCommand();
Command checkpointShowCommand();
Command checkpointRenameCommand();
Command checkpointSelectCommand();
Command checkpointMergeCommand();
Command checkpointAverageCommand();
Command checkpointCastCommand();
Command checkpointConvertCommand();
Command checkpointDiffCommand();
Command checkpointVerifyCommand();
Command checkpointMatchCommand();
Command diffCommand();

/// "firn 0.1.0".
std::string versionText();
/// Prints a failed status as `firn: error: …` on stderr; the exit code that it means.
int reportError(const absl::Status &status);
/// Prints a mistake in a command line, and where its help is; exit code 2.
int reportUsage(absl::string_view message, absl::string_view command);

/// Runs a command line; the exit code. Never throws: what firn did not expect is said as a defect,
/// exit code 3.
int runDriver(const std::vector<std::string> &arguments);

} // namespace firn
