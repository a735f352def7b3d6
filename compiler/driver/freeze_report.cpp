#include "compiler/driver/freeze_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/output_file.h"

namespace firn {
namespace {

// A summary is read at a glance: of long lists it shows the beginning.
constexpr size_t kShownLines = 4, kShownNames = 3;

/// Lines "  TITLE     TEXT", the title only before the first.
class Lines {
public:
  Lines(std::string &text, absl::string_view title, size_t count) : text(text), title(title) {
    shown = count > kShownLines ? kShownLines - 1 : count;
    rest = count - shown;
  }
  ~Lines() {
    if (rest)
      append(absl::StrCat("… and ", countText(rest), " more: --report lists all"));
  }
  /// False for what is not shown any more.
  bool add(absl::string_view line) {
    if (shown == 0)
      return false;
    --shown;
    append(line);
    return true;
  }

private:
  void append(absl::string_view line) {
    absl::StrAppendFormat(&text, "  %-9s %s\n", title, line);
    title = "";
  }

  std::string &text;
  absl::string_view title;
  size_t shown, rest;
};

void appendTensors(std::string &text, const char *title,
                   const std::vector<FreezeReport::Tensor> &tensors) {
  Lines lines(text, title, tensors.size());
  for (const FreezeReport::Tensor &tensor : tensors)
    lines.add(tensor.dtype.empty() ? tensor.name
                                   : absl::StrCat(tensor.name, "  ", tensor.dtype, " ",
                                                  shapeText(tensor.shape, tensor.knownRank)));
}

/// "22 dropout: a, b, c, …": nodes of one kind.
struct Group {
  std::string kind;
  size_t count = 0;
  std::string names = "";

  void add(const std::string &name) {
    if (++count <= kShownNames)
      absl::StrAppend(&names, count == 1 ? "" : ", ", name);
  }
  std::string str() const {
    return absl::StrCat(countText(count), kind.empty() ? "" : " ", kind, ": ", names,
                        count > kShownNames ? ", …" : "");
  }
};

// What of a text is the same for many nodes: "CheckNumerics: …", "dropout (NODE)".
std::string kindOf(const std::string &text) {
  return text.substr(0, std::min(text.find(':'), text.find(" (")));
}

// The kinds in the order in which they were met.
void appendGroups(std::string &text, const char *title, const FreezeReport::Entries &entries) {
  std::vector<Group> groups;
  for (const auto &[name, what] : entries) {
    const std::string kind = kindOf(what);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group &known) { return known.kind == kind; });
    if (group == groups.end())
      group = groups.insert(groups.end(), Group{kind});
    group->add(name);
  }
  Lines lines(text, title, groups.size());
  for (const Group &group : groups)
    lines.add(group.str());
}

void appendFolded(std::string &text, const FreezeReport::Entries &entries) {
  Group group{""};
  for (const auto &[name, what] : entries)
    group.add(name);
  if (group.count)
    Lines(text, "folded", 1).add(group.str());
}

void appendKept(std::string &text, const std::vector<FreezeReport::Kept> &kept) {
  Group group{"as asked"};
  for (const FreezeReport::Kept &part : kept)
    if (part.asked)
      group.add(part.name);
  if (group.count)
    Lines(text, "kept", 1).add(group.str());
}

