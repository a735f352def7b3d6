#include <algorithm>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile_report.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/module_run.h"
#include "compiler/driver/progress.h"
#include "compiler/formats/files_read.h"
#include "compiler/formats/output_file.h"
#include "compiler/pipeline/CompileModel.h"
#include "runtime/firn/runtime.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

constexpr std::pair<const char *, Emit> kForms[] = {
    {"module", Emit::Module}, {"graph", Emit::Graph},       {"kernel", Emit::Kernel},
    {"linalg", Emit::Linalg}, {"schedule", Emit::Schedule}, {"llvm", Emit::Llvm},
    {"asm", Emit::Assembly},  {"object", Emit::Object}};

std::vector<Flag> ownFlags() {
  std::vector<Flag> all;
  addGroup(all, "what is written",
           {{"o", Kind::String, "OUT.firn",
             "the module; with --emit the text or object, - for standard output"},
            {"levels", Kind::List, "v2,v3,v4|native",
             "x86-64 levels that the module has code for, native: that of this machine; default: "
             "all three",
             true},
            {"emit", Kind::String, "graph|kernel|linalg|schedule|llvm|asm|object",
             "instead of the module a form on the way to it; of llvm, asm and object that of the "
             "last of --levels"},
            {"depfile", Kind::String, "OUT.d",
             "a rule for make and ninja that names the files that OUT was made from"}});
  addGroup(all, "how it is done",
           {{"threads", Kind::String, "N", "of the compiler; default: one per processor"}});
  addGroup(all, "what is told",
           {{"timing", Kind::Bool, "", "how long each stage took, on stderr"},
            {"quiet", Kind::Bool, "", "no summary, no progress; errors only"}});
  return all;
}

constexpr char kDetails[] =
    R"(MODEL is what firn freeze takes; it is frozen in memory first, with --optimize 2 unless told otherwise.
The module runs with 'firn run', 'firn bench', and from C with firn/runtime.h.

Exit code: 0 good, 1 the input's fault (nothing is written), 2 a mistake in the command line, 3 a defect in firn.

example: firn compile run/model.ckpt-1000 --outputs prob -o model.firn
         firn compile frozen.pb --batch -1 --levels v3,v4 -o model.firn
         firn compile frozen.pb --emit schedule -o -
)";

absl::Status readLevels(const ParsedFlags &flags, CompileOptions &options) {
  if (!flags.has("levels"))
    return absl::OkStatus();
  options.levels.clear();
  for (const std::string &level : flags.list("levels")) {
    if (level == "native" && firn_cpu_level_of_machine() != 0) {
      options.levels.push_back(int(firn_cpu_level_of_machine()));
      continue;
    }
    const bool known = level.size() == 2 && level[0] == 'v' && level[1] >= '2' && level[1] <= '4';
    if (!known)
      return absl::InvalidArgumentError(absl::StrCat(
          "expected --levels v2, v3, v4 or some of them, or native, got '", level, "'"));
    options.levels.push_back(level[1] - '0');
  }
  std::sort(options.levels.begin(), options.levels.end());
  options.levels.erase(std::unique(options.levels.begin(), options.levels.end()),
                       options.levels.end());
  return options.levels.empty() ? absl::InvalidArgumentError("expected at least one level")
                                : absl::OkStatus();
}

absl::Status readForm(const ParsedFlags &flags, CompileOptions &options) {
  const std::string form = flags.text("emit", "module");
  for (const auto &[name, emit] : kForms)
    if (form == name) {
      options.emit = emit;
      return absl::OkStatus();
    }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected --emit graph, kernel, linalg, schedule, llvm, asm or object, got '", form, "'"));
}

absl::Status checkOutput(const CompileOptions &options) {
  if (options.output.empty())
    return absl::InvalidArgumentError(options.emit == Emit::Module
                                          ? "expected -o OUT.firn"
                                          : "expected -o FILE, or -o - for standard output");
  if (options.output == "-" && options.emit == Emit::Module)
    return absl::InvalidArgumentError(
        "expected a file as -o, got -: a module can't be written to standard output");
  return absl::OkStatus();
}

