#include <array>
#include <iostream>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compiler/driver/artifact.h"
#include "compiler/driver/artifact_diff.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"

namespace firn {
namespace {

using Kind = Flag::Kind;
using Side = Difference::Side;
using Differences = std::vector<Difference>;

constexpr std::array<Side, 3> kSides = {Side::OnlyFirst, Side::OnlySecond, Side::Both};

size_t countOf(const Differences &differences, Side side) {
  size_t count = 0;
  for (const Difference &difference : differences)
    count += difference.side == side;
  return count;
}

std::string fieldText(const FieldDiff &field) {
  if (!field.note.empty())
    return absl::StrCat("    ", field.field, ": ", field.note, "\n");
  auto side = [](const std::string &text) { return text.empty() ? "(none)" : text; };
  return absl::StrCat("    ", field.field, ": ", side(field.a), " -> ", side(field.b), "\n");
}

void printText(const Differences &differences, const std::string &a, const std::string &b) {
  constexpr std::array<const char *, 3> kMarks = {"- ", "+ ", "~ "};
  std::string text;
  for (const Difference &difference : differences) {
    absl::StrAppend(&text, kMarks[static_cast<size_t>(difference.side)], difference.what,
                    difference.name.empty() ? "" : " ", difference.name,
                    difference.description.empty() ? "" : "  ", difference.description, "\n");
    for (const FieldDiff &field : difference.fields)
      absl::StrAppend(&text, fieldText(field));
  }
  std::cout << "- " << a << "\n+ " << b << "\n" << (text.empty() ? "" : "\n") << text << "\n";
  if (differences.empty())
    std::cout << "equal\n";
  else
    std::cout << plural(differences.size(), "difference") << ": "
              << countOf(differences, Side::OnlyFirst) << " only in the first, "
              << countOf(differences, Side::OnlySecond) << " only in the second, "
              << countOf(differences, Side::Both) << " changed\n";
}

void writeDifference(const Difference &difference, llvm::json::OStream &json) {
  json.attribute("what", difference.what);
  json.attribute("name", utf8(difference.name));
  if (difference.side != Side::Both) {
    json.attribute("description", utf8(difference.description));
    return;
  }
  json.attributeArray("fields", [&] {
    for (const FieldDiff &field : difference.fields)
      json.object([&] {
        json.attribute("field", utf8(field.field));
        json.attribute("first", utf8(field.a));
        json.attribute("second", utf8(field.b));
        json.attribute("note", utf8(field.note));
      });
  });
}

void printAsJson(const Differences &differences, const std::string &a, const std::string &b) {
  constexpr std::array<const char *, 3> kNames = {"only_first", "only_second", "changed"};
  printJson([&](llvm::json::OStream &json) {
    json.attribute("first", utf8(a));
    json.attribute("second", utf8(b));
    json.attribute("equal", differences.empty());
    for (Side side : kSides)
      json.attributeArray(kNames[static_cast<size_t>(side)], [&] {
        for (const Difference &difference : differences)
          if (difference.side == side)
            json.object([&] { writeDifference(difference, json); });
      });
  });
}

const char *kindOf(const Artifact &artifact) {
  return artifact.namesGraph ? "graph" : "checkpoint";
}

// A flag's number, not negative; nothing for other text.
std::optional<double> toleranceOf(const ParsedFlags &flags, const char *name) {
  double value = 0;
  if (flags.has(name) && (!absl::SimpleAtod(flags.text(name), &value) || !(value >= 0)))
    return std::nullopt;
  return value;
}

int runDiff(const ParsedFlags &flags) {
  const std::string &a = flags.positional[0], &b = flags.positional[1];
  if (a == "-" && b == "-")
    return reportUsage("expected two inputs, got standard input twice", "diff");
  const std::optional<double> rtol = toleranceOf(flags, "rtol"), atol = toleranceOf(flags, "atol");
  if (!rtol || !atol)
    return reportUsage("expected a number that is not negative for --rtol and --atol", "diff");
  const DiffOptions options{
      flags.boolean("values", true), flags.boolean("verify", true), {*rtol, *atol}};
  ArtifactOptions open;
  open.verify = options.verify;
  open.both = false;
  absl::StatusOr<Artifact> first = openArtifact(a, open), second = openArtifact(b, open);
  if (!first.ok() || !second.ok())
    return reportError(first.ok() ? second.status() : first.status());
  if (first->namesGraph != second->namesGraph)
    return reportUsage(absl::StrCat("expected two graphs or two checkpoints, got a ",
                                    kindOf(*first), " ('", a, "') and a ", kindOf(*second), " ('",
                                    b, "')"),
                       "diff");
  absl::StatusOr<Differences> differences =
      first->namesGraph ? diffGraphs(*first->graph, *second->graph, options)
                        : diffCheckpoints(*first->checkpoint, *second->checkpoint, options);
  if (!differences.ok())
    return reportError(differences.status());
  flags.boolean("json") ? printAsJson(*differences, a, b) : printText(*differences, a, b);
  return differences->empty() ? 0 : 1;
}

} // namespace

namespace {

Command comparison(const char *name, const char *summary, const char *details) {
  return {name,
          summary,
          "A B",
          2,
          2,
          {{"values", Kind::BoolOn, "", "compare structure only, not constants and tensors"},
           {"rtol", Kind::String, "R", "numbers a and b are equal where |a - b| <= ATOL + R * |b|"},
           {"atol", Kind::String, "ATOL", "the same; default of both: bits decide"},
           {"json", Kind::Bool, "", "for a program to read"},
           {"verify", Kind::BoolOn, "", "don't compare a checkpoint's checksums"}},
          details,
          runDiff};
}

} // namespace

Command diffCommand() {
  return comparison("diff", "Compare two graphs or two checkpoints; exit code 1 when they differ.",
                    "A and B are graphs (.pb, .pbtxt, .meta, SavedModel) or checkpoints (prefix, "
                    ".index, directory, V1 file).\n"
                    "\nexample: firn diff run/model.ckpt-1000 run/model.ckpt-2000\n");
}

Command checkpointDiffCommand() {
  return comparison("checkpoint diff",
                    "Compare two checkpoints, as 'firn diff' does; exit code 1 when they differ.",
                    "\nexample: firn checkpoint diff run/model.ckpt-1000 half --rtol 1e-2\n");
}

} // namespace firn
