#include "compiler/pipeline/Model.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace fs = std::filesystem;

namespace firn {
namespace {

bool isFile(const std::string &path) {
  std::error_code error;
  return fs::is_regular_file(path, error) || fs::is_fifo(path, error) ||
         fs::is_character_file(path, error);
}

bool isSavedModel(const std::string &path) {
  return isFile(absl::StrCat(path, "/saved_model.pb")) ||
         isFile(absl::StrCat(path, "/saved_model.pbtxt"));
}

// A file that is part of a checkpoint, not a graph.
bool isCheckpointPart(const std::string &path) {
  std::string name = fs::path(path).filename();
  return name == "checkpoint" || absl::EndsWith(name, ".index") ||
         absl::StrContains(name, ".data-");
}

// It might have been a graph as well.
absl::Status notFound(const absl::Status &status) {
  absl::string_view text = status.message();
  if (!absl::ConsumePrefix(&text, "no checkpoint"))
    return status;
  return absl::Status(status.code(), absl::StrCat("no graph, SavedModel or checkpoint", text));
}

} // namespace

absl::StatusOr<std::string> resolveGraphPath(const std::string &model,
                                             std::vector<std::string> *notes) {
  std::error_code error;
  if (model == "-" || isSavedModel(model) || (isFile(model) && !isCheckpointPart(model))) {
    // A V1 checkpoint is a file without an ending; its graph is beside it.
    if (model != "-" && isFile(model + ".meta"))
      return model + ".meta";
    return model;
  }
  const bool isGraphName = absl::EndsWith(model, ".pb") || absl::EndsWith(model, ".pbtxt");
  if (isGraphName && !isFile(model + ".index"))
    return absl::NotFoundError(absl::StrCat("no file '", model, "'"));
  absl::StatusOr<std::string> prefix = resolveCheckpointPrefix(model, notes);
  if (!prefix.ok())
    return notFound(prefix.status());
  if (isFile(*prefix + ".meta"))
    return *prefix + ".meta";
  return absl::NotFoundError(
      absl::StrCat("'", model, "' is a checkpoint without a graph: there is no '", *prefix,
                   ".meta'; name the graph as the model and this with --checkpoint"));
}

absl::StatusOr<Model> openModel(const std::string &model, const std::string &checkpoint,
                                const std::vector<std::string> &tags, bool verifyChecksums) {
  Model result;
  absl::StatusOr<std::string> graphPath = resolveGraphPath(model, &result.notes);
  if (!graphPath.ok())
    return graphPath.status();
  GraphFileOptions graphOptions;
  graphOptions.tags = tags;
  absl::StatusOr<GraphFile> graph = readGraphFile(*graphPath, graphOptions);
  if (!graph.ok())
    return graph.status();
  result.graph = std::move(*graph);

  std::string name = checkpoint;
  if (name.empty())
    name = result.graph.variablesPrefix;
  if (name.empty() && absl::EndsWith(*graphPath, ".meta")) {
    // A .meta that stands alone may still freeze: a graph without variables.
    std::vector<std::string> ignored;
    if (resolveCheckpointPrefix(*graphPath, &ignored).ok())
      name = *graphPath;
  }
  if (name.empty())
    return result;
  absl::StatusOr<std::unique_ptr<Checkpoint>> opened = Checkpoint::open(name, {verifyChecksums});
  if (!opened.ok())
    return opened.status();
  result.checkpoint = std::move(*opened);
  result.notes.insert(result.notes.end(), result.checkpoint->notes().begin(),
                      result.checkpoint->notes().end());
  return result;
}

} // namespace firn
