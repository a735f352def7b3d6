#include "compiler/workbench/object_names.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/workbench/name_map.h"
#include "compiler/workbench/object_graph.h"

namespace firn {
namespace {

absl::StatusOr<std::map<std::string, std::string>> fullNames(Checkpoint &checkpoint) {
  if (!isObjectCheckpoint(checkpoint))
    return absl::InvalidArgumentError(
        absl::StrCat(checkpoint.prefix(), ": expected an object checkpoint, got one without ",
                     kObjectGraphKey, ": its keys are names already"));
  auto graph = readObjectGraph(checkpoint);
  if (!graph.ok())
    return graph.status();
  std::map<std::string, std::string> names;
  for (const auto &node : graph->nodes())
    for (const auto &attribute : node.attributes())
      names[attribute.checkpoint_key()] = attribute.full_name();
  return names;
}

} // namespace

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
