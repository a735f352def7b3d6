// Shapes of a graph's tensors for a reader, inferred from its inputs.
#pragma once

#include <string>
#include <vector>

#include "compiler/formats/graph_file.h"

namespace firn {

struct TensorShape {
  bool knownRank = false;
  std::vector<int64_t> dims; // -1: unknown
};

/// Of "node" or "node:1" each; unknown for a tensor that is not there and for all of a graph that
/// can't be imported. Only what these need of the graph is looked at.
std::vector<TensorShape> inferShapes(const GraphFile &file,
                                     const std::vector<std::string> &tensors);

} // namespace firn
