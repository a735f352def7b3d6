#include "compiler/formats/safetensors.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/output_file.h"

namespace firn {
namespace {

using namespace tensorflow;

constexpr size_t kLengthBytes = 8, kAlignment = 8;

/// A JSON string. Bytes that are no UTF-8 were refused before.
std::string jsonString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20)
      absl::StrAppendFormat(&out, "\\u%04x", c);
    else
      out.push_back(c);
  }
  return out + "\"";
}

/// Length of the UTF-8 sequence that `text` begins with; 0 when there is none.
size_t sequenceLength(absl::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length > text.size())
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((text[i] & 0xc0) != 0x80)
      return 0;
  return length;
}

bool isUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = sequenceLength(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

absl::Status checkContents(const TensorTable &contents) {
  std::vector<std::string> wrong;
  for (const auto &[key, entry] : contents) {
    if (safetensorsType(entry.dtype).empty())
      wrong.push_back(absl::StrCat("'", key, "' is of type ", dataTypeName(entry.dtype)));
    if (!isUtf8(key))
      wrong.push_back(absl::StrCat("'", key, "' is no UTF-8"));
  }
  if (wrong.empty())
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected what a .safetensors file holds: ", absl::StrJoin(wrong, ", ")));
}

/// The table of contents behind its length, padded so that the tensors begin aligned.
std::string headerText(const TensorTable &contents) {
  std::vector<std::string> fields;
  int64_t offset = 0;
  for (const std::string &key : safetensorsOrder(contents)) {
    const CheckpointEntry &entry = contents.at(key);
    const int64_t end = offset + entry.byteSize();
    fields.push_back(absl::StrCat(jsonString(key), ":{\"dtype\":\"", safetensorsType(entry.dtype),
                                  "\",\"shape\":[", absl::StrJoin(entry.shape, ","),
                                  "],\"data_offsets\":[", offset, ",", end, "]}"));
    offset = end;
  }
  std::string json = absl::StrCat("{", absl::StrJoin(fields, ","), "}");
  json.append((kAlignment - json.size() % kAlignment) % kAlignment, ' ');
  std::string length;
  for (size_t i = 0; i < kLengthBytes; ++i)
    length.push_back(static_cast<char>(json.size() >> 8 * i));
  return length + json;
}

class SafetensorsWriter : public TensorWriter {
public:
  SafetensorsWriter(std::unique_ptr<OutputFile> file, const TensorTable &contents)
      : file(std::move(file)), order(safetensorsOrder(contents)) {}

  absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                     const std::optional<TensorSlice> &slice) override {
    if (next == order.size() || order[next] != key ||
        (slice && !(*slice == TensorSlice::whole(shape))))
      return absl::FailedPreconditionError(absl::StrCat("'", key, "' comes out of order"));
    wanted = CheckpointEntry{dtype, shape, {}}.byteSize();
    got = 0;
    return absl::OkStatus();
  }
  absl::Status append(absl::string_view bytes) override {
    got += bytes.size();
    return file->append(bytes);
  }
  absl::Status end() override {
    const std::string &key = order[next++];
    if (got == wanted)
      return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("'", key, "': expected ", wanted, " bytes, got ", got));
  }
  absl::Status addStrings(absl::string_view key, const std::vector<int64_t> &,
                          const std::vector<std::string> &,
                          const std::optional<TensorSlice> &) override {
    return absl::InvalidArgumentError(
        absl::StrCat("'", key, "': a .safetensors file holds no strings"));
  }
  absl::Status finish() override {
    if (next != order.size())
      return absl::FailedPreconditionError(absl::StrCat("'", order[next], "' was not written"));
    return file->commit();
  }

  std::unique_ptr<OutputFile> file;

private:
  std::vector<std::string> order;
  size_t next = 0;
  int64_t wanted = 0, got = 0;
};

} // namespace

std::string safetensorsType(int dtype) {
  switch (dtype) {
  case DT_BOOL:
    return "BOOL";
  case DT_UINT8:
    return "U8";
  case DT_INT8:
    return "I8";
  case DT_UINT16:
    return "U16";
  case DT_INT16:
    return "I16";
  case DT_UINT32:
    return "U32";
  case DT_INT32:
    return "I32";
  case DT_UINT64:
    return "U64";
  case DT_INT64:
    return "I64";
  case DT_HALF:
    return "F16";
  case DT_BFLOAT16:
    return "BF16";
  case DT_FLOAT:
    return "F32";
  case DT_DOUBLE:
    return "F64";
  case DT_FLOAT8_E5M2:
    return "F8_E5M2";
  case DT_FLOAT8_E4M3FN:
    return "F8_E4M3";
  default:
    return "";
  }
}

std::vector<std::string> safetensorsOrder(const TensorTable &contents) {
  std::vector<std::string> keys;
  for (const auto &[key, entry] : contents)
    keys.push_back(key);
  std::stable_sort(keys.begin(), keys.end(), [&](const std::string &a, const std::string &b) {
    return dataTypeSize(contents.at(a).dtype) > dataTypeSize(contents.at(b).dtype);
  });
  return keys;
}

absl::StatusOr<std::unique_ptr<TensorWriter>> createSafetensors(const std::string &path,
                                                                const TensorTable &contents) {
  if (auto status = checkContents(contents); !status.ok())
    return status;
  auto file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  auto writer = std::make_unique<SafetensorsWriter>(*std::move(file), contents);
  if (auto status = writer->file->append(headerText(contents)); !status.ok())
    return status;
  return std::unique_ptr<TensorWriter>(std::move(writer));
}

} // namespace firn
