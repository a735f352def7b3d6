#include "compiler/driver/checkpoint_edit.h"

#include <chrono>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/progress.h"
#include "compiler/driver/text.h"
#include "compiler/formats/edit_distance.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

constexpr int kMostShards = 99999;

/// "GLOB=PARTS" or "GLOB=PARTS,AXIS".
struct Split {
  std::string pattern;
  int64_t parts = 0, axis = 0;
};

absl::StatusOr<Split> parseSplit(const std::string &text) {
  const size_t equals = text.rfind('=');
  Split split;
  if (equals != std::string::npos) {
    split.pattern = text.substr(0, equals);
    std::vector<std::string> numbers = absl::StrSplit(text.substr(equals + 1), ',');
    if (numbers.size() <= 2 && absl::SimpleAtoi(numbers[0], &split.parts) && split.parts > 0 &&
        (numbers.size() == 1 || absl::SimpleAtoi(numbers[1], &split.axis)))
      return split;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("expected --split GLOB=PARTS or GLOB=PARTS,AXIS, got '", text, "'"));
}

absl::Status applySplit(const std::string &text, Plan &plan) {
  auto split = parseSplit(text);
  if (!split.ok())
    return split.status();
  if (auto status = checkPatterns("split", {split->pattern}, plan); !status.ok())
    return status;
  for (auto &[key, tensor] : plan)
    if (matchesGlob(split->pattern, key))
      if (auto status = splitTensor(key, tensor, split->parts, split->axis); !status.ok())
        return status;
  return absl::OkStatus();
}

absl::StatusOr<SinkOptions> sinkOptions(const ParsedFlags &flags) {
  SinkOptions sink;
  const std::string format = formatOf(flags);
  auto known = outputFormatFromName(format);
  if (!known)
    return absl::InvalidArgumentError(
        absl::StrCat("expected --format v1, v2, npz or safetensors, got '", format, "'"));
  sink.format = *known;
  if (flags.has("shards") && (!absl::SimpleAtoi(flags.text("shards"), &sink.shards) ||
                              sink.shards < 1 || sink.shards > kMostShards))
    return absl::InvalidArgumentError(
        absl::StrCat("expected --shards 1 to ", kMostShards, ", got '", flags.text("shards"), "'"));
  if (sink.shards > 1 && sink.format != OutputFormat::V2)
    return absl::InvalidArgumentError(
        absl::StrCat("expected --shards with --format v2: ", format, " is one file"));
  return sink;
}

absl::Status shapePieces(const ParsedFlags &flags, Plan &plan) {
  if (flags.boolean("join-slices"))
    joinSlices(plan);
  for (const std::string &split : flags.list("split"))
    if (auto status = applySplit(split, plan); !status.ok())
      return status;
  return absl::OkStatus();
}

std::string originText(const std::string &key, const PlannedTensor &tensor) {
  const TensorSource &source = tensor.sources[0];
  std::vector<std::string> parts;
  if (source.key != key)
    parts.push_back(absl::StrCat("from ", source.key));
  if (source.entry().dtype != tensor.entry.dtype)
    parts.push_back(absl::StrCat("was ", dataTypeName(source.entry().dtype)));
  if (tensor.sources.size() > 1)
    parts.push_back(absl::StrCat("mean of ", tensor.sources.size()));
  if (!tensor.entry.slices.empty())
    parts.push_back(absl::StrCat("in ", plural(tensor.entry.slices.size(), "slice")));
  else if (!source.entry().slices.empty())
    parts.push_back("slices joined");
  return absl::StrJoin(parts, ", ");
}

void printTable(const CheckpointEdit &edit) {
  TextTable table({false, false, false, true});
  table.row({"key", "dtype", "shape", "size"});
  for (const auto &[key, tensor] : edit.plan)
    table.row({key, dataTypeName(tensor.entry.dtype), shapeText(tensor.entry.shape),
               dataTypeSize(tensor.entry.dtype) ? sizeText(tensor.entry.byteSize()) : "",
               originText(key, tensor)});
  std::cout << table.str();
  if (!edit.dropped.empty())
    std::cout << "\n" << plural(edit.dropped.size(), "tensor") << " left out\n";
  for (const std::string &key : edit.dropped)
    std::cout << "  " << key << "\n";
  const PlanTotals totals = totalsOf(edit.plan);
  std::cout << "\ntotal: " << plural(totals.tensors, "tensor") << ", "
            << plural(totals.parameters, "parameter") << ", " << sizeText(totals.bytes) << "\n";
}

std::string lineText(const std::string &title, const std::string &text) {
  return absl::StrFormat("  %-10s %s\n", title, text);
}

struct Outcome {
  uint64_t bytesRead = 0, tensorsRead = 0;
  PlanTotals written;
  double seconds = 0;
  ExecuteReport report;
};

