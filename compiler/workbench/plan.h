// What a checkpoint will be made of.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/tensor_writer.h"

namespace firn {

/// A tensor of a checkpoint that is open as long as the plan is used.
struct TensorSource {
  Checkpoint *checkpoint = nullptr;
  std::string key;
  const CheckpointEntry &entry() const { return checkpoint->entries().at(key); }
};

struct PlannedTensor {
  /// As it will be written: dtype, shape, slices.
  CheckpointEntry entry;
  /// One: copied, or cast where the types differ. Several of one type and shape: their mean.
  std::vector<TensorSource> sources;
  /// Of a string tensor what is written instead of the source's elements.
  std::vector<std::string> strings = {};
};

/// By key. Moving an entry to another key renames a tensor.
using Plan = std::map<std::string, PlannedTensor>;

/// A tensor as it stands in `checkpoint`, slices kept.
PlannedTensor copyOf(Checkpoint &checkpoint, const std::string &key);
/// All of `checkpoint` as it is.
Plan copyAll(Checkpoint &checkpoint);

/// Keeps the tensors that `keep` says.
void keepOnly(Plan &plan, const std::function<bool(const std::string &key)> &keep);
/// Every tensor whole.
void joinSlices(Plan &plan);
/// Cuts `tensor` into `parts` slices along `axis` as TensorFlow's fixed_size_partitioner does: the
/// first ones are larger by one where it does not divide evenly. InvalidArgument where the
/// dimension is too small.
absl::Status splitTensor(const std::string &key, PlannedTensor &tensor, int64_t parts,
                         int64_t axis);

struct PlanTotals {
  uint64_t tensors = 0, parameters = 0, bytes = 0;
};
/// Strings count as tensors only.
PlanTotals totalsOf(const Plan &plan);
TensorTable tableOf(const Plan &plan);

/// Whether values of one type become the other: half, bfloat16, float and double do.
bool canCast(int from, int to);

} // namespace firn
