#include "compiler/workbench/object_names.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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
  std::map<std::string, int> uses;
  for (const auto &[key, tensor] : plan)
    ++uses[(*names)[tensor.sources[0].key]];
  Plan renamed;
  std::vector<std::string> unnamed, shared;
  for (auto &[key, tensor] : plan) {
    const std::string &name = (*names)[tensor.sources[0].key];
    if (name.empty() && tensor.entry.dtype == tensorflow::DT_STRING)
      continue; // of the objects, not of the model
    const bool hasOwnName = !name.empty() && uses[name] == 1;
    if (!hasOwnName)
      (name.empty() ? unnamed : shared).push_back(key);
    renamed.emplace(hasOwnName ? name : key, std::move(tensor));
  }
  if (!unnamed.empty())
    notes.push_back(
        absl::StrCat("without a full name, under their keys: ", absl::StrJoin(unnamed, ", ")));
  if (!shared.empty())
    notes.push_back(absl::StrCat("with a full name that others have, under their keys: ",
                                 absl::StrJoin(shared, ", ")));
  plan = std::move(renamed);
  return absl::OkStatus();
}

} // namespace firn
