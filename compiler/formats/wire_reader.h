// Walking protobuf's wire format by position, for messages too large to hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/tensor_files.h"
#include "google/protobuf/message.h"

namespace firn {

/// Bytes by position: of a file through a window, or of memory.
class ByteSource {
public:
  static absl::StatusOr<ByteSource> ofFile(TensorFiles &files, const std::string &path);
  static ByteSource ofMemory(std::string name, std::string bytes);

  const std::string &name() const { return sourceName; }
  uint64_t size() const { return total; }
  /// False for memory: positions in it mean nothing to `TensorFiles`.
  bool isFile() const { return files != nullptr; }
  /// The bytes from `offset` on, `count` of them; valid until the next call. DataLoss where the
  /// source ends before.
  absl::StatusOr<absl::string_view> view(uint64_t offset, uint64_t count);

private:
  TensorFiles *files = nullptr;
  std::string sourceName;
  uint64_t total = 0;
  std::string window;
  uint64_t windowStart = 0;
};

enum class WireType { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5, Group = 3 };

/// One field of a message, by position.
struct WireField {
  int number;
  WireType type;
  uint64_t tagStart;   // of the tag
  uint64_t start, end; // of the content: what follows tag and length

  uint64_t size() const { return end - start; }
  bool isBytes(int n) const { return number == n && type == WireType::Bytes; }
};

/// The fields of the message that lies in [begin, end) of a source, in order.
class WireReader {
public:
  WireReader(ByteSource &source, uint64_t begin, uint64_t end)
      : source(source), position(begin), end(end) {}

  /// The next field, nothing at the end. InvalidArgument says where the bytes cease to be a
  /// message.
  absl::StatusOr<std::optional<WireField>> next();

private:
  absl::StatusOr<uint64_t> varint();
  absl::Status skipContent(WireField &field);
  absl::Status skipGroup();
  absl::Status skip(uint64_t count, uint64_t tagStart);
  absl::Status needs(uint64_t count, uint64_t tagStart);
  absl::Status noField(uint64_t at) const;

  ByteSource &source;
  uint64_t position, end;
};

/// Appends bytes [begin, end) of the source to `out`.
absl::Status appendRaw(ByteSource &source, uint64_t begin, uint64_t end, std::string &out);

/// Merges serialized bytes into a message. The limits: 2 GiB, and a nesting (200) that real graphs
/// stay far below and that no stack overflows at. False for bytes that are no such message.
bool mergeFromBytes(absl::string_view bytes, google::protobuf::Message &message);

/// `mergeFromBytes` for protobuf's text format; `error` gets "LINE:COLUMN: reason".
bool parseFromText(absl::string_view text, google::protobuf::Message &message, std::string *error);

} // namespace firn
