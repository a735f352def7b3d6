// The dispatches of a module, held against the nodes of a graph that the reference interpreter
// runs.
#pragma once

#include "compiler/pipeline/LoadedModule.h"
#include "compiler/pipeline/Verify.h"

namespace firn {

/// A dispatch that ran, and the node whose tensor it left.
struct DispatchDifference {
  uint32_t step = 0;
  std::string kernel;
  std::vector<std::string> nodes;
  TensorDifference tensor;
};

struct DispatchReport {
  uint64_t dispatches = 0; ///< that ran
  uint64_t compared = 0;   ///< of these whose tensor is a node's of the graph
  uint64_t agreeing = 0;
  /// The first that is not within the tolerance, in the order in which the module runs.
  std::optional<DispatchDifference> first;
};

/// Runs the graph and, its nodes' values kept as far as `options.budget` goes, the module. The n-th
/// time that a step of a loop runs belongs to the n-th value of its node. Errors as of
/// `RunnableModel::run` and `LoadedModule::run`.
absl::StatusOr<DispatchReport>
compareDispatches(const RunnableModel &graph, const NamedArrays &graphFeeds, LoadedModule &module,
                  const NamedArrays &moduleFeeds, const VerifyOptions &options);

} // namespace firn
