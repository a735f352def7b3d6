// Writing V2 checkpoints that TensorFlow reads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/checkpoint.h"

namespace firn {

/// Streams tensors into PREFIX.data-…-of-… and PREFIX.index. Everything goes to temporary names
/// that `finish` renames, index last; a writer that is destroyed unfinished leaves nothing behind.
class CheckpointWriter {
public:
  /// `shards` ≥ 1; tensor i goes to shard i mod shards.
  static absl::StatusOr<std::unique_ptr<CheckpointWriter>> create(const std::string &prefix,
                                                                  int shards = 1);
  virtual ~CheckpointWriter() = default;

  /// Begins a tensor, or with `slice` one part of it; its bytes (row-major, little-endian) follow
  /// through `append`.
  virtual absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                             const std::optional<TensorSlice> &slice = std::nullopt) = 0;
  virtual absl::Status append(absl::string_view bytes) = 0;
  /// InvalidArgument when the bytes given are not what dtype and shape need.
  virtual absl::Status end() = 0;
  /// A string tensor, whole.
  virtual absl::Status addStrings(absl::string_view key, const std::vector<int64_t> &shape,
                                  const std::vector<std::string> &values) = 0;
  /// Writes the index and gives all files their names. AlreadyExists-free: existing files are
  /// replaced.
  virtual absl::Status finish() = 0;
};

} // namespace firn
