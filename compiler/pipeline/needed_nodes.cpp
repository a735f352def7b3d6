#include "compiler/pipeline/needed_nodes.h"

#include <set>
#include <unordered_map>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace firn {
namespace {

absl::string_view nodeOf(absl::string_view edge) {
  if (!edge.empty() && edge[0] == '^')
    edge.remove_prefix(1);
  return edge.substr(0, edge.find(':'));
}

/// Marks what is needed of one graph.
class Needs {
public:
  explicit Needs(const tensorflow::GraphDef &graph) : graph(graph), needed(graph.node_size()) {
    index.reserve(graph.node_size());
    for (int i = 0; i < graph.node_size(); ++i)
      unique &= index.emplace(graph.node(i).name(), i).second;
  }

  bool namesAreUnique() const { return unique; }

  /// The node that an edge comes from, and all behind it; false for an edge from nowhere.
  bool add(absl::string_view edge) {
    int node = find(edge);
    if (node < 0)
      return false;
    std::vector<int> worklist;
    mark(node, worklist);
    while (!worklist.empty()) {
      const tensorflow::NodeDef &next = graph.node(worklist.back());
      worklist.pop_back();
      for (const std::string &input : next.input()) {
        int source = find(input);
        if (source < 0)
          return false;
        mark(source, worklist);
      }
    }
    return true;
  }

  /// Writes that arithmetic leads to from a batch norm or a reduction that is needed: by them the
  /// variables of moving averages are found.
  bool addAverages() {
    std::vector<std::vector<int>> users(graph.node_size());
    for (int i = 0; i < graph.node_size(); ++i)
      if (isArithmetic(graph.node(i).op()) || isWrite(graph.node(i).op()))
        for (const std::string &input : graph.node(i).input())
          if (int source = find(input); source >= 0)
            users[source].push_back(i);
    std::vector<bool> seen(graph.node_size());
    std::vector<int> worklist;
    for (int i = 0; i < graph.node_size(); ++i)
      if (needed[i] && isStatistic(graph.node(i).op()))
        worklist.push_back(i);
    while (!worklist.empty()) {
      int at = worklist.back();
      worklist.pop_back();
      for (int user : users[at])
        if (!seen[user]) {
          seen[user] = true;
          worklist.push_back(user);
          if (isWrite(graph.node(user).op()) && !add(graph.node(user).name()))
            return false;
        }
    }
    return true;
  }

  std::vector<bool> take() { return std::move(needed); }

private:
  static bool isStatistic(absl::string_view op) {
    return op == "Mean" || op == "Sum" || absl::StartsWith(op, "FusedBatchNorm");
  }
  static bool isWrite(absl::string_view op) { return absl::StartsWith(op, "Assign"); }
  static bool isArithmetic(absl::string_view op) {
    static const auto *ops = new std::set<absl::string_view>{
        "Add",        "AddV2",     "Sub",      "Mul",    "RealDiv",      "Div",
        "Neg",        "Squeeze",   "Reshape",  "Cast",   "StopGradient", "Identity",
        "Switch",     "Merge",     "Square",   "Select", "If",           "StatelessIf",
        "ExpandDims", "IdentityN", "SelectV2", "Enter",  "Exit",         "ReadVariableOp"};
    return ops->count(op) > 0;
  }

  int find(absl::string_view edge) const {
    auto it = index.find(std::string(nodeOf(edge)));
    return it == index.end() ? -1 : it->second;
  }
  void mark(int node, std::vector<int> &worklist) {
    if (!needed[node])
      worklist.push_back(node);
    needed[node] = true;
  }

  const tensorflow::GraphDef &graph;
  std::unordered_map<std::string, int> index;
  std::vector<bool> needed;
  bool unique = true;
};

} // namespace

std::vector<bool> neededNodes(const tensorflow::MetaGraphDef &meta,
                              const std::vector<std::string> &roots, bool withAverages) {
  Needs needs(meta.graph_def());
  const std::string &restore = meta.saver_def().restore_op_name();
  // A name that stands twice, or is not there: import says so.
  if (!needs.namesAreUnique() || restore.empty() || !needs.add(restore))
    return {};
  for (const std::string &root : roots)
    if (!needs.add(root))
      return {};
  if (withAverages && !needs.addAverages())
    return {};
  return needs.take();
}

} // namespace firn
