// One checkpoint of several.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/workbench/plan.h"

namespace firn {

enum class OnConflict { Error, First, Last };

struct Combined {
  Plan plan;
  /// What a reader should know, a line each.
  std::vector<std::string> notes;
};

/// All keys of `checkpoints`. A key that several have with one dtype, shape and values is no
/// conflict; InvalidArgument names every one that is.
absl::StatusOr<Combined> mergeCheckpoints(const std::vector<Checkpoint *> &checkpoints,
                                          OnConflict onConflict, bool verify);

/// The mean of every floating-point tensor; of other tensors (a global step, strings) what the last
/// has. InvalidArgument names every key that one of them lacks or has in another dtype or shape.
absl::StatusOr<Combined> averageCheckpoints(const std::vector<Checkpoint *> &checkpoints);

/// Whether dtype, shape and values are the same, bit by bit.
absl::StatusOr<bool> equalTensors(const TensorSource &a, const TensorSource &b, bool verify);

} // namespace firn
