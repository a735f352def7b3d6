#include "compiler/workbench/name_map.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "compiler/formats/edit_distance.h"
#include "re2/re2.h"

namespace firn {
namespace {

constexpr char kMeta[] = "*+?()[]{}|^$\\";

bool isScope(absl::string_view side) { return side.empty() || absl::EndsWith(side, "/"); }

// "/" is how init_from_checkpoint calls the scope that all names are in.
absl::string_view withoutRoot(absl::string_view side) { return side == "/" ? "" : side; }

// The position of the '=' that parts a rule, npos without one.
size_t findEquals(absl::string_view rule) {
  for (size_t i = 0; i < rule.size(); ++i) {
    if (rule[i] == '\\')
      ++i;
    else if (rule[i] == '=')
      return i;
  }
  return absl::string_view::npos;
}

// Of an expression the scope that every match is in, as far as it is plain text.
absl::string_view plainScope(absl::string_view expression) {
  absl::string_view plain = expression.substr(0, expression.find_first_of(kMeta));
  const size_t slash = plain.rfind('/');
  return slash == absl::string_view::npos ? "" : plain.substr(0, slash + 1);
}

std::vector<std::string> scopesOf(const std::vector<std::string> &names) {
  std::set<std::string> scopes;
  for (const std::string &name : names)
    for (size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1))
      scopes.insert(name.substr(0, slash + 1));
  return {scopes.begin(), scopes.end()};
}

std::string nearestText(absl::string_view word, const std::vector<std::string> &candidates) {
  std::vector<std::string> nearest = nearestWords(word, candidates);
  return nearest.empty() ? "" : absl::StrCat("; nearest: '", absl::StrJoin(nearest, "', '"), "'");
}

} // namespace

absl::StatusOr<NameMap::Rule> NameMap::parse(absl::string_view from, absl::string_view to,
                                             absl::string_view text) {
  auto bad = [&](auto... what) {
    return absl::InvalidArgumentError(absl::StrCat("the rule '", text, "': ", what...));
  };
  Rule rule{Rule::Kind::Exact, std::string(from), std::string(to), std::string(text), nullptr};
  if (from.find_first_of(kMeta) != absl::string_view::npos) {
    RE2::Options options;
    options.set_log_errors(false);
    auto expression = std::make_shared<RE2>(re2::StringPiece(from.data(), from.size()), options);
    if (!expression->ok())
      return bad("'", from, "' is no regular expression: ", expression->error());
    std::string error;
    if (!expression->CheckRewriteString(rule.to, &error))
      return bad("'", to, "' can't be filled: ", error);
    rule.kind = Rule::Kind::Expression;
    rule.expression = std::move(expression);
    return rule;
  }
  if (isScope(from) != isScope(to) && !(to.empty() && !isScope(from)))
    return bad("expected both sides to end in '/', or neither");
  if (!isScope(from)) {
    if (to.empty())
      return bad("expected a name after '='");
    return rule;
  }
  rule.kind = Rule::Kind::Prefix;
  rule.from = std::string(withoutRoot(from));
  rule.to = std::string(withoutRoot(to));
  if (rule.from.empty() && rule.to.empty())
    return bad("expected a name or a scope before '='");
  return rule;
}

absl::Status NameMap::add(absl::string_view from, absl::string_view to) {
  absl::StatusOr<Rule> rule = parse(from, to, absl::StrCat(from, "=", to));
  if (rule.ok())
    rules.push_back(std::move(*rule));
  return rule.status();
}

absl::Status NameMap::add(absl::string_view text) {
  const size_t equals = findEquals(text);
  if (equals == absl::string_view::npos)
    return absl::InvalidArgumentError(absl::StrCat("the rule '", text, "': expected old=new"));
  const std::string from = absl::StrReplaceAll(text.substr(0, equals), {{"\\=", "="}});
  absl::StatusOr<Rule> rule = parse(from, text.substr(equals + 1), text);
  if (rule.ok())
    rules.push_back(std::move(*rule));
  return rule.status();
}

