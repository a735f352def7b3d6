#include "compiler/workbench/object_graph.h"

#include "absl/strings/str_cat.h"
#include "compiler/formats/graph_file.h"
#include "compiler/formats/wire_reader.h"

namespace firn {

absl::StatusOr<tensorflow::TrackableObjectGraph> readObjectGraph(Checkpoint &checkpoint) {
  absl::StatusOr<std::vector<std::string>> values = checkpoint.readStrings(kObjectGraphKey);
  if (!values.ok())
    return values.status();
  tensorflow::TrackableObjectGraph objects;
  if (values->size() != 1 || !mergeFromBytes(values->front(), objects))
    return absl::DataLossError(
        absl::StrCat(checkpoint.prefix(), ": ", kObjectGraphKey, " is no object graph"));
  return objects;
}

bool isObjectCheckpoint(const Checkpoint &checkpoint) {
  auto found = checkpoint.entries().find(kObjectGraphKey);
  return found != checkpoint.entries().end() && found->second.dtype == tensorflow::DT_STRING;
}

std::map<std::string, std::string> objectVariables(Checkpoint &checkpoint) {
  std::map<std::string, std::string> keys;
  if (!isObjectCheckpoint(checkpoint))
    return keys;
  auto objects = readObjectGraph(checkpoint);
  if (!objects.ok())
    return keys;
  for (const auto &node : objects->nodes())
    for (const auto &attribute : node.attributes())
      if (!attribute.full_name().empty() && checkpoint.entries().count(attribute.checkpoint_key()))
        keys.emplace(attribute.full_name(), attribute.checkpoint_key());
  return keys;
}

absl::StatusOr<std::string> renamedObjectGraph(Checkpoint &checkpoint,
                                               const std::map<std::string, std::string> &renamed) {
  auto objects = readObjectGraph(checkpoint);
  if (!objects.ok())
    return objects.status();
  for (auto &node : *objects->mutable_nodes())
    for (auto &attribute : *node.mutable_attributes())
      if (auto it = renamed.find(attribute.checkpoint_key()); it != renamed.end())
        attribute.set_checkpoint_key(it->second);
  return serializeDeterministic(*objects);
}

} // namespace firn
