// A checkpoint as the passes see it.
#pragma once

#include <memory>

#include "compiler/formats/checkpoint.h"
#include "dialects/graph/TensorSource.h"

namespace firn {

/// Large tensors become references to the checkpoint's files, small ones and strings are read. The
/// checkpoint stays open as long as the source lives.
std::shared_ptr<graph::TensorSource> makeCheckpointSource(std::shared_ptr<Checkpoint> checkpoint);

/// Reads extents through `files`, which outlives it.
graph::ExtentReader makeExtentReader(TensorFiles &files);

} // namespace firn
