#include "compiler/driver/compile_report.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/text.h"

namespace firn {
namespace {

double totalSeconds(const CompileReport &report) {
  double milliseconds = 0;
  for (const CompileReport::Time &time : report.times)
    if (!absl::StartsWith(time.stage, " "))
      milliseconds += time.milliseconds;
  return milliseconds / 1000;
}

std::string codeText(const CompileReport &report) {
  std::string text;
  for (const CompileReport::Code &code : report.code)
    absl::StrAppend(&text, text.empty() ? "" : ", ", "v", code.level, " ", sizeText(code.bytes));
  return text;
}

std::string arenaText(const CompileReport &report) {
  if (report.isPlanned && report.arenaBytes == 0)
    return "none: nothing lies between inputs and outputs";
  if (!report.isPlanned)
    return "planned at run time: sizes depend on the inputs";
  return absl::StrCat(sizeText(report.arenaBytes), "  (no plan is smaller than ",
                      sizeText(report.arenaBound), ")");
}

std::string tensorsText(const std::vector<FreezeReport::Tensor> &tensors) {
  constexpr size_t kShown = 4;
  std::string text;
  for (size_t i = 0; i < tensors.size() && i < kShown; ++i)
    absl::StrAppend(&text, text.empty() ? "" : ", ", tensors[i].name, "  ", tensors[i].dtype, " ",
                    shapeText(tensors[i].shape, tensors[i].knownRank));
  if (tensors.size() > kShown)
    absl::StrAppend(&text, " and ", tensors.size() - kShown, " more");
  return text;
}

} // namespace

std::string compileSummary(const CompileReport &report, const CompileOptions &options) {
  TextTable table;
  table.row({"weights", absl::StrCat(sizeText(report.weightBytes), " in ",
                                     plural(report.weights, "constant"))});
  table.row({"code", codeText(report)});
  table.row({"program", absl::StrCat(plural(report.dispatches, "dispatch"), " of ",
                                     plural(report.functions, "function"))});
  table.row({"arena", arenaText(report)});
  table.row({"inputs", tensorsText(report.freeze.inputs)});
  table.row({"outputs", tensorsText(report.freeze.outputs)});
  std::string text =
      absl::StrFormat("compiled %s -> %s  (%s, %.2f s)\n%s", options.freeze.model, options.output,
                      sizeText(report.moduleBytes), totalSeconds(report), table.str());
  for (const std::string &warning : report.freeze.warnings)
    absl::StrAppend(&text, "  warning: ", warning, "\n");
  return text;
}

std::string timingText(const CompileReport &report) {
  TextTable table({false, true});
  for (const CompileReport::Time &time : report.times)
    table.row({time.stage, absl::StrFormat("%.1f ms", time.milliseconds)});
  table.row({"total", absl::StrFormat("%.1f ms", 1000 * totalSeconds(report))});
  return table.str();
}

} // namespace firn
