// Whether two models compute the same, and where they begin not to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/pipeline/RunModel.h"

namespace firn {

/// How a tensor of B, `got`, differs from one of A, `want`. NaN equals NaN.
struct TensorDifference {
  std::string name, other; // in A, in B
  int dtype = 0;
  std::vector<int64_t> shape;
  /// Why the values can't be held against one another: dtypes or shapes are different.
  std::string mismatch;
  uint64_t elements = 0, differing = 0;
  /// Largest |got - want|, infinite where only one is NaN and for strings; the largest finite
  /// |want|.
  double largest = 0, scale = 0;
  /// Where the largest difference is, and the two values as text. Empty when there is none.
  std::vector<int64_t> at;
  std::string want, got;
  /// Within the tolerance: largest <= atol + rtol * scale.
  bool good = true;
};

/// A node whose values part.
struct NodeDifference {
  std::string node, op;
  TensorDifference tensor;
};

struct VerifyOptions {
  double rtol = 1e-4, atol = 0;
  /// Bytes of values that are kept at a time while nodes are compared. Where they are not enough
  /// both models run again for the next nodes.
  uint64_t budget = uint64_t{1} << 30;
  NodeCallback callback;
};

struct VerifyResult {
  std::vector<TensorDifference> outputs;
  /// Where an output differs: the first node, in the order in which A runs, that has a name and
  /// shapes in common with a node of B, whose values part, and from which the difference reaches an
  /// output: on the way there is no common node that agrees.
  std::optional<NodeDifference> first;
  /// Nodes that were compared.
  uint64_t compared = 0;
  bool good() const;
};

/// Positions of outputs that belong together, by name; by position where no name is in both and
/// both have as many. InvalidArgument: an output of A that B lacks.
absl::StatusOr<std::vector<std::pair<size_t, size_t>>>
pairOutputs(const std::vector<ModelTensor> &a, const std::vector<ModelTensor> &b);

/// How the value of an output of B, `got`, differs from one of A.
TensorDifference compareArrays(const std::pair<std::string, NpyArray> &want,
                               const std::pair<std::string, NpyArray> &got,
                               const VerifyOptions &options);

/// Runs A on `feedsA` and B on `feedsB`. Errors as of `RunnableModel::run`.
absl::StatusOr<VerifyResult> verifyModels(const RunnableModel &a, const NamedArrays &feedsA,
                                          const RunnableModel &b, const NamedArrays &feedsB,
                                          const std::vector<std::pair<size_t, size_t>> &pairs,
                                          const VerifyOptions &options);

} // namespace firn
