// Rules by which tensors of a checkpoint, or variables of a graph, get other names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace re2 {
class RE2;
}

namespace firn {

/// A name and what becomes of it.
struct Renaming {
  std::string from, to;
  bool operator==(const Renaming &o) const { return from == o.from && to == o.to; }
};

/// A list of rules. The first whose left side matches a name decides; a name that none matches
/// stays as it is. What a rule is shows in its left side:
///
///     fc/w=dense/kernel        exact
///     old/=new/                prefix: both sides end in '/'; "" or "/" is the root
///     old/(.*)=new/\1          regular expression (RE2) for the whole name, where it has one of
///                              * + ? ( ) [ ] { } | ^ $ or a backslash; \0 is all of the name
///
/// A rule ends its left side with the first '=' that no backslash precedes.
class NameMap {
public:
  /// Appends a rule. InvalidArgument quotes it and says what is wrong.
  absl::Status add(absl::string_view rule);
  absl::Status add(absl::string_view from, absl::string_view to);
  /// Appends the rules of a file, one a line, `#` begins a comment line; or a JSON object of
  /// strings {"from": "to"} in the order in which they stand. Errors name file and line.
  absl::Status addFile(const std::string &path);

  bool empty() const { return rules.empty(); }
  /// What `name` becomes by the first rule that matches, none where no rule does.
  std::optional<std::string> find(absl::string_view name) const;
  /// Of each of `names`, in their order, what becomes of it. One InvalidArgument names every rule
  /// that matches nothing, with the nearest names, every name that would become empty, and all
  /// names that would become one.
  absl::StatusOr<std::vector<Renaming>> apply(const std::vector<std::string> &names) const;
  /// The same for several lists, whose names do not stand in each other's way: a rule has to match
  /// in one of them.
  absl::StatusOr<std::vector<std::vector<Renaming>>>
  applyEach(const std::vector<std::vector<std::string>> &lists) const;

  /// Whether `text` is a rule rather than the name of a file.
  static bool isRule(absl::string_view text);

private:
  struct Rule {
    enum class Kind { Exact, Prefix, Expression } kind;
    std::string from, to;
    std::string text;                           // as the user wrote it
    std::shared_ptr<const re2::RE2> expression; // of an Expression
    std::optional<std::string> apply(absl::string_view name) const;
  };
  static absl::StatusOr<Rule> parse(absl::string_view from, absl::string_view to,
                                    absl::string_view text);
  std::vector<Renaming> applyList(const std::vector<std::string> &names, std::vector<bool> &used,
                                  std::string &problems) const;
  std::string explainUnused(const std::vector<std::string> &names,
                            const std::vector<bool> &used) const;

  std::vector<Rule> rules;
};

/// "'a', 'b' and 'c' would all be 'd'", a line for each name that several of `table` become; ""
/// where there is none.
std::string explainCollisions(const std::vector<Renaming> &table);

} // namespace firn