template <typename Entry, typename Text>
void appendEach(std::string &text, const char *title, const std::vector<Entry> &entries,
                Text &&line) {
  Lines lines(text, title, entries.size());
  for (const Entry &entry : entries)
    lines.add(line(entry));
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

void writeTensors(const char *key, const std::vector<FreezeReport::Tensor> &tensors,
                  llvm::json::OStream &json) {
  json.attributeArray(key, [&] {
    for (const FreezeReport::Tensor &tensor : tensors)
      json.object([&] {
        json.attribute("name", utf8(tensor.name));
        json.attribute("op", utf8(tensor.op));
        json.attribute("dtype", tensor.dtype);
        json.attribute("shape", jsonShape(tensor.shape, tensor.knownRank));
      });
  });
}

void writeVariables(const FreezeReport &report, llvm::json::OStream &json) {
  json.attributeArray("variables", [&] {
    for (const FreezeReport::Variable &variable : report.variables)
      json.object([&] {
        json.attribute("name", utf8(variable.name));
        json.attribute("key", utf8(variable.key));
        json.attribute("dtype", variable.dtype);
        json.attribute("shape", jsonShape(variable.shape));
        json.attribute("bytes", variable.bytes);
      });
  });
}

void writePairs(const char *key, const char *first, const char *second,
                const FreezeReport::Entries &entries, llvm::json::OStream &json) {
  json.attributeArray(key, [&] {
    for (const auto &entry : entries)
      json.object([&] {
        json.attribute(first, utf8(entry.first));
        json.attribute(second, utf8(entry.second));
      });
  });
}

void writeChanges(const FreezeReport &report, llvm::json::OStream &json) {
  json.attributeArray("bound", [&] {
    for (const FreezeReport::Bound &bound : report.bound)
      json.object([&] {
        json.attribute("name", utf8(bound.name));
        json.attribute("value", utf8(bound.value));
        json.attribute("asked", bound.asked);
      });
  });
  writePairs("removed", "name", "why", report.removed, json);
  writePairs("rewritten", "name", "what", report.rewritten, json);
  writePairs("folded", "name", "what", report.folded, json);
  json.attributeArray("kept", [&] {
    for (const FreezeReport::Kept &kept : report.kept)
      json.object([&] {
        json.attribute("name", utf8(kept.name));
        json.attribute("why", utf8(kept.why));
        json.attribute("asked", kept.asked);
      });
  });
  writePairs("renamed", "from", "to", report.renamed, json);
}

void writeBeforeAfter(const char *key, uint64_t before, uint64_t after, llvm::json::OStream &json) {
  json.attributeObject(key, [&] {
    json.attribute("before", before);
    json.attribute("after", after);
  });
}

void writeJson(const FreezeReport &report, const FreezeOptions &options,
               llvm::json::OStream &json) {
  json.attribute("graph", utf8(report.graphPath));
  json.attribute("checkpoint", utf8(report.checkpointPath));
  json.attribute("output", utf8(options.output));
  json.attribute("mode", options.mode == Mode::AsIs ? "as-is" : "inference");
  json.attribute("optimize", options.optimize);
  writeTensors("inputs", report.inputs, json);
  writeTensors("outputs", report.outputs, json);
  writeVariables(report, json);
  writeChanges(report, json);
  json.attribute("warnings", jsonStrings(report.warnings));
  writeBeforeAfter("nodes", report.nodesBefore, report.nodesAfter, json);
  writeBeforeAfter("bytes", report.bytesRead, report.bytesWritten, json);
}

} // namespace

std::string summaryText(const FreezeReport &report, const FreezeOptions &options, double seconds) {
  std::string text =
      absl::StrFormat("froze %s -> %s  (%s -> %s, %.2f s)\n", report.graphPath, options.output,
                      sizeText(report.bytesRead), sizeText(report.bytesWritten), seconds);
  if (!report.variables.empty())
    Lines(text, "variables", 1)
        .add(absl::StrCat(countText(report.variables.size()), ", ",
                          plural(parameters(report), "parameter"), ", from ",
                          report.checkpointPath));
  Lines(text, "nodes", 1)
      .add(absl::StrCat(countText(report.nodesBefore), " -> ", countText(report.nodesAfter)));
  appendTensors(text, "inputs", report.inputs);
  appendTensors(text, "outputs", report.outputs);
  appendEach(text, "bound", report.bound, [](const FreezeReport::Bound &bound) {
    return absl::StrCat(bound.name, " = ", bound.value, "  (no longer an input: stop feeding it)");
  });
  appendEach(text, "cut", report.renamed, [](const std::pair<std::string, std::string> &cut) {
    return absl::StrCat(cut.first, " is fed as ", cut.second, ":0");
  });
  appendGroups(text, "removed", report.removed);
  appendEach(text, "rewritten", report.rewritten,
             [](const std::pair<std::string, std::string> &node) {
               return absl::StrCat(node.first, ": ", node.second);
             });
  appendFolded(text, report.folded);
  appendKept(text, report.kept);
  appendEach(text, "warning", report.warnings, [](const std::string &warning) { return warning; });
  return text;
}

absl::Status writeReport(const FreezeReport &report, const FreezeOptions &options,
                         const std::string &path) {
  const std::string text =
      jsonText([&](llvm::json::OStream &json) { writeJson(report, options, json); });
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  if (absl::Status status = (*file)->append(text); !status.ok())
    return status;
  return (*file)->commit();
}

} // namespace firn