std::string summaryText(const ParsedFlags &flags, const CheckpointEdit &edit,
                        const Outcome &outcome) {
  std::string text = absl::StrFormat("%s %s -> %s  (%s -> %s, %.2f s)\n", edit.verb,
                                     absl::StrJoin(flags.positional, ", "), flags.text("o"),
                                     sizeText(outcome.bytesRead), sizeText(outcome.written.bytes),
                                     outcome.seconds);
  std::string tensors = plural(outcome.written.tensors, "tensor");
  if (flags.positional.size() == 1 && outcome.tensorsRead != outcome.written.tensors)
    tensors = absl::StrCat(countText(outcome.written.tensors), " of ",
                           plural(outcome.tensorsRead, "tensor"));
  text += lineText("tensors",
                   absl::StrCat(tensors, ", ", plural(outcome.written.parameters, "parameter")));
  for (const auto &[title, line] : edit.lines)
    text += lineText(title, line);
  for (const std::string &warning : outcome.report.warnings)
    text += lineText("warning", warning);
  return text;
}

int writeEdit(const ParsedFlags &flags, const SinkOptions &sink, const Checkpoints &from,
              const CheckpointEdit &edit) {
  const bool quiet = flags.boolean("quiet");
  ExecuteOptions options{sink, flags.boolean("verify", true), nullptr};
  if (!quiet)
    options.progress = writeProgress();
  Outcome outcome;
  const auto start = std::chrono::steady_clock::now();
  auto report = executePlan(edit.plan, flags.text("o"), options);
  if (!report.ok())
    return reportError(report.status());
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  outcome.report = *std::move(report);
  outcome.written = totalsOf(edit.plan);
  for (const auto &checkpoint : from)
    for (const auto &[key, entry] : checkpoint->entries()) {
      outcome.bytesRead += entry.byteSize();
      ++outcome.tensorsRead;
    }
  if (!quiet)
    std::cerr << summaryText(flags, edit, outcome);
  return 0;
}

} // namespace

absl::StatusOr<Checkpoints> openCheckpoints(const ParsedFlags &flags) {
  Checkpoints checkpoints;
  for (const std::string &name : flags.positional) {
    auto checkpoint = Checkpoint::open(name, {flags.boolean("verify", true)});
    if (!checkpoint.ok())
      return checkpoint.status();
    for (const std::string &note : (*checkpoint)->notes())
      if (!flags.boolean("quiet"))
        std::cerr << "firn: note: " << note << "\n";
    checkpoints.push_back(*std::move(checkpoint));
  }
  return checkpoints;
}

std::vector<Flag> withEditFlags(std::vector<Flag> own) {
  const std::vector<Flag> shared = {
      {"o", Kind::String, "OUT", "the checkpoint to write: a prefix, or the file of other formats"},
      {"dry-run", Kind::Bool, "", "print what would be written, write nothing"},
      {"format", Kind::String, "v2|v1|npz|safetensors", "format of OUT; default: v2"},
      {"shards", Kind::String, "N", "spread OUT over N files, written side by side"},
      {"join-slices", Kind::Bool, "", "write partitioned tensors whole"},
      {"split", Kind::List, "GLOB=N[,AXIS]", "write tensors that match in N slices along AXIS (0)"},
      {"quiet", Kind::Bool, "", "no summary, no progress"},
      {"verify", Kind::BoolOn, "", "don't compare checksums"}};
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

std::string formatOf(const ParsedFlags &flags) {
  const std::string format = flags.text("format", "v2");
  absl::string_view text = format;
  for (const char *from : {"object→", "object->", "object-"})
    if (absl::ConsumePrefix(&text, from))
      break;
  return std::string(text);
}

int finishEdit(const ParsedFlags &flags, const Checkpoints &from, CheckpointEdit edit,
               const std::string &command) {
  auto sink = sinkOptions(flags);
  if (!sink.ok())
    return reportUsage(sink.status().message(), command);
  const bool dryRun = flags.boolean("dry-run");
  if (!dryRun && flags.text("o").empty())
    return reportUsage("expected -o OUT", command);
  if (flags.text("o") == "-")
    return reportUsage("expected -o with a name, got standard output", command);
  if (edit.plan.empty())
    return reportError(absl::InvalidArgumentError("nothing is left to write"));
  absl::Status status = shapePieces(flags, edit.plan);
  if (!status.ok())
    return reportError(status);
  if (!dryRun)
    return writeEdit(flags, *sink, from, edit);
  adaptPlan(edit.plan, sink->format);
  printTable(edit);
  for (const auto &[title, line] : edit.lines)
    std::cout << title << ": " << line << "\n";
  return 0;
}

bool matchesAny(const std::vector<std::string> &patterns, const std::string &key) {
  for (const std::string &pattern : patterns)
    if (matchesGlob(pattern, key))
      return true;
  return false;
}

absl::Status checkPatterns(const std::string &flag, const std::vector<std::string> &patterns,
                           const Plan &plan) {
  std::vector<std::string> keys;
  for (const auto &[key, tensor] : plan)
    keys.push_back(key);
  for (const std::string &pattern : patterns) {
    bool found = false;
    for (const std::string &key : keys)
      found = found || matchesGlob(pattern, key);
    if (found)
      continue;
    const std::vector<std::string> nearest = nearestWords(pattern, keys);
    return absl::InvalidArgumentError(absl::StrCat(
        "--", flag, " '", pattern, "' matches no key",
        nearest.empty() ? "" : absl::StrCat("; nearest: ", absl::StrJoin(nearest, ", "))));
  }
  return absl::OkStatus();
}

} // namespace firn
