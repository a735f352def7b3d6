// The two checkpoint formats behind `Checkpoint`. Internal to compiler/formats.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/ordered_code.h"
#include "compiler/formats/proto/types.pb.h"

namespace firn {

/// Whether the prefix has an index; otherwise it is a V1 file or the pattern of V1 shards.
bool isCheckpointV2(const std::string &prefix);
/// "PREFIX.data-00001-of-00003".
std::string shardName(const std::string &prefix, int shard, int shards);
/// The files of a V1 checkpoint: the prefix itself, or what the pattern "P-?????-of-00003" stands
/// for, there or not.
std::vector<std::string> v1Files(const std::string &prefix);

using OpenedCheckpoint = absl::StatusOr<std::unique_ptr<Checkpoint>>;
OpenedCheckpoint openCheckpointV2(const std::string &prefix, const CheckpointOptions &options,
                                  std::vector<std::string> notes);
OpenedCheckpoint openCheckpointV1(const std::string &prefix, const CheckpointOptions &options,
                                  std::vector<std::string> notes);

/// Dimensions of a stored shape; DataLoss for an unknown rank, a negative dimension or more
/// elements than int64 counts.
absl::StatusOr<std::vector<int64_t>> shapeFromProto(const std::string &key,
                                                    const tensorflow::TensorShapeProto &proto);
/// A stored slice as its key spells it.
std::vector<StoredExtent> storedExtents(const tensorflow::TensorSliceProto &proto);
/// A stored slice of a tensor of `shape`, lengths resolved; DataLoss for one that does not lie in
/// it.
absl::StatusOr<TensorSlice> sliceFromProto(const std::string &key,
                                           const std::vector<int64_t> &shape,
                                           const tensorflow::TensorSliceProto &proto);
/// The oldest reader that may read a file must not be newer than this one.
absl::Status checkVersion(const std::string &file, const tensorflow::VersionDef &versions);

} // namespace firn
