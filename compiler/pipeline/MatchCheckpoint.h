// A graph held against a checkpoint: what each variable gets, what nothing asks for.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/pipeline/Freeze.h"
#include "compiler/pipeline/Model.h"

namespace firn {

struct VariableMatch {
  enum class State { Matched, Missing, WrongShape, WrongDtype, WrongSlice };
  State state;
  std::string name, dtype;
  std::vector<int64_t> shape; ///< as declared; -1: unknown dimension
  bool knownRank = false;
  std::string key; ///< by which it is looked for
  /// What the checkpoint has under the key; of a part the slice, "10 4 5,5:0,4". Empty for Missing.
  std::string storedDtype, slice;
  std::vector<int64_t> storedShape;
  /// Of a missing one: keys that no variable asks for, the nearest first.
  std::vector<std::string> nearest;
};

struct CheckpointMatch {
  std::string graphPath;
  /// Stays open as long as the table is used.
  std::shared_ptr<const CheckpointView> checkpoint;
  std::vector<VariableMatch> variables; ///< in the graph's order
  std::vector<std::string> unused;      ///< keys, in their order
  std::vector<std::string> notes;
};

/// Looks at the model, the checkpoints and what changes names in `options`. With outputs only the
/// variables that they need count, otherwise all that a Saver would save: not local ones. Errors as
/// of `freeze`, but for those that the table shows.
absl::StatusOr<CheckpointMatch> matchCheckpoint(const FreezeOptions &options);

/// The checkpoint's keys that `freeze` with these options reads, in their order: of parts the key
/// of the whole. Errors as of `freeze`.
absl::StatusOr<std::vector<std::string>> neededKeys(FreezeOptions options);

} // namespace firn
