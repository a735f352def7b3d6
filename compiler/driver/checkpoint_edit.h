// What all commands share that write a checkpoint.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/driver/flags.h"
#include "compiler/workbench/execute.h"

namespace firn {

/// The checkpoints that a command line names.
using Checkpoints = std::vector<std::unique_ptr<Checkpoint>>;
absl::StatusOr<Checkpoints> openCheckpoints(const ParsedFlags &flags);

/// What a command makes of them.
struct CheckpointEdit {
  std::string verb; // "selected"
  Plan plan;
  /// Lines of the summary: "dropped", "322 optimizer slots".
  std::vector<std::pair<std::string, std::string>> lines;
  std::vector<std::string> dropped; // keys, for --dry-run
};

/// -o, --format, --shards, --join-slices, --split, --dry-run, --quiet, --no-verify behind `own`.
std::vector<Flag> withEditFlags(std::vector<Flag> own);

/// What --format asks for; "v2" for "object→v2", which `firn checkpoint convert` has.
std::string formatOf(const ParsedFlags &flags);

/// Writes `edit.plan` where the flags say and tells what was done; with --dry-run prints the table
/// only. `command` is what usage messages name. The exit code.
int finishEdit(const ParsedFlags &flags, const Checkpoints &from, CheckpointEdit edit,
               const std::string &command);

/// Whether one of `patterns` matches.
bool matchesAny(const std::vector<std::string> &patterns, const std::string &key);
/// InvalidArgument for the first of `patterns` of --`flag` that matches no key of `plan`, with the
/// nearest keys.
absl::Status checkPatterns(const std::string &flag, const std::vector<std::string> &patterns,
                           const Plan &plan);

} // namespace firn
