// One run of a frozen model, in tensors of the interpreter.
#pragma once

#include "compiler/pipeline/FrozenModel.h"
#include "compiler/pipeline/RunModel.h"
#include "compiler/reference/Interpreter.h"

namespace firn {

using Observer = std::function<void(graph::Node, llvm::ArrayRef<reference::Tensor>)>;

/// The values of `model.outputs()`. `observe` is called after each node of the graph that ran, in
/// order. Errors as of `RunnableModel::run`.
absl::StatusOr<reference::Tensors> runTensors(const RunnableModel &model, const NamedArrays &feeds,
                                              const Observer &observe);

} // namespace firn
