#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/checkpoint_edit.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/text.h"
#include "compiler/workbench/object_graph.h"
#include "compiler/workbench/object_names.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

DataType castType(const std::string &name) {
  const std::map<std::string, DataType> shorthands = {{"f16", tensorflow::DT_HALF},
                                                      {"bf16", tensorflow::DT_BFLOAT16},
                                                      {"f32", tensorflow::DT_FLOAT},
                                                      {"f64", tensorflow::DT_DOUBLE}};
  auto found = shorthands.find(name);
  return found != shorthands.end() ? found->second : dataTypeFromName(name);
}

int runCast(const ParsedFlags &flags) {
  const DataType to = castType(flags.text("dtype"));
  if (!canCast(to, to))
    return reportUsage(
        absl::StrCat("expected --dtype bf16, f16, f32 or f64, got '", flags.text("dtype"), "'"),
        "checkpoint cast");
  auto checkpoints = openCheckpoints(flags);
  if (!checkpoints.ok())
    return reportError(checkpoints.status());
  CheckpointEdit edit{"cast", copyAll(*checkpoints->front()), {}, {}};
  const std::string filter = flags.text("filter", "*");
  if (absl::Status status = checkPatterns("filter", {filter}, edit.plan); !status.ok())
    return reportError(status);
  uint64_t changed = 0;
  for (auto &[key, tensor] : edit.plan) {
    if (!matchesGlob(filter, key) || tensor.entry.dtype == to || !canCast(tensor.entry.dtype, to))
      continue;
    tensor.entry.dtype = to;
    ++changed;
  }
  edit.lines.push_back({"cast", absl::StrCat(plural(changed, "tensor"), " to ", dataTypeName(to))});
  return finishEdit(flags, *checkpoints, std::move(edit), "checkpoint cast");
}

// Beside another format's tensors an object graph means nothing, and safetensors has no strings.
void dropStrings(CheckpointEdit &edit) {
  keepOnly(edit.plan, [&](const std::string &key) {
    const bool kept = edit.plan.at(key).entry.dtype != tensorflow::DT_STRING;
    if (!kept)
      edit.dropped.push_back(key);
    return kept;
  });
  if (!edit.dropped.empty())
    edit.lines.push_back({"dropped", absl::StrJoin(edit.dropped, ", ")});
}

int runConvert(const ParsedFlags &flags) {
  const std::string format = flags.text("format", "v2");
  const bool fullNames = flags.boolean("full-names") || formatOf(flags) != format;
  auto checkpoints = openCheckpoints(flags);
  if (!checkpoints.ok())
    return reportError(checkpoints.status());
  Checkpoint &checkpoint = *checkpoints->front();
  CheckpointEdit edit{"converted", copyAll(checkpoint), {}, {}};
  std::vector<std::string> notes;
  if (fullNames) {
    if (absl::Status status = useFullNames(checkpoint, edit.plan, notes); !status.ok())
      return reportError(status);
  } else if (isObjectCheckpoint(checkpoint)) {
    notes.push_back("the keys are paths of objects; --full-names makes them names of variables");
    if (format == "safetensors")
      dropStrings(edit);
  }
  for (const std::string &note : notes)
    edit.lines.push_back({"note", note});
  return finishEdit(flags, *checkpoints, std::move(edit), "checkpoint convert");
}

} // namespace

Command checkpointCastCommand() {
  return {"checkpoint cast",
          "Write a checkpoint with floating-point tensors of another type.",
          "IN",
          1,
          1,
          withEditFlags({{"dtype", Kind::String, "bf16|f16|f32|f64", "the type"},
                         {"filter", Kind::String, "GLOB", "only keys that match"}}),
          "Values are rounded to nearest even, as TensorFlow's Cast rounds them. Integers and "
          "strings stay as they are.\n"
          "\nexample: firn checkpoint cast run/model.ckpt-1000 -o half --dtype bf16\n",
          runCast};
}

Command checkpointConvertCommand() {
  return {"checkpoint convert",
          "Write a checkpoint in another format, in other files, in other slices.",
          "IN",
          1,
          1,
          withEditFlags({{"full-names", Kind::Bool, "",
                          "of a TF2 object checkpoint: keys become the names that variables had; "
                          "--format 'object→v2' means the same"}}),
          "npz and safetensors hold whole tensors. bfloat16, which NumPy lacks, is uint16 in npz.\n"
          "\nexample: firn checkpoint convert run/model.ckpt-1000 -o weights.npz --format npz\n",
          runConvert};
}

} // namespace firn