std::optional<std::string> NameMap::Rule::apply(absl::string_view name) const {
  if (kind == Kind::Exact)
    return name == from ? std::optional(to) : std::nullopt;
  if (kind == Kind::Prefix)
    return absl::ConsumePrefix(&name, from) ? std::optional(absl::StrCat(to, name)) : std::nullopt;
  // \0 … \9 are all that a rewrite can ask for.
  re2::StringPiece groups[10];
  const int count = 1 + expression->MaxSubmatch(to);
  const re2::StringPiece text(name.data(), name.size());
  std::string result;
  if (!expression->Match(text, 0, text.size(), RE2::ANCHOR_BOTH, groups, count) ||
      !expression->Rewrite(&result, to, groups, count))
    return std::nullopt;
  return result;
}

std::optional<std::string> NameMap::find(absl::string_view name) const {
  for (const Rule &rule : rules)
    if (std::optional<std::string> renamed = rule.apply(name))
      return renamed;
  return std::nullopt;
}

std::string NameMap::explainUnused(const std::vector<std::string> &names,
                                   const std::vector<bool> &used) const {
  std::string text;
  for (size_t r = 0; r < rules.size(); ++r) {
    if (used[r])
      continue;
    const Rule &rule = rules[r];
    bool matches = false;
    for (size_t i = 0; i < names.size() && !matches; ++i)
      matches = rule.apply(names[i]).has_value();
    absl::StrAppend(&text, "\nthe rule '", rule.text, "' matches ");
    if (matches)
      absl::StrAppend(&text, "only names that a rule before it has renamed");
    else if (rule.kind == Rule::Kind::Exact)
      absl::StrAppend(&text, "no name", nearestText(rule.from, names));
    else
      absl::StrAppend(
          &text, "no name",
          nearestText(rule.kind == Rule::Kind::Prefix ? rule.from : plainScope(rule.from),
                      scopesOf(names)));
  }
  return text;
}

std::string explainCollisions(const std::vector<Renaming> &table) {
  std::map<std::string, std::vector<std::string>> sources;
  for (const Renaming &renaming : table)
    if (!renaming.to.empty())
      sources[renaming.to].push_back(renaming.from);
  std::string text;
  for (auto &[to, from] : sources) {
    if (from.size() < 2)
      continue;
    std::sort(from.begin(), from.end());
    const std::string last = from.back();
    absl::StrAppend(&text, "\n'", absl::StrJoin(from.begin(), from.end() - 1, "', '"), "' and '",
                    last, "' would ", from.size() == 2 ? "both" : "all", " be '", to, "'");
  }
  return text;
}

std::vector<Renaming> NameMap::applyList(const std::vector<std::string> &names,
                                         std::vector<bool> &used, std::string &problems) const {
  std::vector<Renaming> table;
  for (const std::string &name : names) {
    table.push_back({name, name});
    for (size_t r = 0; r < rules.size(); ++r) {
      std::optional<std::string> renamed = rules[r].apply(name);
      if (!renamed)
        continue;
      used[r] = true;
      if (renamed->empty())
        absl::StrAppend(&problems, "\nthe rule '", rules[r].text, "' leaves nothing of '", name,
                        "'");
      table.back().to = std::move(*renamed);
      break;
    }
  }
  return table;
}

absl::StatusOr<std::vector<std::vector<Renaming>>>
NameMap::applyEach(const std::vector<std::vector<std::string>> &lists) const {
  std::vector<std::vector<Renaming>> tables;
  std::vector<bool> used(rules.size());
  std::vector<std::string> all;
  std::string problems, collisions;
  for (const std::vector<std::string> &names : lists) {
    tables.push_back(applyList(names, used, problems));
    absl::StrAppend(&collisions, explainCollisions(tables.back()));
    all.insert(all.end(), names.begin(), names.end());
  }
  absl::StrAppend(&problems, explainUnused(all, used), collisions);
  if (!problems.empty())
    return absl::InvalidArgumentError(absl::StrCat("the names can't be mapped:", problems));
  return tables;
}

absl::StatusOr<std::vector<Renaming>> NameMap::apply(const std::vector<std::string> &names) const {
  auto tables = applyEach({names});
  if (!tables.ok())
    return tables.status();
  return std::move(tables->front());
}

bool NameMap::isRule(absl::string_view text) { return findEquals(text) != absl::string_view::npos; }

} // namespace firn
