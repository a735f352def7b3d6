#include <chrono>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compiler/driver/bench_report.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/module_run.h"

namespace firn {
namespace {

using Kind = Flag::Kind;
using Clock = std::chrono::steady_clock;

struct Settings {
  BenchOptions bench;
  int64_t batch = 0; // 0: as it comes
};

absl::Status readSettings(const ParsedFlags &flags, Settings &settings) {
  if (flags.has("seconds") && (!absl::SimpleAtod(flags.text("seconds"), &settings.bench.seconds) ||
                               settings.bench.seconds < 0))
    return absl::InvalidArgumentError(absl::StrCat(
        "expected a number from 0 on as --seconds, got '", flags.text("seconds"), "'"));
  if (flags.has("batch") &&
      (!absl::SimpleAtoi(flags.text("batch"), &settings.batch) || settings.batch < 1))
    return absl::InvalidArgumentError(
        absl::StrCat("expected a number from 1 on as --batch, got '", flags.text("batch"), "'"));
  return absl::OkStatus();
}

// The first row, `count` times.
void repeatFirstRow(NpyArray &array, int64_t count) {
  if (array.shape.empty() || array.shape[0] < 1)
    return;
  const std::string row = array.bytes.substr(0, array.bytes.size() / size_t(array.shape[0]));
  array.bytes.clear();
  for (int64_t i = 0; i < count; ++i)
    array.bytes += row;
  array.shape[0] = count;
}

// What is not fed is random; a batch is that of inputs whose first dimension is open.
absl::StatusOr<NamedArrays> valuesOf(const LoadedModule &module, const Feeds &feeds, int64_t batch,
                                     BenchReport &report) {
  NamedArrays values;
  bool used = false;
  for (ModelTensor input : module.inputs()) {
    const bool isOpen = batch > 0 && !input.shape.empty() && input.shape[0] < 0;
    used |= isOpen;
    if (isOpen)
      input.shape[0] = batch;
    Feeds::Notes notes;
    absl::StatusOr<NpyArray> array =
        feeds.has(input.name) ? feeds.value(input, notes) : feeds.random(input);
    if (!array.ok())
      return array.status();
    if (isOpen && array->shape != input.shape)
      repeatFirstRow(*array, batch);
    report.inputs.push_back({input.name, feeds.source(input.name), input.dtype, array->shape});
    values.emplace_back(input.name, std::move(*array));
  }
  if (batch > 0 && !used)
    return absl::InvalidArgumentError(
        "--batch has no meaning here: the first dimension of each input is fixed in the module "
        "(firn compile --batch -1 leaves it open)");
  return values;
}

absl::Status bench(const ParsedFlags &flags, Feeds &feeds, const Settings &settings,
                   BenchReport &report) {
  report.path = flags.positional[0];
  if (absl::Status status = feeds.readFile(); !status.ok())
    return status;
  if (absl::Status status = expectModuleFile(report.path); !status.ok())
    return status;
  const auto start = Clock::now();
  absl::StatusOr<LoadedModule> module = openModule(report.path, flags);
  if (!module.ok())
    return module.status();
  report.loadMicroseconds = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  absl::StatusOr<NamedArrays> values = valuesOf(*module, feeds, settings.batch, report);
  if (!values.ok())
    return values.status();
  if (absl::Status status = module->feed(*values); !status.ok())
    return status;
  report.program = readModuleProgram(module->module());
  absl::StatusOr<BenchResult> result = benchModule(*module, report.program, settings.bench);
  if (result.ok())
    report.result = std::move(*result);
  return result.status();
}

int runBench(const ParsedFlags &flags) {
  Settings settings;
  absl::StatusOr<Feeds> feeds = Feeds::parse(flags);
  absl::Status usage = feeds.status();
  usage.Update(readSettings(flags, settings));
  if (!usage.ok())
    return reportUsage(usage.message(), "bench");
  BenchReport report;
  if (absl::Status status = bench(flags, *feeds, settings, report); !status.ok())
    return reportError(status);
  if (flags.boolean("json"))
    printBenchJson(report);
  else
    std::cout << benchText(report, flags.boolean("all"));
  return 0;
}

} // namespace

Command benchCommand() {
  Command command{
      "bench",
      "Tell how long a module takes, as a whole and by dispatch.",
      "MODULE",
      1,
      1,
      {},
      R"(What is not fed is random. The share of the peak is that of what the processor's multiply-adds can do with the vectors
of the level in use, measured in the same process; bytes are those that a step is given, whether it reads them or not.
FIRN_CPU_LEVEL=v2|v3 runs code of a lower level than the processor has. The last line is 'median_us: F'.

example: firn bench model.firn --batch 8 --threads 1
)",
      runBench};
  addGroup(command.flags, "what is run", feedFlags());
  addGroup(command.flags, "what is run",
           {{"batch", Kind::String, "N",
             "first dimension of the inputs that leave it open; of a value that is fed the first "
             "row is repeated"}});
  addGroup(command.flags, "how it is run",
           {threadsFlag(),
            {"seconds", Kind::String, "S",
             "how long the whole is measured, dispatches half as long; default: 1"}});
  addGroup(command.flags, "what is told",
           {{"all", Kind::Bool, "", "every dispatch, not the slowest 20"},
            {"json", Kind::Bool, "", "for a program to read"}});
  return command;
}

} // namespace firn
