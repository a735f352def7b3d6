#include "compiler/driver/freeze_flags.h"

#include "absl/strings/str_cat.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

// Whether it is a shape of the input is for the pass to say, which knows it.
absl::Status fillShapes(const ParsedFlags &flags, FreezeOptions &options) {
  options.batch = flags.text("batch");
  options.bestEffort = flags.boolean("best-effort");
  for (const std::string &shape : flags.list("input-shape")) {
    size_t equals = shape.rfind('=');
    if (equals == std::string::npos || equals == 0)
      return absl::InvalidArgumentError(
          absl::StrCat("expected --input-shape name=-1,224,224,3, got '", shape, "'"));
    options.inputShapes.emplace_back(shape.substr(0, equals), shape.substr(equals + 1));
  }
  return absl::OkStatus();
}

absl::Status fillBinds(const ParsedFlags &flags, FreezeOptions &options) {
  for (const std::string &bind : flags.list("bind")) {
    size_t equals = bind.find('=');
    if (equals == std::string::npos || equals == 0)
      return absl::InvalidArgumentError(
          absl::StrCat("expected --bind name=value, got '", bind, "'"));
    options.binds.emplace_back(bind.substr(0, equals), bind.substr(equals + 1));
  }
  return absl::OkStatus();
}

// "a" and "a/" are the same scope, "" and "/" the one that all names are in.
std::string scopeText(std::string scope) {
  return scope.empty() || scope.back() == '/' ? scope : scope + "/";
}

} // namespace

void addGroup(std::vector<Flag> &all, const char *title, std::vector<Flag> flags) {
  for (Flag &flag : flags) {
    flag.group = title;
    all.push_back(std::move(flag));
  }
}

absl::Status fillVariableOptions(const ParsedFlags &flags, FreezeOptions &options) {
  options.rename = flags.list("rename");
  for (const std::string &scope : flags.list("scope")) {
    const size_t equals = scope.find('=');
    if (equals == std::string::npos)
      return absl::InvalidArgumentError(
          absl::StrCat("expected --scope FROM=TO, got '", scope, "'"));
    options.rename.push_back(
        absl::StrCat(scopeText(scope.substr(0, equals)), "=", scopeText(scope.substr(equals + 1))));
  }
  options.onlyVariables = flags.list("only");
  options.skipVariables = flags.list("skip");
  options.movingAverages = flags.text("moving-averages");
  if (options.movingAverages == "true")
    options.movingAverages = "ExponentialMovingAverage";
  options.initMissing = flags.boolean("init-missing");
  return absl::OkStatus();
}

std::vector<Flag> nameFlags() {
  return {
      {"rename", Kind::List, "old=new|FILE",
       "what a checkpoint calls old is variable new: exact, 'old/=new/', 'old/(.*)=new/\\1', or "
       "a file of rules; repeatable"},
      {"scope", Kind::List, "FROM=TO",
       "what a checkpoint has in scope FROM is in scope TO of the graph; repeatable"},
      {"moving-averages", Kind::Optional, "[=SUFFIX]",
       "moving averages in place of weights, kept under NAME/SUFFIX; default: "
       "ExponentialMovingAverage"}};
}

static std::vector<Flag> choiceFlags() {
  return {
      {"only", Kind::List, "GLOB", "freeze these variables and leave the others", true},
      {"skip", Kind::List, "GLOB", "variables that are left as they are", true},
      {"init-missing", Kind::Bool, "",
       "variables that the checkpoint lacks, or that --only and --skip leave, get their initial "
       "values where nothing random is in them"}};
}

