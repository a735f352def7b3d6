#include "compiler/transforms/graph/NodeNames.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace firn::graph {

static StringRef lastPart(StringRef name) {
  return name.rsplit('/').second.empty() ? name : name.rsplit('/').second;
}

std::vector<std::string> nearestNames(StringRef name, const std::vector<std::string> &candidates,
                                      size_t count) {
  std::string lower = name.lower();
  std::vector<std::pair<unsigned, StringRef>> ranked;
  unsigned limit = std::max<unsigned>(1, name.size() / 3);
  for (const std::string &candidate : candidates) {
    StringRef other(candidate);
    unsigned distance = StringRef(lower).edit_distance(other.lower(), true, limit);
    // A name that is there under another scope is what is meant more often than one with other
    // letters.
    bool otherScope = lastPart(other) == lastPart(name) || other.ends_with(("/" + name).str()) ||
                      name.ends_with(("/" + other).str());
    if (otherScope)
      distance = std::min(distance, 1u);
    if (distance <= limit)
      ranked.emplace_back(distance, other);
  }
  llvm::sort(ranked);
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(count, ranked.size()); ++i)
    names.push_back(ranked[i].second.str());
  return names;
}

std::string nearestText(StringRef name, const std::vector<std::string> &candidates) {
  std::vector<std::string> names = nearestNames(name, candidates);
  return names.empty() ? "" : "; nearest: '" + llvm::join(names, "', '") + "'";
}

NodeIndex::NodeIndex(Block &block) {
  for (Operation &op : block.without_terminator())
    add(Node(&op));
}

std::vector<std::string> NodeIndex::names() const {
  std::vector<std::string> names;
  for (const auto &entry : nodes)
    names.push_back(entry.first().str());
  llvm::sort(names);
  return names;
}

std::string NodeIndex::unique(StringRef base) {
  std::string name = base.str();
  for (unsigned i = 1; !nodes.try_emplace(name).second; ++i)
    name = (base + "_" + Twine(i)).str();
  return name;
}

Value resolveTensorName(const NodeIndex &index, StringRef text, std::string &why) {
  StringRef rest = text;
  bool control = rest.consume_front("^");
  auto [name, position] = rest.split(':');
  Node node = index.find(name);
  if (!node) {
    why = ("there is no node '" + name + "'" + nearestText(name, index.names())).str();
    return {};
  }
  unsigned output = 0;
  if (control || (position.empty() && node.numOutputs() == 0))
    return node.control();
  if ((!position.empty() && position.getAsInteger(10, output)) || output >= node.numOutputs()) {
    why = ("node '" + name + "' (" + node.type() + ") has " + Twine(node.numOutputs()) + " outputs")
              .str();
    return {};
  }
  return node.output(output);
}

} // namespace firn::graph
