#include "compiler/pipeline/needed_nodes.h"

#include <unordered_map>

#include "absl/strings/string_view.h"

namespace firn {
namespace {

absl::string_view nodeOf(absl::string_view edge) {
  if (!edge.empty() && edge[0] == '^')
    edge.remove_prefix(1);
  return edge.substr(0, edge.find(':'));
}

} // namespace

std::vector<bool> neededNodes(const tensorflow::MetaGraphDef &meta,
                              const std::vector<std::string> &roots) {
  const tensorflow::GraphDef &graph = meta.graph_def();
  std::unordered_map<std::string, int> index;
  index.reserve(graph.node_size());
  for (int i = 0; i < graph.node_size(); ++i)
    if (!index.emplace(graph.node(i).name(), i).second)
      return {}; // a name that stands twice: import says so
  std::vector<bool> needed(graph.node_size(), false);
  std::vector<int> worklist;
  auto need = [&](absl::string_view edge) {
    auto it = index.find(std::string(nodeOf(edge)));
    if (it == index.end())
      return false;
    if (!needed[it->second]) {
      needed[it->second] = true;
      worklist.push_back(it->second);
    }
    return true;
  };
  if (meta.saver_def().restore_op_name().empty() || !need(meta.saver_def().restore_op_name()))
    return {};
  for (const std::string &root : roots)
    if (!need(root))
      return {};
  while (!worklist.empty()) {
    const tensorflow::NodeDef &node = graph.node(worklist.back());
    worklist.pop_back();
    for (const std::string &input : node.input())
      if (!need(input))
        return {};
  }
  return needed;
}

} // namespace firn
