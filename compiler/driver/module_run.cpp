#include "compiler/driver/module_run.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/freeze_flags.h"

namespace firn {

Flag threadsFlag() {
  return {"threads", Flag::Kind::String, "N",
          "of a module: how many threads run it; default: one per processor"};
}

absl::StatusOr<unsigned> threadsOf(const ParsedFlags &flags) {
  unsigned threads = 0;
  if (flags.has("threads") && !absl::SimpleAtoi(flags.text("threads"), &threads))
    return absl::InvalidArgumentError(
        absl::StrCat("expected a number as --threads, got '", flags.text("threads"), "'"));
  return threads;
}

absl::StatusOr<LoadedModule> openModule(const std::string &path, const ParsedFlags &flags) {
  for (const Flag &flag : freezeFlags())
    if (flags.has(flag.name) && flag.name != "outputs" && flag.name != "batch")
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag.name, " has no meaning for '", path, "': it is compiled"));
  absl::StatusOr<unsigned> threads = threadsOf(flags);
  return threads.ok() ? LoadedModule::open(path, {*threads}) : threads.status();
}

absl::StatusOr<NamedArrays> fedValues(const std::string &command,
                                      const std::vector<ModelTensor> &inputs, const Feeds &feeds,
                                      const ParsedFlags &flags, Feeds::Notes &notes) {
  NamedArrays arrays;
  std::vector<ModelTensor> missing;
  for (const ModelTensor &input : inputs) {
    const bool isFed = feeds.has(input.name), isRandom = !isFed && flags.boolean("random");
    if (!isFed && (input.hasDefault || !isRandom)) {
      if (!input.hasDefault)
        missing.push_back(input);
      continue;
    }
    absl::StatusOr<NpyArray> array = isRandom ? feeds.random(input) : feeds.value(input, notes);
    if (!array.ok())
      return array.status();
    arrays.emplace_back(input.name, std::move(*array));
  }
  if (!missing.empty())
    return missingFeeds(command, flags, missing, inputs.size());
  if (arrays.size() < feeds.names().size())
    for (const std::string &name : feeds.names())
      if (std::none_of(arrays.begin(), arrays.end(),
                       [&](const auto &array) { return array.first == name; }))
        notes.push_back(absl::StrCat("'", name, "' is fed, but the outputs don't need it"));
  return arrays;
}

absl::StatusOr<NamedArrays> wantedOutputs(NamedArrays outputs,
                                          const std::vector<std::string> &wanted) {
  if (wanted.empty())
    return outputs;
  NamedArrays result;
  for (const std::string &name : wanted) {
    const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const auto &output) {
      return output.first == tensorName(name);
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

} // namespace firn
