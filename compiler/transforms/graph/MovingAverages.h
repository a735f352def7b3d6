// Moving averages of variables among the keys of a checkpoint.
#pragma once

#include <map>
#include <string>

#include "dialects/graph/Node.h"
#include "dialects/graph/TensorSource.h"

namespace firn::graph {

class MovingAverages {
public:
  /// Averages are kept under "…/suffix".
  MovingAverages(const TensorSource &source, llvm::StringRef suffix);

  /// Gives `variable`, which has a key, that of its average: the key and the suffix, else its name
  /// and the suffix, else the only such key that has a scope before. Its slice stays. A variable
  /// without an average keeps its key.
  void use(Node variable) const;

private:
  std::string find(llvm::StringRef name) const;

  const TensorSource &source;
  std::string ending; // "/suffix"
  /// Name of a variable without its outer scopes → key of its average, "" where several have it.
  std::map<std::string, std::string> scoped;
};

} // namespace firn::graph
