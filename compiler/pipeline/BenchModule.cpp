#include "compiler/pipeline/BenchModule.h"

#include "compiler/pipeline/PeakFlops.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace firn {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr size_t kFewestRuns = 5;

double medianOf(std::vector<double> &values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// What the hook sees of the steps of one run after another.
class StepTimes {
public:
  explicit StepTimes(const ModuleProgram &program) : program(program), all(program.steps.size()) {}

  static void hook(void *self, const firn_step *step) {
    static_cast<StepTimes *>(self)->add(*step);
  }

  void endRun() {
    for (Totals &step : all) {
      step.times.push_back(step.nanoseconds / 1000);
      step.nanoseconds = 0;
    }
    ++runs;
  }

  std::vector<BenchResult::Step> finish() {
    std::vector<BenchResult::Step> steps;
    double sum = 0;
    for (uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].count == 0)
        continue;
      const double each = double(runs);
      steps.push_back({i, medianOf(all[i].times), 0, all[i].count / each, all[i].flops / each,
                       all[i].bytes / each});
      sum += steps.back().microseconds;
    }
    for (BenchResult::Step &step : steps)
      step.share = sum > 0 ? step.microseconds / sum : 0;
    return steps;
  }

private:
  struct Totals {
    std::vector<double> times; // microseconds of each run
    double nanoseconds = 0;    // of this run
    double count = 0, flops = 0, bytes = 0;
  };

  void add(const firn_step &step) {
    Totals &totals = all[step.index];
    const StepWork work = workOf(program, program.steps[step.index], step.slots);
    totals.nanoseconds += double(step.nanoseconds);
    totals.count += 1;
    totals.flops += work.flops;
    totals.bytes += work.bytes;
  }

  const ModuleProgram &program;
  std::vector<Totals> all;
  uint64_t runs = 0;
};

/// Runs again and again, `after` each with its time; at least a few times.
template <typename After>
absl::Status repeat(LoadedModule &module, double seconds, After after) {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (size_t runs = 0; runs < kFewestRuns || Clock::now() < end; ++runs) {
    const auto start = Clock::now();
    if (absl::Status status = module.run(); !status.ok())
      return status;
    after(Microseconds(Clock::now() - start).count());
  }
  return absl::OkStatus();
}

} // namespace

absl::StatusOr<BenchResult> benchModule(LoadedModule &module, const ModuleProgram &program,
                                        const BenchOptions &options) {
  BenchResult result;
  const auto start = Clock::now();
  if (absl::Status status = module.run(); !status.ok())
    return status;
  result.firstMicroseconds = Microseconds(Clock::now() - start).count();
  std::vector<double> times;
  if (absl::Status status =
          repeat(module, options.seconds, [&](double time) { times.push_back(time); });
      !status.ok())
    return status;
  std::sort(times.begin(), times.end());
  result.runs = times.size();
  result.minimum = times.front();
  result.median = times[times.size() / 2];
  result.p99 = times[(times.size() - 1) * 99 / 100];
  result.mean = std::accumulate(times.begin(), times.end(), 0.0) / double(times.size());
  StepTimes steps(program);
  firn_set_step_hook(module.context(), StepTimes::hook, &steps);
  absl::Status status = repeat(module, options.seconds / 2, [&](double) { steps.endRun(); });
  firn_set_step_hook(module.context(), nullptr, nullptr);
  if (!status.ok())
    return status;
  result.steps = steps.finish();
  for (const BenchResult::Step &step : result.steps)
    result.flops += step.flops;
  result.level = int(firn_module_cpu_level(module.module()));
  result.threads = firn_context_threads(module.context());
  result.peakFlops = measurePeakFlops(result.level, result.threads);
  result.memory = firn_context_memory(module.context());
  return result;
}

} // namespace firn
