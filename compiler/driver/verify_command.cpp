#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/module_run.h"
#include "compiler/driver/progress.h"
#include "compiler/driver/verify_modules.h"
#include "compiler/pipeline/Model.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

constexpr char kOfB[] = "-b";

// A graph in a file of its own, nothing beside it, is run as it is: what is left of training in it
// is part of what is verified.
bool standsAlone(const FreezeOptions &options) {
  std::vector<std::string> notes;
  absl::StatusOr<std::string> path = resolveGraphPath(options.model, &notes);
  std::error_code error;
  return options.checkpoints.empty() && path.ok() && !absl::EndsWith(*path, ".meta") &&
         !std::filesystem::is_directory(*path, error);
}

absl::Status fillSide(const ParsedFlags &given, const ParsedFlags &all, const std::string &model,
                      FreezeOptions &options) {
  absl::Status status = fillFreezeOptions(given, options);
  options.model = model;
  options.endsAreOutputs = true;
  for (const std::string &name : all.list("fetch"))
    options.outputs.push_back(name);
  if (!given.has("mode") && standsAlone(options))
    options.mode = Mode::AsIs;
  // Nodes keep their names: they can be held against one another.
  if (!given.has("optimize"))
    options.optimize = 0;
  return status;
}

absl::Status readTolerance(const ParsedFlags &flags, const char *name, double &value) {
  if (!flags.has(name) || (absl::SimpleAtod(flags.text(name), &value) && value >= 0))
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected a number from 0 on as --", name, ", got '", flags.text(name), "'"));
}

/// The two models.
class Sides {
public:
  Sides(FreezeOptions a, FreezeOptions b, const Feeds &feeds)
      : optionsA(std::move(a)), optionsB(std::move(b)), feeds(feeds) {}

  // A model whose outputs are not named, by a flag or by itself, is asked for those of the other.
  absl::Status open() {
    if (absl::Status status = findFiles(); !status.ok())
      return status;
    absl::Status failed = openOne(optionsA, a);
    if (!failed.ok() && optionsA.outputs.empty() && openOne(optionsB, b).ok()) {
      optionsA.outputs = outputsOf(*b);
      if (openOne(optionsA, a).ok())
        failed = absl::OkStatus();
    }
    if (!failed.ok())
      return about("A", failed);
    if (!b)
      failed = openLike(optionsB, b, *a);
    return failed.ok() ? checkFeeds() : about("B", failed);
  }

  FreezeOptions optionsA, optionsB;
  std::optional<RunnableModel> a, b;

private:
  static absl::Status about(absl::string_view side, const absl::Status &status) {
    const bool ofB = side == "B" && absl::StrContains(status.message(), "--");
    return absl::Status(
        status.code(),
        absl::StrCat(side, ": ", status.message(),
                     ofB ? "\nthe flags of B have -b behind them: --checkpoint-b" : ""));
  }

  // A name without a file is told before anything is said of the other model.
  absl::Status findFiles() const {
    std::vector<std::string> notes;
    if (absl::Status status = resolveGraphPath(optionsA.model, &notes).status(); !status.ok())
      return about("A", status);
    absl::Status status = resolveGraphPath(optionsB.model, &notes).status();
    return status.ok() ? status : about("B", status);
  }

  static std::vector<std::string> outputsOf(const RunnableModel &model) {
    std::vector<std::string> names;
    for (const ModelTensor &output : model.outputs())
      names.push_back(output.name);
    return names;
  }

  // Feeds that only the other model knows are left out, and those that are constants here: a flag
  // that was bound is to be held against the value that it was bound to.
  absl::Status openOne(const FreezeOptions &options, std::optional<RunnableModel> &model) {
    std::vector<std::string> fed = feeds.names();
    if (!fed.empty() && options.model != "-") {
      absl::StatusOr<std::vector<std::string>> found = feedableNames(options, fed);
      if (!found.ok())
        return found.status();
      fed = *found;
    }
    known.insert(known.end(), fed.begin(), fed.end());
    absl::StatusOr<RunnableModel> opened = RunnableModel::open(options, fed);
    if (opened.ok())
      model = std::move(*opened);
    return opened.status();
  }

  absl::Status openLike(FreezeOptions &options, std::optional<RunnableModel> &model,
                        const RunnableModel &other) {
    if (!options.outputs.empty())
      return openOne(options, model);
    options.outputs = outputsOf(other);
    absl::Status status = openOne(options, model);
    if (status.ok())
      return status;
    options.outputs.clear();
    return openOne(options, model).ok() ? absl::OkStatus() : status;
  }

  absl::Status checkFeeds() const {
    for (const std::string &name : feeds.names())
      if (std::find(known.begin(), known.end(), name) == known.end())
        return absl::InvalidArgumentError(
            absl::StrCat("can't feed '", name, "': it is no input of either graph"));
    return absl::OkStatus();
  }

  const Feeds &feeds;
  std::vector<std::string> known;
};