std::vector<Flag> freezeFlags() {
  std::vector<Flag> all;
  addGroup(
      all, "what is frozen",
      {{"checkpoint", Kind::List, "C",
        "checkpoint by any of its names; default: the one beside MODEL; repeatable, the later over "
        "the earlier"},
       {"outputs", Kind::List, "a,b:1",
        "tensors, nodes or signature keys wanted; default: what a signature or collection "
        "names",
        true},
       {"inputs", Kind::List, "x,y:1",
        "the only inputs; an intermediate tensor is cut there; default: the placeholders "
        "needed",
        true},
       {"bind", Kind::List, "name=value",
        "make a placeholder a constant: true, 0.5, [1,2], @file.npy; repeatable"},
       {"signature", Kind::String, "KEY",
        "signature whose outputs are wanted; default: serving_default or the only one"},
       {"tags", Kind::List, "t,u", "tags of the MetaGraph in a SavedModel; default: serve", true},
       {"mode", Kind::String, "inference|as-is",
        "inference (default): flags bound, dropout and batch statistics gone, training parts "
        "stripped; as-is: the graph's own semantics"},
       {"optimize", Kind::String, "0|1|2",
        "0 (default of as-is): freeze and apply the mode; 1 (default): fold what IEEE 754 fixes; "
        "2: "
        "fold everything, batch norm into convolutions"},
       {"batch", Kind::String, "N|-1",
        "new first dimension of the inputs, -1 for any; constants that hard-code the old one are "
        "rewritten"},
       {"input-shape", Kind::List, "x=-1,224,224,3", "new shape of one input; repeatable"},
       {"best-effort", Kind::Bool, "",
        "write the graph also where a rewrite can't be proved, with a warning for each"},
       {"keep-random", Kind::List, "GLOB", "random nodes that stay: Monte-Carlo dropout", true},
       {"keep-batch-statistics", Kind::List, "GLOB",
        "batch norms that keep the statistics of the batch", true},
       {"keep-names", Kind::List, "GLOB", "nodes that are not taken out for being needless", true},
       {"target-version", Kind::String, "1.4|1.15|2.x",
        "the TensorFlow that shall read the graph: only ops and attributes that it knows"}});
  std::vector<Flag> values = nameFlags();
  for (Flag &flag : choiceFlags())
    values.push_back(std::move(flag));
  addGroup(all, "which values variables get", std::move(values));
  addGroup(all, "how it is done",
           {{"print-ir", Kind::Bool, "", "print the IR to stderr after each pass that changed it"},
            {"verify", Kind::BoolOn, "", "don't compare the checkpoint's checksums"}});
  return all;
}

absl::Status fillFreezeOptions(const ParsedFlags &flags, FreezeOptions &options) {
  options.checkpoints = flags.list("checkpoint");
  if (absl::Status status = fillVariableOptions(flags, options); !status.ok())
    return status;
  options.outputs = flags.list("outputs");
  options.inputs = flags.list("inputs");
  options.tags = flags.list("tags");
  options.signature = flags.text("signature");
  options.verifyChecksums = flags.boolean("verify", true);
  options.printIr = flags.boolean("print-ir");
  if (absl::Status status = fillBinds(flags, options); !status.ok())
    return status;
  if (absl::Status status = fillShapes(flags, options); !status.ok())
    return status;
  options.keepRandom = flags.list("keep-random");
  options.keepBatchStatistics = flags.list("keep-batch-statistics");
  options.keepNames = flags.list("keep-names");
  std::string mode = flags.text("mode", "inference");
  if (mode != "inference" && mode != "as-is")
    return absl::InvalidArgumentError(
        absl::StrCat("expected --mode inference or --mode as-is, got '", mode, "'"));
  options.mode = mode == "as-is" ? Mode::AsIs : Mode::Inference;
  std::string level = flags.text("optimize", mode == "as-is" ? "0" : "1");
  if (level != "0" && level != "1" && level != "2")
    return absl::InvalidArgumentError(
        absl::StrCat("expected --optimize 0, 1 or 2, got '", level, "'"));
  options.optimize = level[0] - '0';
  options.targetVersion = flags.text("target-version");
  const std::string &target = options.targetVersion;
  if (!target.empty() && target != "1.4" && target != "1.15" && target != "2.x")
    return absl::InvalidArgumentError(
        absl::StrCat("expected --target-version 1.4, 1.15 or 2.x, got '", target, "'"));
  return absl::OkStatus();
}

} // namespace firn
