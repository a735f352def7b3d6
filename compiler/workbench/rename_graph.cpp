#include "compiler/workbench/rename_graph.h"

#include <set>
#include <unordered_map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/workbench/rename_messages.h"

namespace firn {
namespace {

using tensorflow::GraphDef;
using tensorflow::NodeDef;

bool isVariable(const NodeDef &node) {
  return node.op() == "Variable" || node.op() == "VariableV2" || node.op() == "VarHandleOp";
}

bool isPart(absl::string_view component) {
  uint64_t number;
  return absl::ConsumePrefix(&component, "part_") && absl::SimpleAtoi(component, &number);
}

/// "emb/part_0/Momentum" is part "part_0" of "emb/Momentum", one component before its end.
struct PartName {
  std::string whole, part;
  size_t behind = 0;
};

PartName splitPart(absl::string_view name) {
  std::vector<std::string> components = absl::StrSplit(name, '/');
  for (size_t i = 1; i < components.size(); ++i)
    if (isPart(components[i])) {
      const std::string part = components[i];
      components.erase(components.begin() + i);
      return {absl::StrJoin(components, "/"), part, components.size() - i};
    }
  return {};
}

std::string joinPart(const std::string &whole, const PartName &name) {
  std::vector<std::string> components = absl::StrSplit(whole, '/');
  const size_t behind = std::min(name.behind, components.size() - 1);
  components.insert(components.end() - behind, name.part);
  return absl::StrJoin(components, "/");
}

// Of a variable; the name itself where it stays.
std::string newName(const std::string &name, const NameTable &names) {
  auto own = names.find(name);
  if (own != names.end() && own->second != name)
    return own->second;
  const PartName part = splitPart(name);
  auto whole = names.find(part.whole);
  return part.part.empty() || whole == names.end() || whole->second == part.whole
             ? name
             : joinPart(whole->second, part);
}

// What a node is called after: itself, or the nearest scope that is a variable's name.
std::string variableOf(const std::string &node, const NameTable &variables) {
  for (std::string name = node;; name.resize(name.rfind('/'))) {
    if (variables.count(name))
      return name;
    if (name.find('/') == std::string::npos)
      return "";
  }
}

absl::Status checkUnique(const GraphDef &graph, const NameTable &nodes) {
  std::vector<Renaming> table;
  for (const NodeDef &node : graph.node()) {
    auto it = nodes.find(node.name());
    table.push_back({node.name(), it == nodes.end() ? node.name() : it->second});
  }
  std::string collisions = explainCollisions(table);
  return collisions.empty() ? absl::OkStatus()
                            : absl::InvalidArgumentError(
                                  absl::StrCat("nodes of the graph can't be renamed:", collisions));
}

} // namespace

std::vector<std::string> variableNames(const GraphDef &graph) {
  std::set<std::string> names;
  for (const NodeDef &node : graph.node()) {
    if (!isVariable(node))
      continue;
    names.insert(node.name());
    if (PartName part = splitPart(node.name()); !part.part.empty())
      names.insert(part.whole);
  }
  return {names.begin(), names.end()};
}

absl::StatusOr<NameTable> renamedNodes(const GraphDef &graph, const NameTable &names) {
  NameTable variables, nodes;
  for (const NodeDef &node : graph.node())
    if (isVariable(node)) {
      variables[node.name()] = newName(node.name(), names);
      // What joins the parts is named after the whole.
      const std::string whole = splitPart(node.name()).whole;
      if (auto it = names.find(whole); it != names.end())
        variables.emplace(whole, it->second);
    }
  for (const NodeDef &node : graph.node()) {
    const std::string variable = variableOf(node.name(), variables);
    if (variable.empty() || variables[variable] == variable)
      continue;
    nodes[node.name()] = variables[variable] + node.name().substr(variable.size());
  }
  absl::Status status = checkUnique(graph, nodes);
  if (!status.ok())
    return status;
  return nodes;
}

namespace {

class GraphRenamer {
public:
  GraphRenamer(tensorflow::MetaGraphDef &meta, const NameTable &nodes, const NameTable &keys)
      : meta(meta), nodes(nodes), keys(keys) {}

