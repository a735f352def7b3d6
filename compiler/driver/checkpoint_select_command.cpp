#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/checkpoint_edit.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/text.h"
#include "compiler/workbench/key_kind.h"

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

int runSelect(const ParsedFlags &flags) {
  const std::vector<std::string> &keep = flags.list("keep"), &drop = flags.list("drop");
  const bool weightsOnly = flags.boolean("weights-only");
  if (keep.empty() && drop.empty() && !weightsOnly)
    return reportUsage("expected --keep, --drop or --weights-only", "checkpoint select");
  auto checkpoints = openCheckpoints(flags);
  if (!checkpoints.ok())
    return reportError(checkpoints.status());
  Checkpoint &checkpoint = *checkpoints->front();
  CheckpointEdit edit{"selected", copyAll(checkpoint), {}, {}};
  absl::Status status = checkPatterns("keep", keep, edit.plan);
  status.Update(checkPatterns("drop", drop, edit.plan));
  if (!status.ok())
    return reportError(status);
  keepOnly(edit.plan, [&](const std::string &key) {
    const bool kept = (keep.empty() || matchesAny(keep, key)) && !matchesAny(drop, key) &&
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
               {"weights-only", Kind::Bool, "", "leave out what optimizers keep for themselves"}}),
          "A key is an optimizer's only beside the key of its variable. Moving averages stay: a "
          "model may be run with them;\n--drop '*/ExponentialMovingAverage' leaves them out.\n"
          "\nexample: firn checkpoint select run/model.ckpt-1000 -o weights --weights-only\n",
          runSelect};
}

} // namespace firn
