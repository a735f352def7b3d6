// Ops on shapes, computed on sizes.
#pragma once

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"

namespace firn::kernel {

/// Gives the outputs of a node on small integer tensors as sizes, where all that it needs is sizes.
/// False, and nothing given, where it is not.
bool giveShapeValues(NodeLowering &n);

/// True for an op that `giveShapeValues` may know.
bool hasShapeValues(llvm::StringRef op);

} // namespace firn::kernel
