#include "compiler/driver/freeze_flags.h"

#include "absl/strings/str_cat.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

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

} // namespace

void addGroup(std::vector<Flag> &all, const char *title, std::vector<Flag> flags) {
  for (Flag &flag : flags) {
    flag.group = title;
    all.push_back(std::move(flag));
  }
}

std::vector<Flag> freezeFlags() {
  std::vector<Flag> all;
  addGroup(
      all, "what is frozen",
      {{"checkpoint", Kind::String, "C",
        "checkpoint by any of its names; default: the one beside MODEL"},
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
       {"mode", Kind::String, "as-is", "as-is: the graph's own semantics; the only mode so far"},
       {"optimize", Kind::String, "0", "0: freeze only; the only level so far"}});
  addGroup(all, "how it is done",
           {{"print-ir", Kind::Bool, "", "print the IR to stderr after each pass that changed it"},
            {"verify", Kind::BoolOn, "", "don't compare the checkpoint's checksums"}});
  return all;
}

absl::Status fillFreezeOptions(const ParsedFlags &flags, FreezeOptions &options) {
  options.checkpoint = flags.text("checkpoint");
  options.outputs = flags.list("outputs");
  options.inputs = flags.list("inputs");
  options.tags = flags.list("tags");
  options.signature = flags.text("signature");
  options.verifyChecksums = flags.boolean("verify", true);
  options.printIr = flags.boolean("print-ir");
  if (absl::Status status = fillBinds(flags, options); !status.ok())
    return status;
  if (std::string mode = flags.text("mode", "as-is"); mode != "as-is")
    return absl::InvalidArgumentError(
        absl::StrCat("expected --mode as-is, the only mode so far, got '", mode,
                     "'; bind training flags with --bind"));
  if (std::string level = flags.text("optimize", "0"); level != "0")
    return absl::InvalidArgumentError(
        absl::StrCat("expected --optimize 0, the only level so far, got '", level, "'"));
  return absl::OkStatus();
}

} // namespace firn