// Files by their names only: a module says nothing of the machine that it was made on.
std::string withoutFolder(const std::string &text) {
  const size_t at = text.rfind("=@");
  if (at != std::string::npos)
    return text.substr(0, at + 2) + std::filesystem::path(text.substr(at + 2)).filename().string();
  return text;
}

// What changes the module, and nothing else: the same module has the same bytes wherever it is
// made.
std::string flagsText(const ParsedFlags &flags) {
  std::vector<std::string> words;
  for (const Flag &flag : freezeFlags()) {
    if (!flags.has(flag.name) || flag.name == "print-ir" || flag.name == "verify")
      continue;
    const std::string value =
        flag.kind == Kind::List ? absl::StrJoin(flags.list(flag.name), ",") : flags.text(flag.name);
    const bool isPath = flag.name == "checkpoint";
    words.push_back(absl::StrCat("--", flag.name, " ",
                                 isPath ? std::filesystem::path(value).filename().string()
                                        : withoutFolder(value)));
  }
  return absl::StrJoin(words, " ");
}

std::vector<std::pair<std::string, std::string>> buildFacts(const ParsedFlags &flags,
                                                            const CompileOptions &options) {
  return {{"compiler", versionText()},
          {"input", std::filesystem::path(options.freeze.model).filename().string()},
          {"flags", flagsText(flags)},
          {"levels", absl::StrJoin(options.levels, ",", [](std::string *out, int level) {
             absl::StrAppend(out, "v", level);
           })}};
}

absl::Status fillOptions(const ParsedFlags &flags, CompileOptions &options) {
  absl::Status status = fillFreezeOptions(flags, options.freeze);
  options.freeze.model = flags.positional[0];
  options.freeze.command = "compile";
  options.freeze.endsAreOutputs = true;
  if (!flags.has("optimize"))
    options.freeze.optimize = 2;
  options.output = options.freeze.output = flags.text("o");
  status.Update(readLevels(flags, options));
  status.Update(readForm(flags, options));
  status.Update(checkOutput(options));
  if (options.output == "-" && flags.has("depfile"))
    status.Update(absl::InvalidArgumentError("--depfile needs a file as -o, got -"));
  absl::StatusOr<unsigned> threads = threadsOf(flags);
  status.Update(threads.status());
  options.threads = threads.value_or(0);
  options.build = buildFacts(flags, options);
  return status;
}

absl::Status writeDepfile(const std::string &path, const std::string &target) {
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  absl::Status status = (*file)->append(dependencyRule(target));
  return status.ok() ? (*file)->commit() : status;
}

int runCompile(const ParsedFlags &flags) {
  CompileOptions options;
  if (absl::Status status = fillOptions(flags, options); !status.ok())
    return reportUsage(status.message(), "compile");
  const bool quiet = flags.boolean("quiet");
  absl::StatusOr<CompileReport> report = [&] {
    StageProgress progress(quiet);
    options.progress = progress.callback();
    return compileModel(options);
  }();
  if (!report.ok())
    return reportError(report.status());
  if (flags.has("depfile"))
    if (absl::Status status = writeDepfile(flags.text("depfile"), options.output); !status.ok())
      return reportError(status);
  if (flags.boolean("timing"))
    std::cerr << timingText(*report);
  if (!quiet && options.emit == Emit::Module)
    std::cerr << compileSummary(*report, options);
  return 0;
}

} // namespace

Command compileCommand() {
  Command command{"compile", "Turn a model into a module of native code that the runtime executes.",
                  "MODEL",   1,
                  1,         {},
                  kDetails,  runCompile};
  command.flags = freezeFlags();
  for (Flag &flag : ownFlags())
    command.flags.push_back(std::move(flag));
  return command;
}

} // namespace firn
