// Which nodes of a training graph are worth importing.
#pragma once

#include <string>
#include <vector>

#include "compiler/formats/proto/meta_graph.pb.h"

namespace firn {

/// For each node of the graph whether one of `roots` (edge texts: "n", "n:1", "^n") or the Saver's
/// restore op needs it. Empty, which means all, when there is no Saver to start from or when a root
/// is not in the graph: the passes then say what is wrong with it. `withAverages`: also the writes
/// that may keep moving averages of what is needed.
std::vector<bool> neededNodes(const tensorflow::MetaGraphDef &meta,
                              const std::vector<std::string> &roots, bool withAverages);

} // namespace firn
