#include <algorithm>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/array_text.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/feeds.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/progress.h"
#include "compiler/formats/output_file.h"
#include "compiler/pipeline/LoadedModule.h"

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

// The arrays that the model is run on.
absl::StatusOr<NamedArrays> valuesOf(const std::vector<ModelTensor> &inputs, const Feeds &feeds,
                                     const ParsedFlags &flags, Feeds::Notes &notes) {
  NamedArrays arrays;
  std::vector<ModelTensor> missing;
  for (const ModelTensor &input : inputs) {
    if (!feeds.has(input.name)) {
      if (!input.hasDefault)
        missing.push_back(input);
      continue;
    }
    absl::StatusOr<NpyArray> array = feeds.value(input, notes);
    if (!array.ok())
      return array.status();
    arrays.emplace_back(input.name, std::move(*array));
  }
  if (!missing.empty())
    return missingFeeds("run", flags, missing, inputs.size());
  if (arrays.size() < feeds.names().size())
    for (const std::string &name : feeds.names())
      if (std::none_of(arrays.begin(), arrays.end(),
                       [&](const auto &array) { return array.first == name; }))
        notes.push_back(absl::StrCat("'", name, "' is fed, but the outputs don't need it"));
  return arrays;
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

absl::StatusOr<NamedArrays> evaluate(const FreezeOptions &options, Feeds &feeds,
                                     const ParsedFlags &flags, bool quiet) {
  if (absl::Status status = feeds.readFile(); !status.ok())
    return status;
  absl::StatusOr<RunnableModel> model = RunnableModel::open(options, feeds.names());
  if (!model.ok())
    return model.status();
  Feeds::Notes notes = model->report().warnings;
  absl::StatusOr<NamedArrays> values = valuesOf(model->inputs(), feeds, flags, notes);
  if (!quiet)
    tell(notes);
  if (!values.ok())
    return values.status();
  RunProgress progress(quiet);
  return model->run(*values, progress.callback());
}

// Of all outputs those that are wanted; of none all.
absl::StatusOr<NamedArrays> fetched(NamedArrays outputs, const std::vector<std::string> &wanted) {
  if (wanted.empty())
    return outputs;
  NamedArrays result;
  for (const std::string &name : wanted) {
    const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const auto &output) {
      return tensorName(output.first) == tensorName(name);
    });
    if (found == outputs.end())
      return absl::InvalidArgumentError(
          absl::StrCat("the module has no output '", name, "': expected one of ",
                       absl::StrJoin(outputs, ", ", [](std::string *text, const auto &output) {
                         absl::StrAppend(text, output.first);
                       })));
    result.push_back(*found);
  }
  return result;
}

// A module has been frozen: flags that say how have come too late.
absl::Status checkModuleFlags(const ParsedFlags &flags) {
  for (const Flag &flag : freezeFlags())
    if (flags.has(flag.name) && flag.name != "outputs")
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag.name, " has no meaning for a module: it is compiled"));
  return absl::OkStatus();
}

absl::StatusOr<NamedArrays> runModule(const FreezeOptions &options, Feeds &feeds,
                                      const ParsedFlags &flags, bool quiet) {
  absl::Status status = checkModuleFlags(flags);
  ModuleOptions settings;
  if (flags.has("threads") && !absl::SimpleAtoi(flags.text("threads"), &settings.threads))
    status.Update(absl::InvalidArgumentError(
        absl::StrCat("expected a number as --threads, got '", flags.text("threads"), "'")));
  status.Update(feeds.readFile());
  if (!status.ok())
    return status;
  absl::StatusOr<LoadedModule> module = LoadedModule::open(options.model, settings);
  if (!module.ok())
    return module.status();
  Feeds::Notes notes;
  absl::StatusOr<NamedArrays> values = valuesOf(module->inputs(), feeds, flags, notes);
  if (!quiet)
    tell(notes);
  if (!values.ok())
    return values.status();
  status = module->feed(*values);
  status.Update(status.ok() ? module->run() : status);
  if (!status.ok())
    return status;
  absl::StatusOr<NamedArrays> results = module->results();
  return results.ok() ? fetched(std::move(*results), options.outputs) : results;
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
      {{"fetch", Kind::List, "a,b:1",
        "tensors wanted; the same as --outputs. Default: what a signature or collection names, "
        "of a frozen graph what it ends with",
        true},
       {"out", Kind::String, "y.npz",
        "where values go: an .npz file, a .npy file for one output, - for an .npz archive on "
        "standard output"},
       {"threads", Kind::String, "N", "of a module: how many run it; default: one per processor"},
       {"quiet", Kind::Bool, "", "no notes, no progress; errors only"}});
  std::vector<Flag> freezing = freezeFlags();
  command.flags.insert(command.flags.end(), freezing.begin(), freezing.end());
  return command;
}

} // namespace firn
