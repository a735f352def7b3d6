// What a path on the command line names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/graph_file.h"

namespace firn {

/// A graph, a checkpoint, or one with the other beside it.
struct Artifact {
  std::optional<GraphFile> graph;
  std::unique_ptr<Checkpoint> checkpoint;
  /// The path itself is the graph's: a file, a SavedModel; otherwise it is one of the checkpoint's
  /// names.
  bool namesGraph = false;
};

struct ArtifactOptions {
  std::vector<std::string> tags; // of the MetaGraph in a SavedModel
  bool verify = true;            // compare a checkpoint's checksums
  bool both = true;              // look for the other one, too
};

/// Told apart by content. A checkpoint that can't be read beside a graph that can is a warning on
/// stderr.
absl::StatusOr<Artifact> openArtifact(const std::string &path, const ArtifactOptions &options);

} // namespace firn
