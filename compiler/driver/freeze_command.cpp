#include <chrono>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/freeze_report.h"
#include "compiler/driver/progress.h"
#include "compiler/pipeline/Freeze.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

// Where the result goes and what is told of the work.
std::vector<Flag> resultFlags() {
  std::vector<Flag> all;
  addGroup(all, "what is written",
           {{"o", Kind::String, "OUT.pb", "the frozen graph, - for standard output"},
            {"text", Kind::Bool, "", "write text format"},
            {"keep-devices", Kind::Bool, "", "leave devices in the graph"}});
  addGroup(all, "what is told",
           {{"report", Kind::String, "R.json",
             "write all that was done as JSON; - for standard output. compiler/driver/JSON.md says "
             "what it holds"},
            {"quiet", Kind::Bool, "", "no summary, no progress; errors only"}});
  return all;
}

// freeze_graph's own flags (tensorflow/python/tools/freeze_graph.py).
std::vector<Flag> oldFlags() {
  std::vector<Flag> flags;
  auto add = [&](const char *name, Kind kind, bool commas = false) {
    flags.push_back({name, kind, "VALUE", "", commas, /*hidden=*/true});
  };
  for (const char *name : {"input_graph", "input_saver", "input_checkpoint", "checkpoint_version",
                           "output_graph", "restore_op_name", "filename_tensor_name",
                           "initializer_nodes", "input_meta_graph", "input_saved_model_dir"})
    add(name, Kind::String);
  for (const char *name :
       {"output_node_names", "variable_names_whitelist", "variable_names_blacklist",
        "variable_names_denylist", "variable_names_allowlist", "saved_model_tags"})
    add(name, Kind::List, true);
  add("input_binary", Kind::Bool);
  add("clear_devices", Kind::Bool);
  return flags;
}

constexpr char kDetails[] =
    R"(MODEL is a .meta, .pb or .pbtxt, a SavedModel, a checkpoint prefix, a directory with a 'checkpoint' file, or -.
freeze_graph's own flags (--input_meta_graph, --output_node_names …) are taken as well.

Exit code: 0 good, 1 the input's fault (nothing is written), 2 a mistake in the command line, 3 a defect in firn.

example: firn freeze run/model.ckpt-1000 --outputs prob -o frozen.pb --report frozen.json
)";

// Lines on flags that mean nothing here, and the command line that a user of freeze_graph may want
// to learn.
void mapOldFlags(const ParsedFlags &flags, FreezeOptions &options) {
  auto take = [&](const char *flag, std::string &to) {
    if (flags.has(flag) && !flags.text(flag).empty())
      to = flags.text(flag);
  };
  auto takeList = [&](const char *flag, std::vector<std::string> &to) {
    if (!flags.list(flag).empty())
      to = flags.list(flag);
  };
  take("input_graph", options.model);
  take("input_meta_graph", options.model);
  take("input_saved_model_dir", options.model);
  if (std::string checkpoint = flags.text("input_checkpoint"); !checkpoint.empty())
    options.checkpoints = {checkpoint};
  take("output_graph", options.output);
  takeList("output_node_names", options.outputs);
  takeList("variable_names_whitelist", options.onlyVariables);
  takeList("variable_names_allowlist", options.onlyVariables);
  takeList("variable_names_blacklist", options.skipVariables);
  takeList("variable_names_denylist", options.skipVariables);
  takeList("saved_model_tags", options.tags);
  if (flags.has("clear_devices"))
    options.keepDevices = !flags.boolean("clear_devices");
}

bool usesOldFlags(const ParsedFlags &flags) {
  for (const Flag &flag : oldFlags())
    if (flags.has(flag.name))
      return true;
  return false;
}

void explainOldFlags(const ParsedFlags &flags, const FreezeOptions &options) {
  for (const char *unused : {"input_saver", "checkpoint_version", "restore_op_name",
                             "filename_tensor_name", "input_binary"})
    if (flags.has(unused))
      std::cerr << "firn: --" << unused << " is not needed: the files tell it themselves\n";
  if (!flags.text("initializer_nodes").empty())
    std::cerr << "firn: warning: --initializer_nodes is ignored: firn reads values from "
                 "checkpoints and runs no ops\n";
  std::string line = absl::StrCat("firn freeze ", options.model);
  for (const std::string &checkpoint : options.checkpoints)
    absl::StrAppend(&line, " --checkpoint ", checkpoint);
  if (!options.outputs.empty())
    absl::StrAppend(&line, " --outputs ", absl::StrJoin(options.outputs, ","));
  if (!flags.has("mode"))
    absl::StrAppend(&line, " --mode as-is --optimize 0");
  std::cerr << "firn: freeze_graph's flags are taken; in firn's own: " << line << " -o "
            << options.output
            << "\n      (without --mode as-is: the inference graph, training parts gone)\n";
}

// freeze_graph's users get freeze_graph's graph, unless they ask for more.
void keepOldDefaults(const ParsedFlags &flags, FreezeOptions &options) {
  if (!flags.has("mode"))
    options.mode = Mode::AsIs;
  if (!flags.has("optimize"))
    options.optimize = 0;
}

absl::Status fillOptions(const ParsedFlags &flags, FreezeOptions &options) {
  if (!flags.positional.empty())
    options.model = flags.positional[0];
  absl::Status status = fillFreezeOptions(flags, options);
  if (!status.ok())
    return status;
  options.output = flags.text("o");
  options.text = flags.boolean("text");
  options.keepDevices = flags.boolean("keep-devices");
  mapOldFlags(flags, options);
  if (usesOldFlags(flags))
    keepOldDefaults(flags, options);
  if (options.model.empty())
    return absl::InvalidArgumentError(
        "expected MODEL: a .meta, .pb, .pbtxt, checkpoint prefix or directory");
  if (options.output.empty())
    return absl::InvalidArgumentError("expected -o OUT.pb, or -o - for standard output");
  if (options.output == "-" && flags.text("report") == "-")
    return absl::InvalidArgumentError("expected -o and --report to differ, got - for both");
  return absl::OkStatus();
}

int runFreeze(const ParsedFlags &flags) {
  FreezeOptions options;
  if (absl::Status status = fillOptions(flags, options); !status.ok())
    return reportUsage(status.message(), "freeze");
  bool quiet = flags.boolean("quiet");
  if (usesOldFlags(flags) && !quiet)
    explainOldFlags(flags, options);
  if (!quiet)
    options.progress = writeProgress();
  auto start = std::chrono::steady_clock::now();
  absl::StatusOr<FreezeReport> report = freeze(options);
  if (!report.ok())
    return reportError(report.status());
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (flags.has("report"))
    if (absl::Status status = writeReport(*report, options, flags.text("report")); !status.ok())
      return reportError(status);
  if (!quiet)
    std::cerr << summaryText(*report, options, seconds);
  return 0;
}

} // namespace

Command freezeCommand() {
  Command command{"freeze", "Turn a training graph and its checkpoint into one frozen GraphDef.",
                  "MODEL",  0,
                  1,        {},
                  kDetails, runFreeze};
  command.flags = freezeFlags();
  for (std::vector<Flag> more : {resultFlags(), oldFlags()})
    command.flags.insert(command.flags.end(), more.begin(), more.end());
  return command;
}

} // namespace firn
