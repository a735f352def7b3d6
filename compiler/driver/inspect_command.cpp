#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/driver/artifact.h"
#include "compiler/driver/checkpoint_table.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/graph_summary.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/module_summary.h"
#include "compiler/driver/text.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

void printCheckpoint(const Checkpoint &checkpoint) {
  std::cout << "checkpoint " << checkpoint.prefix() << ": "
            << (checkpoint.format() == Checkpoint::Format::V1 ? "V1" : "V2") << ", "
            << plural(checkpoint.files().size(), "file") << "\n";
  for (const std::string &note : checkpoint.notes())
    std::cout << "  note: " << note << "\n";
  std::cout << "  "
            << absl::StrJoin(absl::StrSplit(totalsText(checkpoint), '\n', absl::SkipEmpty()),
                             "\n  ")
            << "\n  'firn checkpoint list " << checkpoint.prefix() << "' shows its tensors\n";
}

int inspectModule(const std::string &path, const ParsedFlags &flags) {
  ModuleOptions options;
  options.withoutCode = true;
  absl::StatusOr<LoadedModule> module = LoadedModule::open(path, options);
  if (!module.ok())
    return reportError(module.status());
  if (flags.boolean("json"))
    printModuleJson(path, *module);
  else
    std::cout << moduleText(path, *module, flags.boolean("all"));
  return 0;
}

int runInspect(const ParsedFlags &flags) {
  if (isModuleFile(flags.positional[0]))
    return inspectModule(flags.positional[0], flags);
  absl::StatusOr<Artifact> found = openArtifact(flags.positional[0], {flags.list("tags")});
  if (!found.ok())
    return reportError(found.status());
  if (flags.boolean("json")) {
    printJson([&](llvm::json::OStream &json) {
      if (found->graph)
        json.attributeObject("graph", [&] { writeGraph(*found->graph, json); });
      if (found->checkpoint)
        json.attributeObject("checkpoint", [&] {
          writeCheckpointHeader(*found->checkpoint, json);
          writeTotals(*found->checkpoint, json);
        });
    });
    return 0;
  }
  if (found->graph)
    printGraph(*found->graph, flags.boolean("all"));
  if (found->checkpoint) {
    std::cout << (found->graph ? "\n" : "");
    printCheckpoint(*found->checkpoint);
  }
  return 0;
}

} // namespace

Command inspectCommand() {
  return {
      "inspect",
      "Show what a graph, a checkpoint or a module holds.",
      "PATH",
      1,
      1,
      {{"all", Kind::Bool, "", "every variable and op, not the first 20; every step and buffer"},
       {"json", Kind::Bool, "", "for a program to read"},
       {"tags", Kind::List, "t,u", "tags of the MetaGraph in a SavedModel; default: serve", true}},
      "PATH is a .pb, .pbtxt or .meta, a SavedModel, a checkpoint by any of its names, a module "
      "of\n"
      "firn compile, or -.\n"
      "\nexample: firn inspect run/model.ckpt-1000\n",
      runInspect};
}

} // namespace firn
