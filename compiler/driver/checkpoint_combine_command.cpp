#include "absl/strings/str_cat.h"
#include "compiler/driver/checkpoint_edit.h"
#include "compiler/driver/commands.h"
#include "compiler/workbench/combine.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

constexpr size_t kMostCheckpoints = 1000;

std::vector<Checkpoint *> pointers(const Checkpoints &checkpoints) {
  std::vector<Checkpoint *> result;
  for (const auto &checkpoint : checkpoints)
    result.push_back(checkpoint.get());
  return result;
}

int finishCombined(const ParsedFlags &flags, const Checkpoints &from,
                   absl::StatusOr<Combined> combined, const char *verb, const char *command) {
  if (!combined.ok())
    return reportError(combined.status());
  CheckpointEdit edit{verb, std::move(combined->plan), {}, {}};
  for (const std::string &note : combined->notes)
    edit.lines.push_back({"note", note});
  return finishEdit(flags, from, std::move(edit), command);
}

int runMerge(const ParsedFlags &flags) {
  const std::string choice = flags.text("on-conflict", "error");
  if (choice != "error" && choice != "first" && choice != "last")
    return reportUsage(
        absl::StrCat("expected --on-conflict error, first or last, got '", choice, "'"),
        "checkpoint merge");
  const OnConflict onConflict = choice == "first"  ? OnConflict::First
                                : choice == "last" ? OnConflict::Last
                                                   : OnConflict::Error;
  auto checkpoints = openCheckpoints(flags);
  if (!checkpoints.ok())
    return reportError(checkpoints.status());
  return finishCombined(
      flags, *checkpoints,
      mergeCheckpoints(pointers(*checkpoints), onConflict, flags.boolean("verify", true)), "merged",
      "checkpoint merge");
}

int runAverage(const ParsedFlags &flags) {
  auto checkpoints = openCheckpoints(flags);
  if (!checkpoints.ok())
    return reportError(checkpoints.status());
  return finishCombined(flags, *checkpoints, averageCheckpoints(pointers(*checkpoints)), "averaged",
                        "checkpoint average");
}

} // namespace

Command checkpointMergeCommand() {
  return {"checkpoint merge",
          "Write the tensors of several checkpoints into one.",
          "A B …",
          2,
          kMostCheckpoints,
          withEditFlags({{"on-conflict", Kind::String, "error|first|last",
                          "which one counts where a key stands in several with other values; "
                          "default: error"}}),
          "\nexample: firn checkpoint merge encoder decoder -o both\n",
          runMerge};
}

Command checkpointAverageCommand() {
  return {"checkpoint average",
          "Write the mean of several checkpoints.",
          "A B …",
          2,
          kMostCheckpoints,
          withEditFlags({}),
          "The mean is of floating-point tensors; others (a global step) are those of the last.\n"
          "\nexample: firn checkpoint average run/model.ckpt-1000 run/model.ckpt-2000 -o mean\n",
          runAverage};
}

} // namespace firn
