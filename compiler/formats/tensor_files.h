// The one way in which firn reads tensor bytes: positioned reads of open files, checked against
// their sizes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace firn {

/// A run of bytes in a file. `crc32c` is the masked checksum of exactly these bytes, where the file
/// records one.
struct Extent {
  std::string file;
  uint64_t offset = 0;
  uint64_t size = 0;
  std::optional<uint32_t> crc32c;
};

/// DataLoss, with the file, the offset and both sums, where `crc32c`, the checksum of all bytes of
/// `extent`, is not the recorded one. Ok where none is recorded.
absl::Status checkExtent(const Extent &extent, uint32_t crc32c);

/// Open files by path. Never maps: offsets in checkpoints are unaligned and a file that is cut
/// short under a mapping kills the process. Thread-safe.
class TensorFiles {
public:
  TensorFiles();
  ~TensorFiles();
  TensorFiles(const TensorFiles &) = delete;
  TensorFiles &operator=(const TensorFiles &) = delete;

  /// Size in bytes; NotFound names the path and errno's text.
  absl::StatusOr<uint64_t> size(const std::string &file);

  /// Fills `out` from `offset`. DataLoss when the file ends before.
  absl::Status read(const std::string &file, uint64_t offset, absl::Span<char> out);

  using Piece = std::function<absl::Status(absl::string_view bytes)>;

  /// Hands the bytes of `extents`, in order, to `piece` in pieces of at most 128 KiB. With
  /// `verify`, an extent's checksum is compared after its last byte: DataLoss names the file, the
  /// offset and both sums.
  absl::Status stream(absl::Span<const Extent> extents, bool verify, const Piece &piece);

private:
  struct OpenFile;
  absl::StatusOr<const OpenFile *> open(const std::string &file);
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<OpenFile>> files;
};

} // namespace firn
