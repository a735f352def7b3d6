#include "compiler/driver/feeds.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"
#include "compiler/pipeline/FeedValues.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

constexpr absl::string_view kRandom = "random", kInput = "in:";

// "random" or "random[2,3]"; `shape` stays as it is in the first case.
bool parseRandom(absl::string_view text, std::vector<int64_t> &shape, bool &isShaped) {
  isShaped = absl::ConsumePrefix(&text, kRandom) && !text.empty();
  if (!isShaped)
    return true;
  if (!absl::ConsumePrefix(&text, "[") || !absl::ConsumeSuffix(&text, "]"))
    return false;
  shape.clear();
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    int64_t dim;
    if (!absl::SimpleAtoi(part, &dim) || dim < 0)
      return false;
    shape.push_back(dim);
  }
  return true;
}

absl::Status about(const std::string &tensor, const absl::Status &status) {
  return absl::Status(status.code(), absl::StrCat("can't feed '", tensor, "': ", status.message()));
}

// A word of a command line as a shell takes it.
std::string shellText(const std::string &word) {
  constexpr absl::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%^";
  if (!word.empty() && word.find_first_not_of(kPlain.data(), 0, kPlain.size()) == word.npos)
    return word;
  return absl::StrCat("'", absl::StrJoin(absl::StrSplit(word, '\''), "'\\''"), "'");
}

} // namespace

std::vector<Flag> feedFlags() {
  return {{"feed", Kind::List, "x:0=VALUE",
           "value of an input: @x.npy, 0.5, [[1,2]], random, random[2,784]; any tensor of the "
           "graph may be fed; repeatable"},
          {"feeds", Kind::String, "in.npz", "values of inputs; keys x:0, x or in:x:0"},
          {"seed", Kind::String, "N", "of random values; default: 0"}};
}

absl::StatusOr<Feeds> Feeds::parse(const ParsedFlags &flags) {
  Feeds feeds;
  if (!absl::SimpleAtoi(flags.text("seed", "0"), &feeds.seed))
    return absl::InvalidArgumentError(
        absl::StrCat("expected a number as --seed, got '", flags.text("seed"), "'"));
  for (const std::string &feed : flags.list("feed")) {
    std::pair<std::string, std::string> parts = absl::StrSplit(feed, absl::MaxSplits('=', 1));
    std::vector<int64_t> shape;
    bool isShaped;
    if (parts.first.empty() || parts.second.empty())
      return absl::InvalidArgumentError(
          absl::StrCat("expected --feed name=value, got '", feed, "'"));
    if (absl::StartsWith(parts.second, kRandom) && !parseRandom(parts.second, shape, isShaped))
      return absl::InvalidArgumentError(
          absl::StrCat("expected random or random[2,3], got '", parts.second, "'"));
    feeds.values[tensorName(parts.first)].text = parts.second;
  }
  feeds.file = flags.text("feeds");
  return feeds;
}

absl::Status Feeds::readFile() {
  if (file.empty())
    return absl::OkStatus();
  absl::StatusOr<NamedArrays> arrays = readNpz(file);
  if (!arrays.ok())
    return arrays.status();
  bool prefixed = false;
  for (const auto &[key, array] : *arrays)
    prefixed |= absl::StartsWith(key, kInput);
  for (auto &[key, array] : *arrays)
    if (!prefixed || absl::StartsWith(key, kInput))
      values.try_emplace(tensorName(std::string(absl::StripPrefix(key, kInput))),
                         Given{"", std::move(array)});
  return absl::OkStatus();
}

std::vector<std::string> Feeds::names() const {
  std::vector<std::string> result;
  for (const auto &[name, given] : values)
    result.push_back(name);
  return result;
}

std::string Feeds::source(const std::string &tensor) const {
  auto given = values.find(tensor);
  if (given == values.end())
    return std::string(kRandom);
  return given->second.text.empty() ? file : given->second.text;
}

absl::StatusOr<NpyArray> Feeds::value(const ModelTensor &input, Notes &notes) const {
  const Given &given = values.at(input.name);
  if (absl::StartsWith(given.text, kRandom)) {
    ModelTensor shaped = input;
    bool isShaped = false;
    parseRandom(given.text, shaped.shape, isShaped);
    shaped.knownRank |= isShaped;
    return random(shaped);
  }
  absl::StatusOr<NpyArray> array = given.array;
  if (absl::StartsWith(given.text, "@"))
    array = readNpy(given.text.substr(1));
  else if (!given.text.empty())
    array = literalArray(given.text, input.dtype);
  bool rounded = false;
  const int dtype = array.ok() ? array->dtype : 0;
  if (array.ok())
    array = convertArray(*array, input.dtype, rounded);
  if (!array.ok())
    return about(input.name, array.status());
  if (rounded)
    notes.push_back(absl::StrCat("'", input.name, "' is rounded from ", dataTypeName(dtype), " to ",
                                 dataTypeName(input.dtype)));
  return array;
}

absl::StatusOr<NpyArray> Feeds::random(const ModelTensor &input) const {
  if (!input.knownRank)
    return absl::InvalidArgumentError(absl::StrCat("can't feed '", input.name,
                                                   "': its rank is not known; say the shape: "
                                                   "--feed '",
                                                   input.name, "=random[2,3]'"));
  std::vector<int64_t> shape = input.shape;
  for (int64_t &dim : shape)
    dim = dim < 0 ? 1 : dim;
  absl::StatusOr<NpyArray> array = randomArray(input.dtype, shape, input.name, seed);
  return array.ok() ? array : about(input.name, array.status());
}

absl::Status missingFeeds(const std::string &command, const ParsedFlags &flags,
                          const std::vector<ModelTensor> &missing, size_t inputs) {
  TextTable table;
  std::string line = absl::StrCat("firn ", command);
  for (const std::string &word : flags.arguments)
    absl::StrAppend(&line, " ", shellText(word));
  for (const ModelTensor &input : missing) {
    table.row({input.name, dataTypeName(input.dtype), shapeText(input.shape, input.knownRank)});
    absl::StrAppend(&line, " --feed ",
                    shellText(input.name + (input.knownRank ? "=random" : "=random[…]")));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected a value for each input, ", missing.size(), " of ", inputs,
      missing.size() == 1 ? " has" : " have", " none:\n", table.str(0), "for example: ", line));
}

} // namespace firn
