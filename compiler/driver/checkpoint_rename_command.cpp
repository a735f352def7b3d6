#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "compiler/driver/checkpoint_edit.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/text.h"
#include "compiler/formats/graph_file.h"
#include "compiler/formats/output_file.h"
#include "compiler/workbench/object_graph.h"
#include "compiler/workbench/rename_graph.h"
#include "google/protobuf/text_format.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

absl::StatusOr<NameMap> readMap(const ParsedFlags &flags) {
  NameMap map;
  for (const std::string &rule : flags.list("map"))
    if (absl::Status status = map.add(rule); !status.ok())
      return status;
  for (const std::string &file : flags.list("map-file"))
    if (absl::Status status = map.addFile(file); !status.ok())
      return status;
  return map;
}

NameTable changesOf(const std::vector<Renaming> &table) {
  NameTable changes;
  for (const Renaming &renaming : table)
    if (renaming.from != renaming.to)
      changes[renaming.from] = renaming.to;
  return changes;
}

/// The graph that is renamed with its checkpoint.
class GraphEdit {
public:
  absl::Status read(const std::string &path) {
    GraphFileOptions options;
    options.externalThreshold = SIZE_MAX;
    auto graph = readGraphFile(path, options);
    if (!graph.ok())
      return graph.status();
    if (graph->kind == GraphFile::Kind::SavedModel)
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": expected a .meta, .pb or .pbtxt, got a SavedModel, whose functions hold the "
                "names of its variables, too"));
    file = *std::move(graph);
    return absl::OkStatus();
  }

  std::vector<std::string> names() const { return variableNames(file.meta.graph_def()); }

  absl::Status rename(const NameTable &names, const NameTable &keys) {
    auto renamed = renamedNodes(file.meta.graph_def(), names);
    if (!renamed.ok())
      return renamed.status();
    nodes = *std::move(renamed);
    renameGraph(file.meta, nodes, keys);
    return absl::OkStatus();
  }

  /// The file without its name yet; `commit` gives it.
  absl::StatusOr<std::unique_ptr<OutputFile>> write(const std::string &path) const {
    const google::protobuf::Message &message =
        file.kind == GraphFile::Kind::GraphDef
            ? static_cast<const google::protobuf::Message &>(file.meta.graph_def())
            : file.meta;
    std::string bytes;
    if (!file.text)
      bytes = serializeDeterministic(message);
    else if (!google::protobuf::TextFormat::PrintToString(message, &bytes))
      return absl::InternalError("the graph can't be printed");
    auto output = OutputFile::create(path);
    if (!output.ok())
      return output.status();
    absl::Status status = (*output)->append(bytes);
    if (!status.ok())
      return status;
    return output;
  }

  NameTable nodes; ///< that have another name

private:
  GraphFile file;
};

int usage(const char *message) { return reportUsage(message, "checkpoint rename"); }

class Rename {
public:
  explicit Rename(const ParsedFlags &flags) : flags(flags) {}

  absl::Status prepare() {
    auto map = readMap(flags);
    if (!map.ok())
      return map.status();
    auto opened = openCheckpoints(flags);
    if (!opened.ok())
      return opened.status();
    checkpoints = *std::move(opened);
    if (flags.has("graph"))
      if (absl::Status status = graph.emplace().read(flags.text("graph")); !status.ok())
        return status;
    absl::Status status = apply(*map);
    return status.ok() ? fillPlan() : status;
  }

  int finish() {
    if (!graph || flags.boolean("dry-run")) {
      const int code = finishEdit(flags, checkpoints, std::move(edit), "checkpoint rename");
      if (graph && code == 0)
        printNodes();
      return code;
    }
    // Both or none: the graph is complete, but for its name, before the checkpoint is written.
    auto output = graph->write(flags.text("graph-out"));
    if (!output.ok())
      return reportError(output.status());
    const int code = finishEdit(flags, checkpoints, std::move(edit), "checkpoint rename");
    if (code != 0)
      return code;
    absl::Status status = (*output)->commit();
    return status.ok() ? 0 : reportError(status);
  }

private:
  absl::Status apply(const NameMap &map) {
    std::vector<std::string> keys;
    for (const auto &[key, entry] : checkpoints[0]->entries())
      if (key != kObjectGraphKey)
        keys.push_back(key);
    auto tables = map.applyEach({keys, graph ? graph->names() : std::vector<std::string>()});
    if (!tables.ok())
      return tables.status();
    table = (*tables)[0];
    return graph ? graph->rename(changesOf((*tables)[1]), changesOf(table)) : absl::OkStatus();
  }

