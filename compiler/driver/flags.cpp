#include "compiler/driver/flags.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/formats/edit_distance.h"

namespace firn {
namespace {

std::string canonicalName(absl::string_view name) {
  return absl::StrReplaceAll(name, {{"_", "-"}});
}

bool isTrue(absl::string_view text) {
  return text == "true" || text == "1" || text == "True" || text == "yes";
}
bool isFalse(absl::string_view text) {
  return text == "false" || text == "0" || text == "False" || text == "no";
}

bool isBool(const Flag &flag) {
  return flag.kind == Flag::Kind::Bool || flag.kind == Flag::Kind::BoolOn;
}

// A flag as `--help` writes it.
std::string flagText(const Flag &flag) {
  const char *dashes = flag.name.size() == 1             ? "  -"
                       : flag.kind == Flag::Kind::BoolOn ? "  --no-"
                                                         : "  --";
  const bool spaced = !flag.value.empty() && flag.kind != Flag::Kind::Optional;
  return absl::StrCat(dashes, flag.name, spaced ? " " : "", flag.value);
}

} // namespace

std::string ParsedFlags::text(absl::string_view flag, absl::string_view fallback) const {
  auto it = values.find(std::string(flag));
  return it == values.end() || it->second.empty() ? std::string(fallback) : it->second.back();
}

bool ParsedFlags::boolean(absl::string_view flag, bool fallback) const {
  return has(flag) ? isTrue(text(flag)) : fallback;
}

const std::vector<std::string> &ParsedFlags::list(absl::string_view flag) const {
  static const std::vector<std::string> *const kNone = new std::vector<std::string>();
  auto it = values.find(std::string(flag));
  return it == values.end() ? *kNone : it->second;
}

ParsedFlags ParsedFlags::withSuffix(absl::string_view suffix) const {
  ParsedFlags result;
  for (const auto &[flag, texts] : values)
    if (absl::EndsWith(flag, suffix))
      result.values[flag.substr(0, flag.size() - suffix.size())] = texts;
  return result;
}

class FlagParser {
public:
  FlagParser(const Command &command, const std::vector<std::string> &arguments, ParsedFlags &result)
      : command(command), arguments(arguments), result(result) {}

  absl::Status run() {
    for (; next < arguments.size(); ++next) {
      const std::string &argument = arguments[next];
      if (argument == "--") {
        result.positional.insert(result.positional.end(), arguments.begin() + next + 1,
                                 arguments.end());
        break;
      }
      if (argument.size() < 2 || argument[0] != '-') {
        result.positional.push_back(argument);
      } else if (absl::Status status = parseFlag(argument); !status.ok()) {
        return status;
      }
    }
    return checkPositional();
  }

private:
  const Flag *find(absl::string_view name) const {
    for (const Flag &flag : command.flags)
      if (canonicalName(flag.name) == canonicalName(name))
        return &flag;
    return nullptr;
  }

  absl::Status parseFlag(absl::string_view argument) {
    absl::string_view text = argument;
    while (absl::ConsumePrefix(&text, "-")) {
    }
    std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    bool hasValue = absl::StrContains(text, '=');
    const Flag *flag = find(parts.first);
    bool negated = false;
    if (!flag && absl::StartsWith(parts.first, "no")) {
      absl::string_view rest = absl::StripPrefix(absl::StripPrefix(parts.first, "no"), "-");
      flag = find(rest);
      negated = flag && isBool(*flag) && !hasValue;
      flag = negated ? flag : nullptr;
    }
    if (!flag)
      return unknown(argument, parts.first);
    if (isBool(*flag))
      return setBool(*flag, hasValue ? parts.second : negated ? "false" : "true");
    if (hasValue)
      return set(*flag, parts.second);
    if (flag->kind == Flag::Kind::Optional)
      return set(*flag, "true");
    if (next + 1 >= arguments.size())
      return absl::InvalidArgumentError(absl::StrCat("expected a value after '", argument, "': --",
                                                     flag->name, " ", flag->value));
    return set(*flag, arguments[++next]);
  }

  absl::Status setBool(const Flag &flag, absl::string_view value) {
    if (!isTrue(value) && !isFalse(value))
      return absl::InvalidArgumentError(
          absl::StrCat("expected true or false for --", flag.name, ", got '", value, "'"));
    return set(flag, value);
  }

  absl::Status set(const Flag &flag, absl::string_view value) {
    std::vector<std::string> &values = result.values[flag.name];
    if (!flag.commas) {
      values.emplace_back(value);
      return absl::OkStatus();
    }
    for (absl::string_view part : absl::StrSplit(value, ','))
      if (!part.empty())
        values.emplace_back(absl::StripAsciiWhitespace(part));
    return absl::OkStatus();
  }

  absl::Status unknown(absl::string_view argument, absl::string_view name) const {
    std::vector<std::string> names;
    for (const Flag &flag : command.flags)
      names.push_back(canonicalName(flag.name));
    std::vector<std::string> nearest = nearestWords(canonicalName(name), names);
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown flag '", argument, "'",
        nearest.empty() ? "" : absl::StrCat("; nearest: --", absl::StrJoin(nearest, ", --"))));
  }

  absl::Status checkPositional() const {
    size_t count = result.positional.size();
    if (count > command.maxArguments)
      return absl::InvalidArgumentError(
          absl::StrCat("unexpected argument '", result.positional[command.maxArguments], "'"));
    if (count < command.minArguments)
      return absl::InvalidArgumentError(absl::StrCat("expected ", command.arguments));
    return absl::OkStatus();
  }

  const Command &command;
  const std::vector<std::string> &arguments;
  ParsedFlags &result;
  size_t next = 0;
};

absl::Status parseFlags(const Command &command, const std::vector<std::string> &arguments,
                        ParsedFlags &result) {
  result.arguments = arguments;
  return FlagParser(command, arguments, result).run();
}

std::string helpText(const Command &command) {
  std::vector<std::string> groups;
  size_t width = 0;
  for (const Flag &flag : command.flags) {
    if (flag.hidden)
      continue;
    width = std::max(width, flagText(flag).size());
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end())
      groups.push_back(flag.group);
  }
  std::string text = absl::StrCat("usage: firn ", command.name, " ", command.arguments,
                                  " [flags]\n\n", command.summary, "\n");
  for (const std::string &group : groups) {
    absl::StrAppend(&text, "\n", group.empty() ? "flags" : group, ":\n");
    for (const Flag &flag : command.flags)
      if (!flag.hidden && flag.group == group)
        absl::StrAppend(&text, flagText(flag), std::string(width + 2 - flagText(flag).size(), ' '),
                        flag.help, "\n");
  }
  return absl::StrCat(text, "\n", command.details);
}

} // namespace firn
