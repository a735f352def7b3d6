// Evaluates a model with the reference interpreter.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/npy.h"
#include "compiler/pipeline/FrozenModel.h"

namespace firn {

/// Tensor name and value.
using NamedArrays = std::vector<std::pair<std::string, NpyArray>>;

/// Runs a frozen model on `feeds`; the values of its outputs under their names. `observe` is called
/// after each node with its name, op and outputs, in order of execution. InvalidArgument: a feed
/// that the graph lacks or whose dtype or shape does not fit; a node that fails, by its name.
absl::StatusOr<NamedArrays>
runModel(FrozenModel &model, const NamedArrays &feeds,
         const std::function<void(const std::string &node, const std::string &op,
                                  const std::vector<NpyArray> &outputs)> &observe = nullptr);

} // namespace firn
