// Writing leveldb tables (the index of a V2 checkpoint, a V1 checkpoint), large values in pieces.
// Source: leveldb's table_format.md. Internal to compiler/formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/output_file.h"

namespace firn {

/// Writes one table to `file`, which the caller commits. Keys ascend; no compression.
class TableWriter {
public:
  explicit TableWriter(OutputFile &file) : file(file) {}

  absl::Status add(absl::string_view key, absl::string_view value);
  /// The same for a value of `size` bytes that follow through `appendValue`; it gets a block of its
  /// own.
  absl::Status beginValue(absl::string_view key, uint64_t size);
  absl::Status appendValue(absl::string_view bytes);
  absl::Status endValue();
  /// The index and the footer.
  absl::Status finish();

private:
  absl::Status flushBlock();
  absl::Status write(absl::string_view bytes);
  absl::Status endBlock();

  OutputFile &file;
  uint64_t offset = 0; // of the file
  std::string lastKey;
  // The block of small values that is being collected.
  std::string block;
  std::vector<uint32_t> restarts;
  uint32_t entries = 0;
  // The block that is being written.
  uint64_t blockStart = 0;
  uint32_t crc = 0;
  std::string index; // entries: last key of a block → where the block lies
  std::vector<uint32_t> indexRestarts;
};

} // namespace firn