  absl::Status fillPlan() {
    edit.verb = "renamed";
    const NameTable changes = changesOf(table);
    for (const Renaming &renaming : table)
      edit.plan.emplace(renaming.to, copyOf(*checkpoints[0], renaming.from));
    if (isObjectCheckpoint(*checkpoints[0])) {
      auto objects = renamedObjectGraph(*checkpoints[0], changes);
      if (!objects.ok())
        return objects.status();
      PlannedTensor description = copyOf(*checkpoints[0], kObjectGraphKey);
      description.strings = {*std::move(objects)};
      edit.plan.emplace(kObjectGraphKey, std::move(description));
    }
    edit.lines.push_back({"renamed", plural(changes.size(), "key")});
    if (graph)
      edit.lines.push_back({"graph", absl::StrCat(plural(graph->nodes.size(), "node"), " -> ",
                                                  flags.text("graph-out"))});
    return absl::OkStatus();
  }

  void printNodes() const {
    TextTable text;
    text.row({"node", "becomes"});
    for (const auto &[from, to] : graph->nodes)
      text.row({from, to});
    std::cout << "\n" << text.str();
  }

  const ParsedFlags &flags;
  Checkpoints checkpoints;
  std::optional<GraphEdit> graph;
  std::vector<Renaming> table;
  CheckpointEdit edit;
};

int runRename(const ParsedFlags &flags) {
  if (!flags.has("map") && !flags.has("map-file"))
    return usage("expected --map 'old=new' or --map-file FILE");
  if (flags.has("graph-out") && !flags.has("graph"))
    return usage("expected --graph with --graph-out: the graph that is renamed, too");
  if (flags.has("graph") && !flags.has("graph-out") && !flags.boolean("dry-run"))
    return usage("expected --graph-out with --graph: where the renamed graph goes");
  if (flags.text("graph-out") == "-")
    return usage("expected --graph-out with a name, got standard output");
  Rename rename(flags);
  if (absl::Status status = rename.prepare(); !status.ok())
    return reportError(status);
  return rename.finish();
}

constexpr char kDetails[] = R"(The left side of a rule is
  fc/w          a key
  old/          a scope, where both sides end in '/'; '/' and nothing are the root
  old/(.*)      a regular expression for the whole key (RE2), where it has one of * + ? ( ) [ ] { } | ^ $ \ ;
                \1 on the right is what the first parentheses matched
and ends with the first '=' that no backslash precedes. The first rule that matches a key decides; keys that none matches stay.
FILE has one rule a line and comments behind '#', or is JSON: {"old": "new"}.
With --graph the variables of a graph and the nodes named after them get the same names, and so do the constants of its
Saver, its collections, signatures and colocations.

example: firn checkpoint rename run/model.ckpt-1000 -o out/model --map 'tower/(.*)/weights=net/\1/kernel' --dry-run
)";

} // namespace

Command checkpointRenameCommand() {
  return {"checkpoint rename",
          "Give tensors of a checkpoint other names, and the variables of a graph with them.",
          "IN",
          1,
          1,
          withEditFlags(
              {{"map", Kind::List, "old=new", "a rule; repeatable"},
               {"map-file", Kind::List, "FILE", "a file of rules, or JSON; repeatable"},
               {"graph", Kind::String, "G", "a .meta, .pb or .pbtxt whose variables are renamed"},
               {"graph-out", Kind::String, "H", "where that graph goes"}}),
          kDetails,
          runRename};
}

} // namespace firn
