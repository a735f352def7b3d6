// Nodes by name: lookup, new names, and the nearest ones for messages.
#pragma once

#include <string>

#include "dialects/graph/Node.h"
#include "llvm/ADT/StringMap.h"

namespace firn::graph {

/// At most `count` of `candidates` that resemble `name` most: equal but for case or a scope, then
/// by edit distance. None where nothing is near.
std::vector<std::string> nearestNames(llvm::StringRef name,
                                      const std::vector<std::string> &candidates, size_t count = 3);

/// "; nearest: 'a', 'b'", or "" when there is none.
std::string nearestText(llvm::StringRef name, const std::vector<std::string> &candidates);

/// The names of one block. Not updated when nodes are erased or renamed.
class NodeIndex {
public:
  explicit NodeIndex(mlir::Block &block);
  /// Null when there is no node of this name.
  Node find(llvm::StringRef name) const { return nodes.lookup(name); }
  std::vector<std::string> names() const;
  /// `base`, or `base_1`, `base_2` … until it is free; taken from then on.
  std::string unique(llvm::StringRef base);
  void add(Node node) { nodes[node.name()] = node; }

private:
  llvm::StringMap<Node> nodes;
};

/// What `name`, `name:1` or `^name` means. For `name` of a node without outputs its control token.
/// Null when the node or the output is not there; `why` then says what, with the nearest names.
mlir::Value resolveTensorName(const NodeIndex &index, llvm::StringRef text, std::string &why);

} // namespace firn::graph
