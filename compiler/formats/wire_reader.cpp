#include "compiler/formats/wire_reader.h"

#include <algorithm>
#include <climits>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/text_format.h"

namespace firn {
namespace {

constexpr uint64_t kWindow = 256 << 10;
constexpr int kRecursionLimit = 200;
constexpr int kMaxVarintBytes = 10;
constexpr int kEndGroup = 4;

/// Keeps the first error; warnings are nobody's concern here.
class FirstError : public google::protobuf::io::ErrorCollector {
public:
  void AddError(int line, int column, const std::string &message) override {
    if (text.empty())
      text = absl::StrCat(line + 1, ":", column + 1, ": ", message);
  }
  std::string text;
};

} // namespace

absl::StatusOr<ByteSource> ByteSource::ofFile(TensorFiles &files, const std::string &path) {
  auto size = files.size(path);
  if (!size.ok())
    return size.status();
  ByteSource source;
  source.files = &files;
  source.sourceName = path;
  source.total = *size;
  return source;
}

ByteSource ByteSource::ofMemory(std::string name, std::string bytes) {
  ByteSource source;
  source.sourceName = std::move(name);
  source.total = bytes.size();
  source.window = std::move(bytes);
  return source;
}

absl::StatusOr<absl::string_view> ByteSource::view(uint64_t offset, uint64_t count) {
  if (offset > total || count > total - offset)
    return absl::DataLossError(absl::StrCat(sourceName, ": expected ", count, " bytes at offset ",
                                            offset, ", got ", total - std::min(total, offset)));
  if (offset < windowStart || offset + count > windowStart + window.size()) {
    window.resize(std::min(std::max(count, kWindow), total - offset));
    windowStart = offset;
    if (auto status = files->read(sourceName, offset, {window.data(), window.size()});
        !status.ok()) {
      window.clear();
      return status;
    }
  }
  return absl::string_view(window).substr(offset - windowStart, count);
}

absl::StatusOr<uint64_t> WireReader::varint() {
  auto bytes = source.view(position, std::min<uint64_t>(kMaxVarintBytes, end - position));
  if (!bytes.ok())
    return bytes.status();
  uint64_t value = 0;
  for (size_t i = 0; i < bytes->size(); ++i) {
    const auto byte = static_cast<unsigned char>((*bytes)[i]);
    value |= uint64_t(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      position += i + 1;
      return value;
    }
  }
  if (bytes->size() == kMaxVarintBytes)
    return noField(position);
  return absl::InvalidArgumentError(
      absl::StrCat(source.name(), ": truncated at byte ", position + bytes->size()));
}

absl::Status WireReader::needs(uint64_t count, uint64_t tagStart) {
  if (count <= end - position)
    return absl::OkStatus();
  const bool wholeSource = end == source.size();
  return absl::InvalidArgumentError(absl::StrCat(
      source.name(), wholeSource ? ": truncated at byte " : ": a message ends at byte ", end,
      ": the field that begins at byte ", tagStart, " needs ", count - (end - position),
      " bytes more"));
}

absl::Status WireReader::noField(uint64_t at) const {
  return absl::InvalidArgumentError(
      absl::StrCat(source.name(), ": the bytes at ", at, " are no protobuf field"));
}

absl::Status WireReader::skip(uint64_t count, uint64_t tagStart) {
  if (auto status = needs(count, tagStart); !status.ok())
    return status;
  position += count;
  return absl::OkStatus();
}

absl::Status WireReader::skipContent(WireField &field) {
  switch (field.type) {
  case WireType::Varint:
    return varint().status();
  case WireType::Fixed64:
    return skip(8, field.tagStart);
  case WireType::Fixed32:
    return skip(4, field.tagStart);
  case WireType::Bytes: {
    auto length = varint();
    if (!length.ok())
      return length.status();
    field.start = position;
    return skip(*length, field.tagStart);
  }
  case WireType::Group:
    return skipGroup();
  }
  return noField(field.tagStart);
}

absl::StatusOr<std::optional<WireField>> WireReader::next() {
  if (position == end)
    return std::nullopt;
  WireField field;
  field.tagStart = position;
  auto tag = varint();
  if (!tag.ok())
    return tag.status();
  field.number = static_cast<int>(*tag >> 3);
  field.type = static_cast<WireType>(*tag & 7);
  if (*tag > UINT32_MAX || field.number == 0)
    return noField(field.tagStart);
  field.start = position;
  if (auto status = skipContent(field); !status.ok())
    return status;
  field.end = position;
  return field;
}

absl::Status WireReader::skipGroup() {
  // Groups nest; only how deep matters, as protobuf itself checks the numbers when it parses them.
  for (int depth = 1; depth > 0;) {
    const uint64_t at = position;
    auto tag = varint();
    if (!tag.ok())
      return tag.status();
    const int type = *tag & 7;
    if (type == static_cast<int>(WireType::Group)) {
      if (++depth > kRecursionLimit)
        return absl::InvalidArgumentError(
            absl::StrCat(source.name(), ": nested too deeply at byte ", at));
    } else if (type == kEndGroup) {
      --depth;
    } else {
      position = at;
      if (auto field = next(); !field.ok())
        return field.status();
    }
  }
  return absl::OkStatus();
}

absl::Status appendRaw(ByteSource &source, uint64_t begin, uint64_t end, std::string &out) {
  while (begin < end) {
    const uint64_t take = std::min(end - begin, kWindow);
    auto bytes = source.view(begin, take);
    if (!bytes.ok())
      return bytes.status();
    out.append(bytes->data(), bytes->size());
    begin += take;
  }
  return absl::OkStatus();
}

bool mergeFromBytes(absl::string_view bytes, google::protobuf::Message &message) {
  if (bytes.size() > INT_MAX)
    return false;
  // Protobuf would write why to stderr; the caller says it once.
  google::protobuf::LogSilencer silencer;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t *>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetTotalBytesLimit(INT_MAX);
  stream.SetRecursionLimit(kRecursionLimit);
  return message.MergePartialFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

bool parseFromText(absl::string_view text, google::protobuf::Message &message, std::string *error) {
  if (text.size() > INT_MAX) {
    *error = "larger than 2 GiB";
    return false;
  }
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  FirstError errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kRecursionLimit);
  if (parser.Parse(&stream, &message))
    return true;
  *error = errors.text.empty() ? "not in protobuf's text format" : errors.text;
  return false;
}

} // namespace firn
