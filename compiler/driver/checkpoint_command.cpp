#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/checkpoint_table.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/tensor_slices.h"
#include "compiler/driver/tensor_statistics.h"
#include "compiler/driver/text.h"
#include "compiler/formats/edit_distance.h"
#include "compiler/formats/npy.h"
#include "compiler/formats/output_file.h"

namespace firn {
namespace {

using Kind = Flag::Kind;
using Opened = absl::StatusOr<std::unique_ptr<Checkpoint>>;

Opened openCheckpoint(const ParsedFlags &flags) {
  return Checkpoint::open(flags.positional[0], {flags.boolean("verify", true)});
}

std::string slicesText(const CheckpointEntry &entry) {
  return entry.slices.empty() ? "" : absl::StrCat("in ", plural(entry.slices.size(), "slice"));
}

std::vector<std::string> sliceTexts(const CheckpointEntry &entry) {
  std::vector<std::string> texts;
  for (const TensorSlice &slice : entry.slices)
    texts.push_back(slice.str(entry.shape));
  return texts;
}

std::vector<std::string> chosenKeys(const Checkpoint &checkpoint, const ParsedFlags &flags) {
  std::vector<std::string> keys;
  const std::string filter = flags.text("filter", "*");
  for (const auto &[key, entry] : checkpoint.entries())
    if (matchesGlob(filter, key))
      keys.push_back(key);
  if (flags.text("sort", "name") == "size")
    std::stable_sort(keys.begin(), keys.end(), [&](const std::string &a, const std::string &b) {
      return checkpoint.entries().at(a).byteSize() > checkpoint.entries().at(b).byteSize();
    });
  return keys;
}

std::string headerText(const Checkpoint &checkpoint) {
  std::string text = absl::StrCat("checkpoint ", checkpoint.prefix(), "  (",
                                  checkpoint.format() == Checkpoint::Format::V1 ? "V1, " : "V2, ",
                                  plural(checkpoint.files().size(), "file"), ")\n");
  for (const std::string &note : checkpoint.notes())
    absl::StrAppend(&text, "note: ", note, "\n");
  return text;
}

std::string sizeOf(const CheckpointEntry &entry) {
  return dataTypeSize(entry.dtype) ? sizeText(entry.byteSize()) : "";
}

void printTable(const Checkpoint &checkpoint, const std::vector<std::string> &keys) {
  std::cout << headerText(checkpoint) << "\n";
  TextTable table({false, false, false, true});
  table.row({"key", "dtype", "shape", "size"});
  for (const std::string &key : keys) {
    const CheckpointEntry &entry = checkpoint.entries().at(key);
    KeyKind kind = keyKind(checkpoint, key);
    const bool known = kind == KeyKind::Slot || kind == KeyKind::Average;
    table.row({key, dataTypeName(entry.dtype), shapeText(entry.shape), sizeOf(entry),
               known ? keyKindName(kind) : "", slicesText(entry)});
  }
  std::cout << table.str() << "\n" << totalsText(checkpoint);
  if (keys.size() != checkpoint.entries().size())
    std::cout << "shown: " << keys.size() << " of them\n";
}

void writeTensorEntry(const Checkpoint &checkpoint, const std::string &key,
                      llvm::json::OStream &json) {
  const CheckpointEntry &entry = checkpoint.entries().at(key);
  json.attribute("key", utf8(key));
  json.attribute("dtype", dataTypeName(entry.dtype));
  json.attribute("shape", jsonShape(entry.shape));
  json.attribute("parameters", entry.elements());
  json.attribute("bytes", entry.byteSize());
  json.attribute("kind", keyKindName(keyKind(checkpoint, key)));
  json.attribute("slices", jsonStrings(sliceTexts(entry)));
}

int runList(const ParsedFlags &flags) {
  if (std::string order = flags.text("sort", "name"); order != "name" && order != "size")
    return reportUsage(absl::StrCat("expected --sort name or --sort size, got '", order, "'"),
                       "checkpoint list");
  Opened checkpoint = openCheckpoint(flags);
  if (!checkpoint.ok())
    return reportError(checkpoint.status());
  std::vector<std::string> keys = chosenKeys(**checkpoint, flags);
  if (!flags.boolean("json")) {
    printTable(**checkpoint, keys);
    return 0;
  }
  printJson([&](llvm::json::OStream &json) {
    writeCheckpointHeader(**checkpoint, json);
    json.attributeArray("tensors", [&] {
      for (const std::string &key : keys)
        json.object([&] { writeTensorEntry(**checkpoint, key, json); });
    });
    writeTotals(**checkpoint, json);
  });
  return 0;
}

std::string keyText(const Checkpoint &checkpoint, const std::string &key) {
  const CheckpointEntry &entry = checkpoint.entries().at(key);
  std::string text =
      absl::StrCat(key, "  ", dataTypeName(entry.dtype), " ", shapeText(entry.shape));
  if (std::string size = sizeOf(entry); !size.empty())
    absl::StrAppend(&text, "  ", size);
  if (!entry.slices.empty())
    absl::StrAppend(&text, "  in slices ", absl::StrJoin(sliceTexts(entry), " "));
  return text;
}

absl::Status unknownKey(const Checkpoint &checkpoint, const std::string &key) {
  std::vector<std::string> keys;
  for (const auto &[name, entry] : checkpoint.entries())
    keys.push_back(name);
  std::vector<std::string> nearest = nearestWords(key, keys);
  return absl::NotFoundError(
      absl::StrCat(checkpoint.prefix(), ": no tensor '", key, "'",
                   nearest.empty() ? "" : absl::StrCat("; nearest: ", absl::StrJoin(nearest, ", ")),
                   "\n'firn checkpoint list ", checkpoint.prefix(), "' shows all"));
}

// What of a tensor is wanted.
absl::StatusOr<TensorSlice> wantedSlice(const Checkpoint &checkpoint, const std::string &key,
                                        const ParsedFlags &flags) {
  const std::vector<int64_t> &shape = checkpoint.entries().at(key).shape;
  return flags.has("slice") ? parseSlice(flags.text("slice"), shape) : TensorSlice::whole(shape);
}

bool hasValues(const Checkpoint &checkpoint, const std::string &key) {
  const int dtype = checkpoint.entries().at(key).dtype;
  return dataTypeSize(dtype) > 0 || dtype == tensorflow::DT_STRING;
}

absl::Status appendNumbers(OutputFile &file, Checkpoint &checkpoint, const std::string &key,
                           const TensorSlice &slice, bool verify) {
  absl::StatusOr<TensorData> data = checkpoint.locate(key, slice);
  if (!data.ok())
    return data.status();
  absl::Status status = file.append(npyHeader(checkpoint.entries().at(key).dtype, slice.length));
  if (data->extents.empty())
    status.Update(file.append(data->bytes));
  else if (status.ok())
    status = checkpoint.tensorFiles().stream(
        data->extents, verify, [&](absl::string_view piece) { return file.append(piece); });
  return status;
}

absl::Status writeNpy(Checkpoint &checkpoint, const std::string &key, const TensorSlice &slice,
                      const ParsedFlags &flags) {
  const int dtype = checkpoint.entries().at(key).dtype;
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(flags.text("out"));
  if (!file.ok())
    return file.status();
  absl::Status status;
  if (dtype == tensorflow::DT_STRING) {
    auto strings = checkpoint.readStrings(key, slice);
    status = strings.ok()
                 ? (*file)->append(npyBytes({dtype, slice.length, "", std::move(*strings)}))
                 : strings.status();
  } else {
    status = appendNumbers(**file, checkpoint, key, slice, flags.boolean("verify", true));
  }
  if (status.ok())
    status = (*file)->commit();
  if (status.ok() && dataTypeFromName(npyDescr(dtype)) == tensorflow::DT_INVALID &&
      dtype == tensorflow::DT_BFLOAT16)
    std::cerr << "firn: note: NumPy has no bfloat16: the array holds its bits as uint16\n";
  return status;
}

absl::Status printValues(Checkpoint &checkpoint, const std::string &key, const TensorSlice &slice,
                         bool all) {
  if (!hasValues(checkpoint, key))
    return absl::OkStatus();
  absl::StatusOr<ShownTensor> shown = readShown(checkpoint, key, slice, all);
  if (shown.ok())
    std::cout << tensorText(*shown) << "\n";
  return shown.status();
}

// Nested arrays; what JSON has no number for is a string.
void writeValues(const ShownTensor &shown, llvm::json::OStream &json, size_t depth, size_t &next) {
  if (depth < shown.shape.size()) {
    json.array([&] {
      for (int64_t i = 0; i < shown.shape[depth]; ++i)
        writeValues(shown, json, depth + 1, next);
    });
    return;
  }
  if (shown.dtype == tensorflow::DT_STRING) {
    json.value(utf8(shown.strings[next++]));
    return;
  }
  std::string text =
      elementText(shown.dtype, shown.bytes.data() + next++ * dataTypeSize(shown.dtype));
  if (text == "True" || text == "False")
    json.value(text == "True");
  else if (text.find_first_not_of("0123456789.e+-") == std::string::npos)
    json.rawValue(text);
  else
    json.value(text);
}

absl::Status printKeyJson(Checkpoint &checkpoint, const std::string &key, const TensorSlice &slice,
                          const ParsedFlags &flags) {
  ShownTensor shown;
  const bool valued = hasValues(checkpoint, key);
  if (valued) {
    absl::StatusOr<ShownTensor> read =
        readShown(checkpoint, key, slice, flags.text("values") == "all");
    if (!read.ok())
      return read.status();
    shown = std::move(*read);
  }
  const bool elided = std::count(shown.elided.begin(), shown.elided.end(), true);
  printJson([&](llvm::json::OStream &json) {
    writeTensorEntry(checkpoint, key, json);
    json.attribute("elided", elided);
    json.attributeBegin("values");
    size_t next = 0;
    if (valued)
      writeValues(shown, json, 0, next);
    else
      json.value(nullptr);
    json.attributeEnd();
  });
  return absl::OkStatus();
}

absl::Status printStatistics(Checkpoint &checkpoint, const std::string &key,
                             const TensorSlice &slice, const ParsedFlags &flags) {
  if (dataTypeSize(checkpoint.entries().at(key).dtype) == 0)
    return absl::InvalidArgumentError(
        absl::StrCat("'", key, "': expected numbers for --stats, got ",
                     dataTypeName(checkpoint.entries().at(key).dtype)));
  auto statistics = computeStatistics(checkpoint, key, slice, flags.boolean("verify", true));
  if (!statistics.ok())
    return statistics.status();
  if (!flags.boolean("json")) {
    std::cout << keyText(checkpoint, key) << "\n" << statistics->text() << "\n";
    return absl::OkStatus();
  }
  printJson([&](llvm::json::OStream &json) {
    writeTensorEntry(checkpoint, key, json);
    statistics->write(json);
  });
  return absl::OkStatus();
}

absl::Status showKey(Checkpoint &checkpoint, const std::string &key, const ParsedFlags &flags) {
  if (!checkpoint.entries().count(key))
    return unknownKey(checkpoint, key);
  absl::StatusOr<TensorSlice> slice = wantedSlice(checkpoint, key, flags);
  if (!slice.ok())
    return slice.status();
  if (flags.has("out")) {
    if (!hasValues(checkpoint, key))
      return absl::InvalidArgumentError(
          absl::StrCat("'", key, "' is a ", dataTypeName(checkpoint.entries().at(key).dtype),
                       " tensor, which .npy can't hold"));
    return writeNpy(checkpoint, key, *slice, flags);
  }
  if (flags.boolean("stats"))
    return printStatistics(checkpoint, key, *slice, flags);
  if (flags.boolean("json"))
    return printKeyJson(checkpoint, key, *slice, flags);
  std::cout << keyText(checkpoint, key) << "\n";
  return printValues(checkpoint, key, *slice, flags.text("values") == "all");
}

absl::Status showAll(Checkpoint &checkpoint, const ParsedFlags &flags) {
  std::cout << headerText(checkpoint);
  for (const std::string &file : checkpoint.files())
    std::cout << "  " << file << "\n";
  for (const auto &[key, entry] : checkpoint.entries()) {
    std::cout << "\n" << keyText(checkpoint, key) << "\n";
    absl::Status status = printValues(checkpoint, key, TensorSlice::whole(entry.shape),
                                      flags.text("values") == "all");
    if (!status.ok())
      return status;
  }
  std::cout << "\n" << totalsText(checkpoint);
  return absl::OkStatus();
}

int runShow(const ParsedFlags &flags) {
  const bool oneKey = flags.positional.size() > 1;
  for (const char *flag : {"slice", "out", "stats"})
    if (flags.has(flag) && !oneKey)
      return reportUsage(absl::StrCat("expected KEY with --", flag), "checkpoint show");
  if (std::string values = flags.text("values");
      !values.empty() && values != "all" && values != "true")
    return reportUsage(absl::StrCat("expected --values or --values=all, got '", values, "'"),
                       "checkpoint show");
  if (!oneKey && (flags.boolean("json") || !flags.has("values")))
    return runList(flags);
  Opened checkpoint = openCheckpoint(flags);
  if (!checkpoint.ok())
    return reportError(checkpoint.status());
  absl::Status status =
      oneKey ? showKey(**checkpoint, flags.positional[1], flags) : showAll(**checkpoint, flags);
  return status.ok() ? 0 : reportError(status);
}

constexpr char kNames[] = "PATH is a prefix, its .index, .data or .meta, a V1 file, or a directory "
                          "with a 'checkpoint' file.\n";

} // namespace

Command checkpointListCommand() {
  return {"checkpoint list",
          "List the tensors of a checkpoint: names, dtypes, shapes, sizes, slices.",
          "PATH",
          1,
          1,
          {{"sort", Kind::String, "name|size", "order; default: name"},
           {"filter", Kind::String, "GLOB", "only keys that match, 'conv*/weights'"},
           {"json", Kind::Bool, "", "for a program to read"},
           {"verify", Kind::BoolOn, "", "don't compare checksums"}},
          absl::StrCat(kNames, "\nexample: firn checkpoint list run/model.ckpt-1000 --sort size\n"),
          runList};
}

Command checkpointShowCommand() {
  return {
      "checkpoint show",
      "Show a tensor of a checkpoint and its values; without KEY, the table of all.",
      "PATH [KEY]",
      1,
      2,
      {{"values", Kind::Optional, "[=all]", "values of every tensor; =all: however many there are"},
       {"stats", Kind::Bool, "", "least, largest, mean and the like of KEY instead of its values"},
       {"slice", Kind::String, "0:2,:", "only this part of KEY"},
       {"out", Kind::String, "X.npy",
        "write the values of KEY as a NumPy file, - for standard output"},
       {"json", Kind::Bool, "", "for a program to read"},
       {"verify", Kind::BoolOn, "", "don't compare checksums"}},
      absl::StrCat(
          kNames,
          "Of more than 1000 values the first and last three along each dimension are shown.\n",
          "\nexample: firn checkpoint show run/model.ckpt-1000 fc1/weights --slice 0:2,:\n"),
      runShow};
}

} // namespace firn
