// Tensors read piece by piece, as their user asks for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "compiler/formats/checkpoint.h"

namespace firn {

/// Reads a tensor, or a part of it, from its first to its last byte, through a buffer of 128 KiB.
class TensorReader {
public:
  /// The checkpoint must outlive the reader. `verify`: compare checksums; a wrong one is an error
  /// of the piece that ends what it is of, when the pieces before were read.
  static absl::StatusOr<TensorReader> open(Checkpoint &checkpoint, const std::string &key,
                                           const std::optional<TensorSlice> &slice, bool verify);
  /// `files` is not asked where `data` is in memory.
  TensorReader(TensorData data, TensorFiles *files, bool verify);

  uint64_t size() const { return total; }
  /// Fills `out`. DataLoss where fewer bytes are left, or a checksum does not agree.
  absl::Status read(absl::Span<char> out);
  /// Goes on to `position`, which is not behind what was read; what lies between is checked.
  absl::Status skipTo(uint64_t position);

private:
  /// Hands the next `count` bytes to `take`, in pieces.
  template <typename Take> absl::Status next(uint64_t count, const Take &take);
  absl::Status fill();

  std::vector<Extent> extents;
  TensorFiles *files;
  bool verify;
  std::string buffer;
  size_t used = 0; // of the buffer
  uint64_t total = 0, done = 0;
  size_t extent = 0;   // that the buffer is filled from next
  uint64_t offset = 0; // in it
  uint32_t crc = 0;    // of it so far
};

} // namespace firn
