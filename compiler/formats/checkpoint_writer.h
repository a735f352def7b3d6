// Writing checkpoints that TensorFlow reads.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/formats/tensor_writer.h"

namespace firn {

/// Streams tensors into PREFIX.data-…-of-… and PREFIX.index. Everything goes to temporary names
/// that `finish` renames, index last.
class CheckpointWriter : public TensorWriter {
public:
  /// `shards` ≥ 1; tensor i goes to shard i mod shards.
  static absl::StatusOr<std::unique_ptr<CheckpointWriter>> create(const std::string &prefix,
                                                                  int shards = 1);
  /// One shard of them. Each may be written by a thread of its own.
  virtual TensorSink &shard(int index) = 0;
};

/// Streams tensors into one V1 file. They must come as `contents` lists them: in order of key, the
/// slices of each in the order of its entry, which `orderSlicesV1` gives. InvalidArgument for types
/// that V1 lacks and for a piece beyond 2 GB, the most that a message holds.
absl::StatusOr<std::unique_ptr<TensorWriter>> createCheckpointV1(const std::string &path,
                                                                 const TensorTable &contents);
/// Brings slices into the order of their keys in a V1 file.
void orderSlicesV1(const std::string &key, CheckpointEntry &entry);

} // namespace firn
