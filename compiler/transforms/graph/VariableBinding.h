// Variables held against the checkpoint that they get their values from.
#pragma once

#include <optional>
#include <string>

#include "dialects/graph/Node.h"
#include "dialects/graph/TensorSource.h"

namespace firn::graph {

/// What of the checkpoint goes into a variable, or why nothing does.
struct VariableBinding {
  enum class State {
    Bound,      ///< all agrees
    Missing,    ///< there is no checkpoint, or no such key
    NotChosen,  ///< the key is there, the variable is not to have it, and no initial value is known
    WrongSlice, ///< the Saver's slice is none, or is one of another whole
    WrongDtype,
    WrongShape,
  };
  State state = State::Bound;
  Node variable;
  std::string key;
  std::optional<TensorSource::Entry> stored; ///< under the key
  std::optional<TensorSource::Slice> slice;
  llvm::SmallVector<int64_t> shape; ///< of what the variable gets
  TensorAttr initial;               ///< what it gets instead, by its initializer
  std::string problem;              ///< "the checkpoint has float [3] under 'w'"; "" for Bound
};

/// Looks the key of a variable up (graph-assign-keys), or takes its initial value
/// (graph-init-variables). `source` may be null.
VariableBinding bindVariable(Node variable, const TensorSource *source);

/// "float [3,?]", "float of unknown shape": what a variable is declared as.
std::string declaredText(Node variable);

} // namespace firn::graph
