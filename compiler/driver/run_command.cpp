#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/driver/array_text.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/feeds.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/module_run.h"
#include "compiler/driver/progress.h"
#include "compiler/formats/output_file.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

absl::Status checkOut(const std::string &out) {
  if (out.empty() || out == "-" || absl::EndsWith(out, ".npz") || absl::EndsWith(out, ".npy"))
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected --out y.npz, y.npy or -, got '", out, "'"));
}

absl::Status fillOptions(const ParsedFlags &flags, FreezeOptions &options) {
  absl::Status status = fillFreezeOptions(flags, options);
  options.model = flags.positional[0];
  options.endsAreOutputs = true;
  for (const std::string &name : flags.list("fetch"))
    options.outputs.push_back(name);
  status.Update(checkOut(flags.text("out")));
  return status;
}

absl::Status writeOutputs(const std::string &path, const NamedArrays &outputs) {
  if (!absl::EndsWith(path, ".npy"))
    return writeNpz(path, outputs);
  if (outputs.size() != 1)
    return absl::InvalidArgumentError(absl::StrCat("expected one output for a .npy file, got ",
                                                   outputs.size(),
                                                   "; name one with --fetch or write a .npz file"));
  if (npyDescr(outputs[0].second.dtype).empty())
    return absl::InvalidArgumentError(
        absl::StrCat("'", outputs[0].first, "' has no values that a file could hold"));
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  absl::Status status = (*file)->append(npyBytes(outputs[0].second));
  return status.ok() ? (*file)->commit() : status;
}

void tell(const Feeds::Notes &notes) {
  for (const std::string &note : notes)
    std::cerr << "firn: note: " << note << "\n";
}

// What is run, and a file of what it is fed with: both together make a test.
absl::StatusOr<NamedArrays> savedValues(const std::vector<ModelTensor> &inputs, const Feeds &feeds,
                                        const ParsedFlags &flags, Feeds::Notes &notes) {
  absl::StatusOr<NamedArrays> values = fedValues("run", inputs, feeds, flags, notes);
  if (!values.ok() || !flags.has("save-feeds"))
    return values;
  absl::Status status = writeNpz(flags.text("save-feeds"), *values);
  return status.ok() ? values : status;
}

absl::StatusOr<NamedArrays> evaluate(const FreezeOptions &options, Feeds &feeds,
                                     const ParsedFlags &flags, bool quiet) {
  if (absl::Status status = feeds.readFile(); !status.ok())
    return status;
  absl::StatusOr<RunnableModel> model = RunnableModel::open(options, feeds.names());
  if (!model.ok())
    return model.status();
  Feeds::Notes notes = model->report().warnings;
  absl::StatusOr<NamedArrays> values = savedValues(model->inputs(), feeds, flags, notes);
  if (!quiet)
    tell(notes);
  if (!values.ok())
    return values.status();
  RunProgress progress(quiet);
  return model->run(*values, progress.callback());
}

absl::StatusOr<NamedArrays> runModule(const FreezeOptions &options, Feeds &feeds,
                                      const ParsedFlags &flags, bool quiet) {
  if (absl::Status status = feeds.readFile(); !status.ok())
    return status;
  absl::StatusOr<LoadedModule> module = openModule(options.model, flags);
  if (!module.ok())
    return module.status();
  Feeds::Notes notes;
  absl::StatusOr<NamedArrays> values = savedValues(module->inputs(), feeds, flags, notes);
  if (!quiet)
    tell(notes);
  if (!values.ok())
    return values.status();
  absl::Status status = module->feed(*values);
  if (status.ok())
    status = module->run();
  if (!status.ok())
    return status;
  absl::StatusOr<NamedArrays> results = module->results();
  return results.ok() ? wantedOutputs(std::move(*results), options.outputs) : results;
}

int runRun(const ParsedFlags &flags) {
  FreezeOptions options;
  absl::StatusOr<Feeds> feeds = Feeds::parse(flags);
  absl::Status usage = feeds.status();
  usage.Update(fillOptions(flags, options));
  if (!usage.ok())
    return reportUsage(usage.message(), "run");
  const std::string out = flags.text("out");
  absl::StatusOr<NamedArrays> outputs = (isModuleFile(options.model) ? runModule : evaluate)(
      options, *feeds, flags, flags.boolean("quiet"));
  if (!outputs.ok())
    return reportError(outputs.status());
  if (!out.empty()) {
    absl::Status status = writeOutputs(out, *outputs);
    return status.ok() ? 0 : reportError(status);
  }
  for (const auto &[name, array] : *outputs)
    std::cout << arrayText(name, array);
  return 0;
}

} // namespace

Command runCommand() {
  Command command{
      "run",
      "Run a module, or freeze a model in memory and evaluate it with the reference interpreter.",
      "MODEL",
      1,
      1,
      {},
      R"(MODEL is a module of firn compile, or what firn freeze takes. Without --out the outputs are printed: range, and values where they are few.
Random values are standard normal, integers 0 or 1; an unknown dimension is 1 unless random[2,784] says more.

example: firn run run/model.ckpt-1000 --feed x=@x.npy --fetch prob --out y.npz
         firn run model.firn --feed x=@x.npy --threads 1
)",
      runRun};
  addGroup(command.flags, "what is run", feedFlags());
  addGroup(
      command.flags, "what is run",
      {{"random", Kind::Bool, "", "what is not fed is random"},
       {"save-feeds", Kind::String, "in.npz",
        "a file for the values that are fed, also of inputs that are random"},
       {"fetch", Kind::List, "a,b:1",
        "tensors wanted; the same as --outputs. Default: what a signature or collection names, "
        "of a frozen graph what it ends with",
        true},
       {"out", Kind::String, "y.npz",
        "where values go: an .npz file, a .npy file for one output, - for an .npz archive on "
        "standard output"},
       threadsFlag(),
       {"quiet", Kind::Bool, "", "no notes, no progress; errors only"}});
  std::vector<Flag> freezing = freezeFlags();
  command.flags.insert(command.flags.end(), freezing.begin(), freezing.end());
  return command;
}

} // namespace firn
