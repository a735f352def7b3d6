#include "compiler/workbench/sink.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/checkpoint_writer.h"
#include "compiler/formats/npz.h"
#include "compiler/formats/safetensors.h"

namespace firn {
namespace {

constexpr std::array<std::pair<OutputFormat, const char *>, 4> kFormats = {
    {{OutputFormat::V2, "v2"},
     {OutputFormat::V1, "v1"},
     {OutputFormat::Npz, "npz"},
     {OutputFormat::Safetensors, "safetensors"}}};

void addPieces(const std::string &key, const PlannedTensor &tensor,
               std::vector<PlannedPiece> &pieces) {
  if (tensor.entry.slices.empty())
    pieces.push_back({&key, &tensor, std::nullopt});
  for (const TensorSlice &slice : tensor.entry.slices)
    pieces.push_back({&key, &tensor, slice});
}

std::vector<PlannedPiece> piecesOf(const Plan &plan) {
  std::vector<PlannedPiece> pieces;
  for (const auto &[key, tensor] : plan)
    addPieces(key, tensor, pieces);
  return pieces;
}

/// Each piece goes to the lane that has least.
std::vector<std::vector<PlannedPiece>> spread(const std::vector<PlannedPiece> &pieces, int lanes) {
  std::vector<std::vector<PlannedPiece>> work(lanes);
  std::vector<uint64_t> filled(lanes, 0);
  for (const PlannedPiece &piece : pieces) {
    const auto least = std::min_element(filled.begin(), filled.end()) - filled.begin();
    work[least].push_back(piece);
    filled[least] += piece.bytes() + 1;
  }
  return work;
}

absl::StatusOr<Sink> openV2(const std::string &prefix, const Plan &plan, int shards) {
  struct stat info;
  if (prefix.empty() || prefix.back() == '/' ||
      (stat(prefix.c_str(), &info) == 0 && S_ISDIR(info.st_mode)))
    return absl::InvalidArgumentError(
        absl::StrCat("expected the prefix of a checkpoint, got a directory: '", prefix, "'; say ",
                     prefix, absl::EndsWith(prefix, "/") ? "" : "/", "model.ckpt"));
  auto writer = CheckpointWriter::create(prefix, shards);
  if (!writer.ok())
    return writer.status();
  Sink sink;
  for (int i = 0; i < shards; ++i)
    sink.lanes.push_back(&(*writer)->shard(i));
  sink.writer = *std::move(writer);
  sink.work = spread(piecesOf(plan), shards);
  return sink;
}

absl::StatusOr<std::unique_ptr<TensorWriter>> openV1(const std::string &path,
                                                     const TensorTable &contents) {
  struct stat info;
  if (const std::string index = path + ".index"; stat(index.c_str(), &info) == 0)
    return absl::InvalidArgumentError(
        absl::StrCat("can't write '", path, "' as V1: ", index,
                     " is there, and TensorFlow would read that V2 checkpoint instead"));
  return createCheckpointV1(path, contents);
}

absl::StatusOr<std::unique_ptr<TensorWriter>>
openFile(const std::string &path, const TensorTable &contents, OutputFormat format) {
  if (format == OutputFormat::V1)
    return openV1(path, contents);
  return format == OutputFormat::Npz ? createNpz(path) : createSafetensors(path, contents);
}

/// What is no number and no string has no meaning outside of the process that saved it.
absl::Status checkTypes(const Plan &plan) {
  std::vector<std::string> wrong;
  for (const auto &[key, tensor] : plan)
    if (dataTypeSize(tensor.entry.dtype) == 0 && tensor.entry.dtype != tensorflow::DT_STRING)
      wrong.push_back(absl::StrCat("'", key, "' (", dataTypeName(tensor.entry.dtype), ")"));
  if (wrong.empty())
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("can't copy values of these types: ", absl::StrJoin(wrong, ", "),
                   "\nleave them out: firn checkpoint select --drop"));
}

} // namespace

std::optional<OutputFormat> outputFormatFromName(absl::string_view name) {
  for (const auto &[format, text] : kFormats)
    if (name == text)
      return format;
  return std::nullopt;
}

const char *outputFormatName(OutputFormat format) {
  for (const auto &[known, text] : kFormats)
    if (known == format)
      return text;
  return "";
}

uint64_t PlannedPiece::bytes() const {
  return CheckpointEntry{tensor->entry.dtype, slice ? slice->length : tensor->entry.shape, {}}
      .byteSize();
}

void adaptPlan(Plan &plan, OutputFormat format) {
  if (format == OutputFormat::Npz || format == OutputFormat::Safetensors)
    joinSlices(plan);
  if (format == OutputFormat::V1)
    for (auto &[key, tensor] : plan)
      orderSlicesV1(key, tensor.entry);
}

absl::StatusOr<Sink> openSink(const std::string &path, const Plan &plan,
                              const SinkOptions &options) {
  if (auto status = checkTypes(plan); !status.ok())
    return status;
  if (options.format == OutputFormat::V2)
    return openV2(path, plan, options.shards);
  if (options.shards != 1)
    return absl::InvalidArgumentError(absl::StrCat(
        "expected one shard: ", outputFormatName(options.format), " is a single file"));
  const TensorTable contents = tableOf(plan);
  auto writer = openFile(path, contents, options.format);
  if (!writer.ok())
    return writer.status();
  Sink sink;
  sink.writer = *std::move(writer);
  sink.lanes = {sink.writer.get()};
  sink.work = {piecesOf(plan)};
  if (options.format == OutputFormat::Safetensors) {
    sink.work[0].clear();
    for (const std::string &key : safetensorsOrder(contents))
      addPieces(plan.find(key)->first, plan.at(key), sink.work[0]);
  }
  return sink;
}

} // namespace firn
