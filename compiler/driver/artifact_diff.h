// How two graphs or two checkpoints differ.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/driver/value_diff.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/graph_file.h"

namespace firn {

/// One field of something that both have: "op", "input 1", "attr T", "shape", "values".
struct FieldDiff {
  std::string field;
  /// What the field is in the first and in the second; "" where it is missing, or where only `note`
  /// can say how they differ.
  std::string a, b, note;
};

struct Difference {
  enum class Side { OnlyFirst, OnlySecond, Both };
  Side side;
  std::string what; // "node", "function", "tensor", "versions", "signature", "collection"
  std::string name;
  std::string description;       // of what only one has: "Const", "float [3]"
  std::vector<FieldDiff> fields; // of what both have
};

struct DiffOptions {
  bool values = true; // compare the values of constants and tensors
  bool verify = true; // compare checksums of what is read
  Tolerance tolerance;
};

/// Nodes by name, whatever their order; functions, versions, and of MetaGraphs signatures and
/// collections. Constants are equal when their values are, however they are
/// written; `_output_shapes`, which only notes what inference found, is not compared.
absl::StatusOr<std::vector<Difference>> diffGraphs(const GraphFile &a, const GraphFile &b,
                                                   const DiffOptions &options);

/// Keys, dtypes, shapes, values; not how tensors are sliced.
absl::StatusOr<std::vector<Difference>> diffCheckpoints(Checkpoint &a, Checkpoint &b,
                                                        const DiffOptions &options);

} // namespace firn
