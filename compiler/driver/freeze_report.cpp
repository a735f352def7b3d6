#include "compiler/driver/freeze_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/output_file.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace firn {
namespace {

using llvm::json::Array;
using llvm::json::Object;

void appendTensors(std::string &text, absl::string_view title,
                   const std::vector<FreezeReport::Tensor> &tensors) {
  for (const FreezeReport::Tensor &tensor : tensors) {
    absl::StrAppendFormat(&text, "  %-9s %s", title, tensor.name);
    if (!tensor.dtype.empty())
      absl::StrAppend(&text, "  ", tensor.dtype, " ", shapeText(tensor.shape, tensor.knownRank));
    absl::StrAppend(&text, "\n");
    title = "";
  }
}

Array tensorArray(const std::vector<FreezeReport::Tensor> &tensors) {
  Array array;
  for (const FreezeReport::Tensor &tensor : tensors) {
    Object object{{"name", utf8(tensor.name)}, {"op", utf8(tensor.op)}, {"dtype", tensor.dtype}};
    object["shape"] =
        tensor.knownRank ? llvm::json::Value(Array(tensor.shape)) : llvm::json::Value(nullptr);
    array.push_back(std::move(object));
  }
  return array;
}

Array pairArray(const std::vector<std::pair<std::string, std::string>> &pairs, const char *first,
                const char *second) {
  Array array;
  for (const auto &[a, b] : pairs)
    array.push_back(Object{{first, utf8(a)}, {second, utf8(b)}});
  return array;
}

uint64_t parameters(const FreezeReport &report) {
  uint64_t total = 0;
  for (const FreezeReport::Variable &variable : report.variables) {
    uint64_t count = 1;
    for (int64_t dim : variable.shape)
      count *= dim;
    total += count;
  }
  return total;
}

} // namespace

std::string summaryText(const FreezeReport &report, const FreezeOptions &options, double seconds) {
  std::string text = absl::StrFormat("froze %s -> %s  (%s, %.2f s)\n", report.graphPath,
                                     options.output, sizeText(report.bytesWritten), seconds);
  if (!report.variables.empty())
    absl::StrAppendFormat(&text, "  variables %d, %d parameters, from %s\n",
                          report.variables.size(), parameters(report), report.checkpointPath);
  absl::StrAppendFormat(&text, "  nodes     %d -> %d\n", report.nodesBefore, report.nodesAfter);
  appendTensors(text, "inputs", report.inputs);
  appendTensors(text, "outputs", report.outputs);
  for (const auto &[name, value] : report.bound)
    absl::StrAppendFormat(&text, "  bound     %s = %s  (no longer an input: stop feeding it)\n",
                          name, value);
  for (const auto &[from, to] : report.renamed)
    absl::StrAppendFormat(&text, "  cut       %s is fed as %s:0\n", from, to);
  constexpr size_t kShown = 5;
  for (size_t i = 0; i < std::min(kShown, report.removed.size()); ++i)
    absl::StrAppendFormat(&text, "  dropped   %s  (%s)\n", report.removed[i].first,
                          report.removed[i].second);
  if (report.removed.size() > kShown)
    absl::StrAppendFormat(&text, "  dropped   … and %d more; --report lists all\n",
                          report.removed.size() - kShown);
  for (const std::string &warning : report.warnings)
    absl::StrAppend(&text, "  note      ", warning, "\n");
  return text;
}

absl::Status writeReport(const FreezeReport &report, const FreezeOptions &options,
                         const std::string &path) {
  Array variables, warnings;
  for (const FreezeReport::Variable &variable : report.variables)
    variables.push_back(Object{{"name", utf8(variable.name)},
                               {"key", utf8(variable.key)},
                               {"dtype", variable.dtype},
                               {"shape", Array(variable.shape)},
                               {"bytes", variable.bytes}});
  for (const std::string &warning : report.warnings)
    warnings.push_back(utf8(warning));
  Object object{{"graph", utf8(report.graphPath)},
                {"checkpoint", utf8(report.checkpointPath)},
                {"output", utf8(options.output)},
                {"inputs", tensorArray(report.inputs)},
                {"outputs", tensorArray(report.outputs)},
                {"variables", std::move(variables)},
                {"bound", pairArray(report.bound, "name", "value")},
                {"removed", pairArray(report.removed, "name", "why")},
                {"renamed", pairArray(report.renamed, "from", "to")},
                {"warnings", std::move(warnings)},
                {"nodes", Object{{"before", report.nodesBefore}, {"after", report.nodesAfter}}},
                {"bytes", report.bytesWritten}};
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << llvm::formatv("{0:2}", llvm::json::Value(std::move(object))) << "\n";
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  if (absl::Status status = (*file)->append(stream.str()); !status.ok())
    return status;
  return (*file)->commit();
}

} // namespace firn
