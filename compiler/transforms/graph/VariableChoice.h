// Which variables a user wants frozen, and with which values.
#pragma once

#include <string>
#include <vector>

#include "dialects/graph/Node.h"
#include "llvm/Support/GlobPattern.h"

namespace firn::graph {

/// The `#graph.tensor` that the initializer of a variable computes, or a string that says why it
/// can't be told, set by graph-init-variables where the checkpoint has no value.
inline constexpr llvm::StringLiteral kInitialAttr = "graph.initial";

/// Names or shell patterns of whole names. `*` goes over '/', too.
class NamePatterns {
public:
  explicit NamePatterns(llvm::ArrayRef<std::string> patterns);
  bool match(llvm::StringRef name) const;
  bool empty() const { return names.empty(); }

private:
  std::vector<std::string> names;
  std::vector<llvm::GlobPattern> globs;
};

/// --only and --skip.
class VariableChoice {
public:
  VariableChoice(llvm::ArrayRef<std::string> only, llvm::ArrayRef<std::string> skip)
      : only(only), skip(skip) {}
  bool isChosen(Node variable) const {
    return (only.empty() || only.match(variable.name())) && !skip.match(variable.name());
  }

private:
  NamePatterns only, skip;
};

/// The key that graph-assign-keys gave a variable, its name where it gave none.
std::string keyOfVariable(Node variable);

} // namespace firn::graph
