// What a user names as a model: a graph file and, where there is one, the checkpoint that belongs
// to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/graph_file.h"
#include "compiler/pipeline/Freeze.h"
#include "compiler/workbench/checkpoint_view.h"

namespace firn {

struct Model {
  GraphFile graph;
  /// Empty for a graph that stands alone. Never null.
  std::shared_ptr<const CheckpointView> checkpoint;
  /// What a user should know of how the files were found.
  std::vector<std::string> notes;
};

/// `options.model`: a .meta, .pb or .pbtxt, a SavedModel directory, a checkpoint prefix with a
/// .meta beside it, a directory whose `checkpoint` file names the newest, or "-".
/// `options.checkpoints` name others by any of their names, the later over the earlier; when there
/// are none the sibling of a .meta and the variables of a SavedModel are taken if they are there.
/// Errors say what was looked for, and what is wrong with `options.rename`.
absl::StatusOr<Model> openModel(const FreezeOptions &options);

/// The graph file that `model` means: itself, or the .meta of the checkpoint that it names.
absl::StatusOr<std::string> resolveGraphPath(const std::string &model,
                                             std::vector<std::string> *notes);

} // namespace firn
