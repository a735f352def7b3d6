#include "compiler/driver/artifact.h"

#include <filesystem>
#include <iostream>

#include "absl/strings/match.h"

namespace firn {
namespace {

namespace fs = std::filesystem;

bool isFile(const std::string &path) {
  std::error_code error;
  return fs::exists(path, error) && !fs::is_directory(path, error);
}

absl::Status openCheckpoint(const std::string &name, const ArtifactOptions &options,
                            Artifact &found) {
  auto checkpoint = Checkpoint::open(name, {options.verify});
  if (checkpoint.ok())
    found.checkpoint = std::move(*checkpoint);
  return checkpoint.status();
}

absl::Status openGraph(const std::string &path, const ArtifactOptions &options, Artifact &found) {
  GraphFileOptions graphOptions;
  graphOptions.tags = options.tags;
  absl::StatusOr<GraphFile> graph = readGraphFile(path, graphOptions);
  if (graph.ok())
    found.graph = std::move(*graph);
  return graph.status();
}

void openCheckpointBeside(const std::string &path, const ArtifactOptions &options,
                          Artifact &found) {
  const std::string &variables = found.graph->variablesPrefix;
  const std::string beside = !variables.empty()              ? variables
                             : absl::EndsWith(path, ".meta") ? path
                                                             : "";
  std::vector<std::string> notes;
  if (beside.empty() || !resolveCheckpointPrefix(beside, &notes).ok())
    return;
  if (absl::Status status = openCheckpoint(beside, options, found); !status.ok())
    std::cerr << "firn: warning: " << status.message() << "\n";
}

} // namespace

absl::StatusOr<Artifact> openArtifact(const std::string &path, const ArtifactOptions &options) {
  Artifact found;
  absl::Status graphStatus = absl::NotFoundError("");
  const bool savedModel = isFile(path + "/saved_model.pb") || isFile(path + "/saved_model.pbtxt");
  if (path == "-" || savedModel || isFile(path))
    graphStatus = openGraph(path, options, found);
  if (graphStatus.ok()) {
    found.namesGraph = true;
    if (options.both)
      openCheckpointBeside(path, options, found);
    return found;
  }
  std::vector<std::string> notes;
  absl::StatusOr<std::string> prefix = resolveCheckpointPrefix(path, &notes);
  if (!prefix.ok())
    return path == "-" || isFile(path) || savedModel ? graphStatus : prefix.status();
  absl::Status status = openCheckpoint(path, options, found);
  if (status.ok() && options.both && isFile(*prefix + ".meta"))
    status = openGraph(*prefix + ".meta", options, found);
  if (!status.ok())
    return status;
  return found;
}

} // namespace firn
