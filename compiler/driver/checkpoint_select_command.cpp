#include <array>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/checkpoint_edit.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/text.h"
#include "compiler/pipeline/MatchCheckpoint.h"
#include "compiler/workbench/key_kind.h"
#include "compiler/workbench/object_graph.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

/// "322 optimizer slots, 3 weights".
std::string droppedText(const Checkpoint &checkpoint, const std::vector<std::string> &dropped) {
  constexpr std::array<const char *, 4> kNouns = {"weight", "optimizer slot", "moving average",
                                                  "string tensor"};
  std::vector<std::string> parts;
  for (KeyKind kind : kKeyKinds) {
    uint64_t count = 0, bytes = 0;
    for (const std::string &key : dropped)
      if (keyKind(checkpoint, key) == kind) {
        ++count;
        bytes += checkpoint.entries().at(key).byteSize();
      }
    if (count)
      parts.push_back(
          absl::StrCat(plural(count, kNouns[static_cast<size_t>(kind)]), ", ", sizeText(bytes)));
  }
  return absl::StrJoin(parts, "; ");
}

/// Keys that --for-graph's outputs need, with the description of objects; nothing without the flag.
absl::StatusOr<std::optional<std::set<std::string>>> wantedKeys(const ParsedFlags &flags) {
  if (!flags.has("for-graph"))
    return std::nullopt;
  FreezeOptions options;
  options.model = flags.text("for-graph");
  options.checkpoints = flags.positional;
  options.outputs = flags.list("outputs");
  options.mode = flags.text("mode") == "as-is" ? Mode::AsIs : Mode::Inference;
  options.verifyChecksums = flags.boolean("verify", true);
  // For the command line that a message proposes.
  options.command = absl::StrCat("checkpoint select ", flags.positional[0], " --for-graph");
  options.output = flags.text("o", "OUT");
  auto keys = neededKeys(options);
  if (!keys.ok())
    return keys.status();
  std::set<std::string> wanted(keys->begin(), keys->end());
  wanted.insert(kObjectGraphKey);
  return wanted;
}

int runSelect(const ParsedFlags &flags) {
  const std::vector<std::string> &keep = flags.list("keep"), &drop = flags.list("drop");
  const bool weightsOnly = flags.boolean("weights-only");
  if (keep.empty() && drop.empty() && !weightsOnly && !flags.has("for-graph"))
    return reportUsage("expected --keep, --drop, --weights-only or --for-graph",
                       "checkpoint select");
  if (std::string mode = flags.text("mode", "inference"); mode != "inference" && mode != "as-is")
    return reportUsage(absl::StrCat("expected --mode inference or --mode as-is, got '", mode, "'"),
                       "checkpoint select");
  auto checkpoints = openCheckpoints(flags);
  if (!checkpoints.ok())
    return reportError(checkpoints.status());
  auto wanted = wantedKeys(flags);
  if (!wanted.ok())
    return reportError(wanted.status());
  Checkpoint &checkpoint = *checkpoints->front();
  CheckpointEdit edit{"selected", copyAll(checkpoint), {}, {}};
  absl::Status status = checkPatterns("keep", keep, edit.plan);
  status.Update(checkPatterns("drop", drop, edit.plan));
  if (!status.ok())
    return reportError(status);
  keepOnly(edit.plan, [&](const std::string &key) {
    const bool kept = (!*wanted || (*wanted)->count(key)) &&
                      (keep.empty() || matchesAny(keep, key)) && !matchesAny(drop, key) &&
                      !(weightsOnly && keyKind(checkpoint, key) == KeyKind::Slot);
    if (!kept)
      edit.dropped.push_back(key);
    return kept;
  });
  if (!edit.dropped.empty())
    edit.lines.push_back({"dropped", droppedText(checkpoint, edit.dropped)});
  return finishEdit(flags, *checkpoints, std::move(edit), "checkpoint select");
}

} // namespace

Command checkpointSelectCommand() {
  return {"checkpoint select",
          "Write some of a checkpoint's tensors.",
          "IN",
          1,
          1,
          withEditFlags(
              {{"keep", Kind::List, "GLOB", "keep keys that match, 'encoder/*'; repeatable"},
               {"drop", Kind::List, "GLOB", "leave out keys that match; repeatable"},
               {"weights-only", Kind::Bool, "", "leave out what optimizers keep for themselves"},
               {"for-graph", Kind::String, "G", "keep what the outputs of a graph need, no more"},
               {"outputs", Kind::List, "a,b:1", "outputs of G; default: as of 'firn freeze'", true},
               {"mode", Kind::String, "inference|as-is", "how G will be run; default: inference"}}),
          "A key is an optimizer's only beside the key of its variable. Moving averages stay: a "
          "model may be run with them;\n--drop '*/ExponentialMovingAverage' leaves them out.\n"
          "\nexample: firn checkpoint select run/model.ckpt-1000 -o weights --weights-only\n",
          runSelect};
}

} // namespace firn
