// The nodes that two models have in common, held against one another.
#pragma once

#include <map>
#include <set>

#include "compiler/pipeline/RunTensors.h"
#include "compiler/pipeline/Verify.h"

namespace firn {

/// Compares nodes of the same name, as many at a time as the budget allows: each part is a run of A
/// that keeps values and a run of B that is held against them.
class NodeComparison {
public:
  NodeComparison(const RunnableModel &a, const NamedArrays &feedsA, const RunnableModel &b,
                 const NamedArrays &feedsB, const VerifyOptions &options);

  absl::Status run();
  /// `VerifyResult::first` for `outputs` of A that differ.
  std::optional<NodeDifference> first(const std::vector<size_t> &outputs) const;
  uint64_t count() const { return nodes.size(); }

private:
  /// What a node of A gave the n-th time that it ran.
  struct Kept {
    size_t order;
    reference::Tensors tensors;
  };
  using Key = std::pair<std::string, size_t>;
  /// A node that was compared; `parts` where its values do.
  struct Compared {
    size_t order;
    std::string op;
    std::optional<TensorDifference> parts;
  };

  absl::Status keep(std::map<Key, Kept> &kept);
  absl::Status compare(std::map<Key, Kept> &kept);
  void compareNode(graph::Node node, const Kept &want, llvm::ArrayRef<reference::Tensor> got);

  const RunnableModel &a, &b;
  const NamedArrays &feedsA, &feedsB;
  const VerifyOptions &options;
  std::set<std::string> common;
  std::map<std::string, Compared> nodes;
  /// Evaluations of common nodes in a run of A; the first that was not kept so far.
  size_t evaluations = 0, next = 0;
};

} // namespace firn
