// Command lines: one table of flags per command, from which parsing, `--help` and messages come.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firn {

/// A flag. `--name value` and `--name=value` are the same, and so are `-` and `_` in the name; a
/// Bool takes no separate value: `--name`, `--name=false`, `--noname`. A BoolOn is one that is true
/// unless told otherwise. An Optional is like a String, or `--name` alone, which is "true".
struct Flag {
  enum class Kind { String, List, Bool, BoolOn, Optional };
  std::string name;
  Kind kind;
  /// What stands for the value in `--help`, "FILE".
  std::string value;
  std::string help;
  /// Of a List: "a,b" is two values. Otherwise each use of the flag is one.
  bool commas = false;
  /// Left out of `--help`: a flag that another tool has.
  bool hidden = false;
  /// The heading under which `--help` shows it; flags without one come first.
  std::string group = "";
};

/// What a command line said.
class ParsedFlags {
public:
  bool has(absl::string_view flag) const { return values.count(std::string(flag)) > 0; }
  /// The last value given, else `fallback`.
  std::string text(absl::string_view flag, absl::string_view fallback = "") const;
  bool boolean(absl::string_view flag, bool fallback = false) const;
  const std::vector<std::string> &list(absl::string_view flag) const;
  std::vector<std::string> positional;
  /// All of it, as it was given.
  std::vector<std::string> arguments;
  /// The flags that end in `suffix`, without it: those of a command that has a set of flags twice.
  ParsedFlags withSuffix(absl::string_view suffix) const;

private:
  friend class FlagParser;
  std::map<std::string, std::vector<std::string>> values;
};

/// A command: `firn NAME …`.
struct Command {
  std::string name, summary;
  /// Positional arguments as the usage line shows them, "MODEL", "PATH [KEY]"; the numbers that are
  /// taken.
  std::string arguments;
  size_t minArguments = 0, maxArguments = 0;
  std::vector<Flag> flags;
  /// Shown by `--help` behind the flags.
  std::string details;
  /// The exit code: 0 good, 1 the input's fault, 2 usage, 3 a defect in firn.
  std::function<int(const ParsedFlags &)> run;
};

/// Parses what follows the command's name. InvalidArgument says what is wrong and names the nearest
/// flag.
absl::Status parseFlags(const Command &command, const std::vector<std::string> &arguments,
                        ParsedFlags &result);

/// The text of `firn NAME --help`.
std::string helpText(const Command &command);

} // namespace firn
