// The names that variables of a TF2 object checkpoint had.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compiler/workbench/plan.h"

namespace firn {

/// Gives the tensors of `plan`, which come from `checkpoint`, the full names of their variables
/// ("dense/kernel" for layer-0/kernel/.ATTRIBUTES/VARIABLE_VALUE) and takes out what means
/// something beside the object graph only: the graph itself, the configurations of objects. A
/// tensor without a full name, or with one that another has too (metrics' "count"), keeps its key;
/// `notes` says so. InvalidArgument where `checkpoint` has no object graph.
absl::Status useFullNames(Checkpoint &checkpoint, Plan &plan, std::vector<std::string> &notes);

} // namespace firn
