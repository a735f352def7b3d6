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

// Those that are asked for, else the one beside the graph.
std::vector<std::string> checkpointNames(const FreezeOptions &options, const GraphFile &graph,
                                         const std::string &graphPath) {
  if (!options.checkpoints.empty())
    return options.checkpoints;
  if (!graph.variablesPrefix.empty())
    return {graph.variablesPrefix};
  // A .meta that stands alone may still freeze: a graph without variables.
  std::vector<std::string> ignored;
  if (absl::EndsWith(graphPath, ".meta") && resolveCheckpointPrefix(graphPath, &ignored).ok())
    return {graphPath};
  return {};
}

absl::StatusOr<NameMap> renamingOf(const FreezeOptions &options) {
  NameMap names;
  for (const std::string &rule : options.rename)
    if (absl::Status status = NameMap::isRule(rule) ? names.add(rule) : names.addFile(rule);
        !status.ok())
      return status;
  return names;
}

absl::Status checkAverages(const CheckpointView &checkpoint, const std::string &suffix) {
  const std::string ending = absl::StrCat("/", suffix);
  for (const auto &[name, tensor] : checkpoint.tensors())
    if (absl::EndsWith(name, ending))
      return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("the checkpoint '", checkpoint.name(),
                                          "' has no moving averages: no key ends in '", ending,
                                          "'; --moving-averages=SUFFIX names another end"));
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

absl::StatusOr<Model> openModel(const FreezeOptions &options) {
  Model result;
  absl::StatusOr<NameMap> names = renamingOf(options);
  if (!names.ok())
    return names.status();
  absl::StatusOr<std::string> graphPath = resolveGraphPath(options.model, &result.notes);
  if (!graphPath.ok())
    return graphPath.status();
  GraphFileOptions graphOptions;
  graphOptions.tags = options.tags;
  absl::StatusOr<GraphFile> graph = readGraphFile(*graphPath, graphOptions);
  if (!graph.ok())
    return graph.status();
  result.graph = std::move(*graph);
  std::vector<std::shared_ptr<Checkpoint>> checkpoints;
  for (const std::string &name : checkpointNames(options, result.graph, *graphPath)) {
    auto opened = Checkpoint::open(name, {options.verifyChecksums});
    if (!opened.ok())
      return opened.status();
    checkpoints.push_back(std::move(*opened));
    const std::vector<std::string> &notes = checkpoints.back()->notes();
    result.notes.insert(result.notes.end(), notes.begin(), notes.end());
  }
  if (checkpoints.empty() && !names->empty())
    return absl::InvalidArgumentError("expected a checkpoint whose names --rename or --scope "
                                      "change; name it with --checkpoint");
  absl::StatusOr<CheckpointView> view = CheckpointView::create(std::move(checkpoints), *names);
  if (!view.ok())
    return view.status();
  if (!options.movingAverages.empty())
    if (absl::Status status = checkAverages(*view, options.movingAverages); !status.ok())
      return status;
  result.checkpoint = std::make_shared<CheckpointView>(std::move(*view));
  return result;
}

} // namespace firn
