#include "compiler/driver/bench_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

using Step = BenchResult::Step;

constexpr size_t kSlowest = 20, kNodesShown = 2;

// Of a step, in thousand millions a second.
double gigaflops(const Step &step) { return step.flops / step.microseconds / 1e3; }
double gigabytes(const Step &step) { return step.bytes / step.microseconds / 1e3; }

double shareOfPeak(const BenchResult &result, const Step &step) {
  return result.peakFlops > 0 ? gigaflops(step) * 1e9 / result.peakFlops : 0;
}

std::string stepTable(const BenchReport &report, bool all) {
  const BenchResult &result = report.result;
  std::vector<Step> steps = result.steps;
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step &a, const Step &b) { return a.microseconds > b.microseconds; });
  TextTable table({true, true, true, true, true, true, true});
  table.row({"step", "us", "share", "runs", "GFLOP/s", "of peak", "GB/s", "kernel", "nodes"});
  const size_t shown = all ? steps.size() : std::min(steps.size(), kSlowest);
  for (size_t i = 0; i < shown; ++i) {
    const Step &step = steps[i];
    const ModuleProgram::Step &what = report.program.steps[step.index];
    const bool known = step.flops > 0;
    table.row(
        {absl::StrCat(step.index), absl::StrFormat("%.1f", step.microseconds),
         absl::StrFormat("%.1f %%", 100 * step.share), absl::StrFormat("%.4g", step.iterations),
         known ? absl::StrFormat("%.1f", gigaflops(step)) : "",
         known ? absl::StrFormat("%.0f %%", 100 * shareOfPeak(result, step)) : "",
         absl::StrFormat("%.1f", gigabytes(step)), stepKernelText(what), stepNodesText(what)});
  }
  std::string text = table.str();
  if (shown < steps.size())
    absl::StrAppend(&text, "  and ", steps.size() - shown, " more; --all shows them\n");
  return text;
}

} // namespace

std::string stepNodesText(const ModuleProgram::Step &step) {
  if (step.nodes.size() <= kNodesShown)
    return absl::StrJoin(step.nodes, ", ");
  return absl::StrCat(step.nodes.front(), " … ", step.nodes.back(), " (", step.nodes.size(), ")");
}

std::string stepKernelText(const ModuleProgram::Step &step) {
  if (step.kind == ModuleProgram::Kind::Copy)
    return "copy";
  return step.kernel.empty() ? absl::StrCat("function ", step.function) : step.kernel;
}

std::string benchText(const BenchReport &report, bool all) {
  const BenchResult &result = report.result;
  std::string text = absl::StrFormat("%s: x86-64-v%d, %s\n", report.path, result.level,
                                     plural(result.threads, "thread"));
  TextTable inputs;
  for (const BenchReport::Input &input : report.inputs)
    inputs.row({input.name, dataTypeName(input.dtype), shapeText(input.shape), input.source});
  absl::StrAppend(&text, inputs.str(), "\n");
  absl::StrAppend(&text, stepTable(report, all), "\n");
  absl::StrAppendFormat(
      &text, "opened in %.2f ms, first run %.2f ms; arena %s, scratch %s, outputs %s\n",
      report.loadMicroseconds / 1e3, result.firstMicroseconds / 1e3, sizeText(result.memory.arena),
      sizeText(result.memory.scratch), sizeText(result.memory.outputs));
  absl::StrAppendFormat(&text, "peak %.1f GFLOP/s, measured in this process; the model: %.1f\n",
                        result.peakFlops / 1e9, result.flops / result.median / 1e3);
  absl::StrAppendFormat(&text, "%s: min %.1f us, mean %.1f us, p99 %.1f us\n",
                        plural(result.runs, "run"), result.minimum, result.mean, result.p99);
  absl::StrAppendFormat(&text, "median_us: %.2f\n", result.median);
  return text;
}

namespace {

void writeStep(const BenchReport &report, const Step &step, llvm::json::OStream &json) {
  const ModuleProgram::Step &what = report.program.steps[step.index];
  json.object([&] {
    json.attribute("step", step.index);
    json.attribute("kernel", utf8(stepKernelText(what)));
    json.attribute("nodes", jsonStrings(what.nodes));
    json.attribute("us", step.microseconds);
    json.attribute("share", step.share);
    json.attribute("runs", step.iterations);
    json.attribute("flops", step.flops);
    json.attribute("bytes", step.bytes);
    json.attribute("share_of_peak", shareOfPeak(report.result, step));
  });
}

void writeMemory(const firn_memory &memory, llvm::json::OStream &json) {
  json.attributeObject("memory", [&] {
    json.attribute("arena", memory.arena);
    json.attribute("arena_bound", memory.arena_bound);
    json.attribute("scratch", memory.scratch);
    json.attribute("outputs", memory.outputs);
  });
}

} // namespace

void printBenchJson(const BenchReport &report) {
  const BenchResult &result = report.result;
  printJson([&](llvm::json::OStream &json) {
    json.attribute("module", utf8(report.path));
    json.attribute("level", absl::StrCat("v", result.level));
    json.attribute("threads", result.threads);
    json.attributeArray("inputs", [&] {
      for (const BenchReport::Input &input : report.inputs)
        json.object([&] {
          json.attribute("name", utf8(input.name));
          json.attribute("dtype", dataTypeName(input.dtype));
          json.attribute("shape", jsonShape(input.shape));
          json.attribute("source", utf8(input.source));
        });
    });
    json.attribute("load_us", report.loadMicroseconds);
    json.attribute("first_us", result.firstMicroseconds);
    json.attribute("runs", result.runs);
    json.attribute("min_us", result.minimum);
    json.attribute("median_us", result.median);
    json.attribute("mean_us", result.mean);
    json.attribute("p99_us", result.p99);
    json.attribute("flops", result.flops);
    json.attribute("peak_flops", result.peakFlops);
    writeMemory(result.memory, json);
    json.attributeArray("steps", [&] {
      for (const Step &step : result.steps)
        writeStep(report, step, json);
    });
  });
}

} // namespace firn
