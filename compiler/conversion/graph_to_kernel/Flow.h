// Control flow: loops and branches, written as nodes of frames or as functions.
#pragma once

#include "dialects/graph/Node.h"

namespace firn::kernel {

class GraphLowering;

/// The loop that an Exit leaves, with all of its Exits.
void lowerFrameLoop(GraphLowering &lowering, graph::Node exit);
/// While.
void lowerWhile(GraphLowering &lowering, graph::Node node);
/// The cond that a Merge ends, with all Merges that end it.
void lowerMerge(GraphLowering &lowering, graph::Node merge);
/// If and Case.
void lowerBranches(GraphLowering &lowering, graph::Node node);

} // namespace firn::kernel