absl::Status verifyGraphs(const FreezeOptions &a, const FreezeOptions &b, const Feeds &feeds,
                          bool quiet, Verification &verification) {
  Sides sides(a, b, feeds);
  if (absl::Status status = sides.open(); !status.ok())
    return status;
  auto pairs = pairOutputs(sides.a->outputs(), sides.b->outputs());
  if (!pairs.ok())
    return pairs.status();
  absl::StatusOr<VerifyInputs> inputs = verifyInputs(sides.a->inputs(), sides.b->inputs(), feeds);
  if (!inputs.ok())
    return inputs.status();
  RunProgress progress(quiet);
  verification.options.callback = progress.callback();
  absl::StatusOr<VerifyResult> result =
      verifyModels(*sides.a, inputs->a, *sides.b, inputs->b, *pairs, verification.options);
  if (!result.ok())
    return result.status();
  verification.howA = frozenText(sides.optionsA, *sides.a);
  verification.howB = frozenText(sides.optionsB, *sides.b);
  verification.inputs = std::move(*inputs);
  verification.result = std::move(*result);
  return absl::OkStatus();
}

// What was settled without being asked for.
void tellNotes(const Verification &verification) {
  std::vector<std::string> random;
  for (const VerifyInput &input : verification.inputs.inputs)
    if (input.source == "random")
      random.push_back(input.a.empty() ? input.b : input.a);
  for (const std::string &note : verification.inputs.notes)
    std::cerr << "firn: note: " << note << "\n";
  if (!random.empty())
    std::cerr << "firn: note: random values are fed: " << absl::StrJoin(random, ", ") << "\n";
  for (const TensorDifference &output : verification.result.outputs)
    if (output.name != output.other)
      std::cerr << "firn: note: output '" << output.name << "' of A is held against '"
                << output.other << "' of B: they stand in the same place\n";
}

int runVerify(const ParsedFlags &flags) {
  Verification verification;
  FreezeOptions a, b;
  absl::StatusOr<Feeds> feeds = Feeds::parse(flags);
  absl::Status usage = feeds.status();
  verification.a = flags.positional[0];
  verification.b = flags.positional[1];
  usage.Update(fillSide(flags, flags, verification.a, a));
  usage.Update(fillSide(flags.withSuffix(kOfB), flags, verification.b, b));
  usage.Update(readTolerance(flags, "rtol", verification.options.rtol));
  usage.Update(readTolerance(flags, "atol", verification.options.atol));
  if (!usage.ok())
    return reportUsage(usage.message(), "verify");
  absl::Status status = feeds->readFile();
  const bool quiet = flags.boolean("quiet");
  const bool compiled = isModuleFile(verification.a) || isModuleFile(verification.b);
  if (status.ok())
    status = compiled ? verifyModules(flags, a, b, *feeds, verification)
                      : verifyGraphs(a, b, *feeds, quiet, verification);
  if (!status.ok())
    return reportError(status);
  if (!quiet)
    tellNotes(verification);
  if (flags.boolean("json"))
    printVerificationJson(verification);
  else
    std::cout << verificationText(verification);
  return verification.result.good() ? 0 : 1;
}

// The flags of freezing, of A and again of B.
void addFreezeFlags(std::vector<Flag> &flags) {
  for (Flag flag : freezeFlags()) {
    flag.group = "how A is frozen; each flag with -b behind it: how B is, --checkpoint-b C";
    flags.push_back(flag);
    flag.name += kOfB;
    flag.hidden = true;
    flags.push_back(flag);
  }
}

} // namespace

Command verifyCommand() {
  Command command{
      "verify",
      "Run two models on the same inputs and say where they differ; exit code 1 when "
      "they do.",
      "A B",
      2,
      2,
      {},
      R"(A and B are modules of firn compile, or what firn freeze takes: a training graph with its checkpoint, a SavedModel, a
frozen graph. A graph that
stands alone runs as it is, a training graph in inference mode, both with --optimize 0 unless told otherwise. What is
not fed is random. Where outputs differ the first node that parts, in order of execution, is named.
Exit code: 0 within the tolerance, 1 not, or a model that can't be run, 2 a mistake in the command line.

example: firn verify run/model.ckpt-1000 frozen.pb --feeds in.npz
         firn verify frozen.pb model.firn --keep-all
)",
      runVerify};
  addGroup(command.flags, "what is run", feedFlags());
  addGroup(
      command.flags, "what is run",
      {{"fetch", Kind::List, "a,b:1",
        "tensors of both that are compared. Default: what a signature or collection of either "
        "names, of a frozen graph what it ends with",
        true},
       {"rtol", Kind::String, "1e-4", "what |d| may be of max |want|; default: 1e-4"},
       {"atol", Kind::String, "0", "what |d| may be besides; default: 0"},
       threadsFlag(),
       {"keep-all", Kind::Bool, "",
        "of a graph and a module: compare what each dispatch leaves, even where outputs agree"},
       {"json", Kind::Bool, "", "for a program to read"},
       {"quiet", Kind::Bool, "", "no notes, no progress; errors and the result"}});
  addFreezeFlags(command.flags);
  return command;
}

} // namespace firn
