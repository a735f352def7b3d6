// Checkpoints as the passes see them.
#pragma once

#include <memory>

#include "compiler/workbench/checkpoint_view.h"
#include "dialects/graph/TensorSource.h"

namespace firn {

/// Large tensors become references to the checkpoints' files, small ones and strings are read. The
/// checkpoints stay open as long as the source lives.
std::shared_ptr<graph::TensorSource>
makeCheckpointSource(std::shared_ptr<const CheckpointView> view);

/// Reads extents through `files`, which outlives it.
graph::ExtentReader makeExtentReader(TensorFiles &files);

} // namespace firn
