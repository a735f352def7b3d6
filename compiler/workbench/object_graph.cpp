#include "compiler/workbench/object_graph.h"

#include <optional>

#include "compiler/formats/graph_file.h"
#include "compiler/formats/proto/object_graph.pb.h"
#include "compiler/formats/wire_reader.h"

namespace firn {
namespace {

std::optional<tensorflow::TrackableObjectGraph> readObjectGraph(Checkpoint &checkpoint) {
  auto entry = checkpoint.entries().find(kObjectGraphKey);
  if (entry == checkpoint.entries().end() || entry->second.dtype != tensorflow::DT_STRING)
    return std::nullopt;
  absl::StatusOr<std::vector<std::string>> text = checkpoint.readStrings(kObjectGraphKey);
  tensorflow::TrackableObjectGraph objects;
  if (!text.ok() || text->size() != 1 || !mergeFromBytes(text->front(), objects))
    return std::nullopt;
  return objects;
}

} // namespace

std::map<std::string, std::string> objectVariables(Checkpoint &checkpoint) {
  std::map<std::string, std::string> keys;
  auto objects = readObjectGraph(checkpoint);
  if (!objects)
    return keys;
  for (const auto &node : objects->nodes())
    for (const auto &attribute : node.attributes())
      if (!attribute.full_name().empty() && checkpoint.entries().count(attribute.checkpoint_key()))
        keys.emplace(attribute.full_name(), attribute.checkpoint_key());
  return keys;
}

std::string renamedObjectGraph(Checkpoint &checkpoint,
                               const std::map<std::string, std::string> &renamed) {
  auto objects = readObjectGraph(checkpoint);
  if (!objects)
    return "";
  for (auto &node : *objects->mutable_nodes())
    for (auto &attribute : *node.mutable_attributes())
      if (auto it = renamed.find(attribute.checkpoint_key()); it != renamed.end())
        attribute.set_checkpoint_key(it->second);
  return serializeDeterministic(*objects);
}

} // namespace firn
