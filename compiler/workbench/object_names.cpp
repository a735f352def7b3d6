#include "compiler/workbench/object_names.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/proto/object_graph.pb.h"
#include "compiler/formats/wire_reader.h"
#include "compiler/workbench/name_map.h"

namespace firn {
namespace {

constexpr char kGraphKey[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

absl::StatusOr<std::map<std::string, std::string>> fullNames(Checkpoint &checkpoint) {
  if (!isObjectCheckpoint(checkpoint))
    return absl::InvalidArgumentError(
        absl::StrCat(checkpoint.prefix(), ": expected an object checkpoint, got one without ",
                     kGraphKey, ": its keys are names already"));
  auto values = checkpoint.readStrings(kGraphKey);
  if (!values.ok())
    return values.status();
  tensorflow::TrackableObjectGraph graph;
  if (values->size() != 1 || !mergeFromBytes(values->front(), graph))
    return absl::DataLossError(
        absl::StrCat(checkpoint.prefix(), ": ", kGraphKey, " is no object graph"));
  std::map<std::string, std::string> names;
  for (const auto &node : graph.nodes())
    for (const auto &attribute : node.attributes())
      names[attribute.checkpoint_key()] = attribute.full_name();
  return names;
}

} // namespace

bool isObjectCheckpoint(const Checkpoint &checkpoint) {
  auto found = checkpoint.entries().find(kGraphKey);
  return found != checkpoint.entries().end() && found->second.dtype == tensorflow::DT_STRING;
}

absl::Status useFullNames(Checkpoint &checkpoint, Plan &plan, std::vector<std::string> &notes) {
  auto names = fullNames(checkpoint);
  if (!names.ok())
    return names.status();
  std::vector<Renaming> table;
  std::vector<std::string> unnamed;
  for (const auto &[key, tensor] : plan) {
    const std::string &name = (*names)[tensor.sources[0].key];
    if (!name.empty()) {
      table.push_back({key, name});
    } else if (tensor.entry.dtype != tensorflow::DT_STRING) {
      table.push_back({key, key});
      unnamed.push_back(key);
    }
  }
  if (std::string collisions = explainCollisions(table); !collisions.empty())
    return absl::InvalidArgumentError(
        absl::StrCat("expected each variable to have a name of its own:", collisions,
                     "\n'firn checkpoint select --drop' leaves some out, 'rename' names them"));
  Plan renamed;
  for (const Renaming &renaming : table)
    renamed.emplace(renaming.to, std::move(plan.at(renaming.from)));
  plan = std::move(renamed);
  if (!unnamed.empty())
    notes.push_back(
        absl::StrCat("without a full name, under their keys: ", absl::StrJoin(unnamed, ", ")));
  return absl::OkStatus();
}

} // namespace firn
