// Tensors read piece by piece, as their user asks for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "compiler/formats/checkpoint.h"

namespace firn {

/// Reads a tensor, or a part of it, from its first to its last byte.
class TensorReader {
public:
  /// The checkpoint must outlive the reader. `verify`: compare the checksums of what is read; an
  /// error of the last piece may be one of all before it.
  static absl::StatusOr<TensorReader> open(Checkpoint &checkpoint, const std::string &key,
                                           const std::optional<TensorSlice> &slice, bool verify);
  TensorReader(TensorData data, TensorFiles &files, bool verify);

  uint64_t size() const { return total; }
  /// Fills `out`. DataLoss where fewer bytes are left, or a checksum does not agree.
  absl::Status read(absl::Span<char> out);

private:
  absl::Status readExtents(absl::Span<char> out);

  TensorData data;
  TensorFiles *files;
  bool verify;
  uint64_t total = 0;
  size_t extent = 0;
  uint64_t offset = 0; // in the extent, or in the bytes
  uint32_t crc = 0;    // of the extent so far
};

} // namespace firn