  void run() {
    GraphDef &graph = *meta.mutable_graph_def();
    for (int i = 0; i < graph.node_size(); ++i)
      index[graph.node(i).name()] = i;
    renameKeys(graph);
    for (NodeDef &node : *graph.mutable_node())
      renameNode(node);
    for (auto &function : *graph.mutable_library()->mutable_function())
      for (NodeDef &node : *function.mutable_node_def())
        renameAttributes(node);
    if (graph.library().function_size() == 0 && graph.library().gradient_size() == 0)
      graph.clear_library();
    renameMessages(meta, nodes, keys);
  }

private:
  void renameNode(NodeDef &node) {
    for (std::string &input : *node.mutable_input())
      renameTensor(input, nodes);
    renameAttributes(node);
    renameTensor(*node.mutable_name(), nodes);
  }

  // Nodes that stand with a variable, and handles, which are told apart by the name in them.
  void renameAttributes(NodeDef &node) {
    auto &attributes = *node.mutable_attr();
    if (auto it = attributes.find("_class"); it != attributes.end())
      for (std::string &place : *it->second.mutable_list()->mutable_s())
        if (absl::string_view name = place; absl::ConsumePrefix(&name, "loc:@"))
          if (auto found = nodes.find(std::string(name)); found != nodes.end())
            place = "loc:@" + found->second;
    if (auto it = attributes.find("shared_name"); it != attributes.end() && isVariable(node))
      renameTensor(*it->second.mutable_s(), nodes);
  }

  void renameKeys(GraphDef &graph) {
    std::set<int> constants;
    for (const NodeDef &node : graph.node())
      if (namesTensors(graph, node))
        if (int constant = sourceOf(graph, node.input(1)); constant >= 0)
          constants.insert(constant);
    for (int constant : constants) {
      NodeDef &node = *graph.mutable_node(constant);
      if (node.op() != "Const" || !node.attr().count("value"))
        continue;
      for (std::string &key :
           *(*node.mutable_attr())["value"].mutable_tensor()->mutable_string_val())
        if (auto it = keys.find(key); it != keys.end())
          key = it->second;
    }
  }

  // Whether the second input of a node is a list of keys of this graph's own checkpoint.
  bool namesTensors(const GraphDef &graph, const NodeDef &node) const {
    static const std::set<absl::string_view> *const kOps = new std::set<absl::string_view>{
        "Save", "SaveSlices", "SaveV2", "Restore", "RestoreSlice", "RestoreV2"};
    if (!kOps->count(node.op()) || node.input_size() < 2)
      return false;
    return absl::StartsWith(node.op(), "Save") || !readsOtherFile(graph, node.input(0));
  }

  // A prefix that is spelled out, and not the one that a Saver is fed, is a file of its own.
  bool readsOtherFile(const GraphDef &graph, const std::string &prefix) const {
    const int at = sourceOf(graph, prefix);
    if (at < 0 || graph.node(at).op() != "Const")
      return false;
    const NodeDef &node = graph.node(at);
    const std::string &saver = meta.saver_def().filename_tensor_name();
    if (!saver.empty() && sourceOf(graph, saver) == at)
      return false;
    auto value = node.attr().find("value");
    return value != node.attr().end() && value->second.tensor().string_val_size() == 1 &&
           value->second.tensor().string_val(0) != "model";
  }

  // The node behind an edge, looked through what hands a value on; -1 where there is none.
  int sourceOf(const GraphDef &graph, absl::string_view edge) const {
    for (int steps = 0; steps < graph.node_size(); ++steps) {
      auto it = index.find(std::string(edge.substr(0, edge.find(':'))));
      if (it == index.end())
        return -1;
      const NodeDef &node = graph.node(it->second);
      if ((node.op() != "Identity" && node.op() != "PlaceholderWithDefault") ||
          node.input_size() == 0)
        return it->second;
      edge = node.input(0);
    }
    return -1;
  }

  tensorflow::MetaGraphDef &meta;
  const NameTable &nodes, &keys;
  std::unordered_map<std::string, int> index;
};

} // namespace

void renameGraph(tensorflow::MetaGraphDef &meta, const NameTable &nodes, const NameTable &keys) {
  GraphRenamer(meta, nodes, keys).run();
}

} // namespace firn
