// What a user names as a model: a graph file and, where there is one, the checkpoint that belongs
// to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/graph_file.h"

namespace firn {

struct Model {
  GraphFile graph;
  /// Null for a graph that stands alone.
  std::shared_ptr<Checkpoint> checkpoint;
  /// What a user should know of how the files were found.
  std::vector<std::string> notes;
};

/// `model`: a .meta, .pb or .pbtxt, a SavedModel directory, a checkpoint prefix with a .meta beside
/// it, a directory whose `checkpoint` file names the newest, or "-". `checkpoint` names another one
/// by any of its names; when it is empty the sibling of a .meta and the variables of a SavedModel
/// are taken if they are there. Errors say what was looked for.
absl::StatusOr<Model> openModel(const std::string &model, const std::string &checkpoint,
                                const std::vector<std::string> &tags, bool verifyChecksums);

/// The graph file that `model` means: itself, or the .meta of the checkpoint that it names.
absl::StatusOr<std::string> resolveGraphPath(const std::string &model,
                                             std::vector<std::string> *notes);

} // namespace firn
