#include "compiler/pipeline/variable_warnings.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/proto/variable.pb.h"
#include "compiler/transforms/graph/VariableChoice.h"

namespace firn {
namespace {

constexpr char kAverage[] = "/ExponentialMovingAverage";

// "3 variables WHAT: a, b, …"
std::string warningText(const std::vector<std::string> &names, const char *one, const char *many) {
  constexpr size_t kShown = 5;
  const size_t shown = std::min(kShown, names.size());
  return absl::StrCat(names.size(), names.size() == 1 ? one : many, ": ",
                      absl::StrJoin(names.begin(), names.begin() + shown, ", "),
                      names.size() > shown ? ", …" : "");
}

// Variables that training changes have averages, all or none: one without is likely a mistake.
void warnOfMissingAverages(FreezeReport &report, const std::string &suffix,
                           const std::set<std::string> &trainable) {
  std::vector<std::string> without;
  const std::string ending = absl::StrCat("/", suffix);
  for (const FreezeReport::Variable &variable : report.variables)
    if (trainable.count(variable.name) && !variable.isInitial &&
        !absl::EndsWith(variable.key, ending))
      without.push_back(variable.name);
  if (!without.empty())
    report.warnings.push_back(
        warningText(without, " trainable variable has no moving average and keeps its own value",
                    " trainable variables have no moving averages and keep their own values"));
}

void hintAtAverages(FreezeReport &report, const CheckpointView &checkpoint) {
  const auto count = std::count_if(
      report.variables.begin(), report.variables.end(),
      [&](const FreezeReport::Variable &v) { return checkpoint.find(v.key + kAverage); });
  if (count > 0)
    report.warnings.push_back(absl::StrCat("the checkpoint has moving averages of ", count, " of ",
                                           report.variables.size(),
                                           " variables; --moving-averages takes them"));
}

void warnOfPatterns(FreezeReport &report, const char *flag,
                    const std::vector<std::string> &patterns) {
  for (const std::string &pattern : patterns) {
    graph::NamePatterns one({pattern});
    if (std::none_of(report.variables.begin(), report.variables.end(),
                     [&](const FreezeReport::Variable &v) { return one.match(v.name); }))
      report.warnings.push_back(
          absl::StrCat("--", flag, " ", pattern, " matches no variable that the outputs need"));
  }
}

} // namespace

std::set<std::string> collectedVariables(const tensorflow::MetaGraphDef &meta,
                                         const std::string &collection) {
  std::set<std::string> names;
  auto found = meta.collection_def().find(collection);
  if (found == meta.collection_def().end())
    return names;
  auto add = [&](const std::string &tensor) { names.insert(tensor.substr(0, tensor.find(':'))); };
  for (const std::string &tensor : found->second.node_list().value())
    add(tensor);
  for (const std::string &bytes : found->second.bytes_list().value())
    if (tensorflow::VariableDef variable; variable.ParseFromString(bytes))
      add(variable.variable_name());
  return names;
}

void warnOfVariables(FreezeReport &report, const FreezeOptions &options,
                     const CheckpointView &checkpoint, const std::set<std::string> &trainable) {
  std::vector<std::string> initial;
  for (const FreezeReport::Variable &variable : report.variables)
    if (variable.isInitial)
      initial.push_back(variable.name);
  if (!initial.empty())
    report.warnings.push_back(
        warningText(initial, " variable has its initial value", " variables have initial values"));
  if (options.movingAverages.empty())
    hintAtAverages(report, checkpoint);
  else
    warnOfMissingAverages(report, options.movingAverages, trainable);
  warnOfPatterns(report, "only", options.onlyVariables);
  warnOfPatterns(report, "skip", options.skipVariables);
}

} // namespace firn
