// Reading TensorFlow checkpoints of both formats. Sources: tensorflow/core/util/tensor_bundle,
// tensor_slice_reader.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/tensor_files.h"

namespace firn {

/// Part of a tensor: start and length for each dimension, lengths resolved (never -1).
struct TensorSlice {
  std::vector<int64_t> start, length;

  bool operator==(const TensorSlice &o) const { return start == o.start && length == o.length; }
  /// The slice that is all of `shape`.
  static TensorSlice whole(const std::vector<int64_t> &shape);
  /// Parses what SaveV2 and RestoreV2 call shape_and_slice: "1000 32 0,250:0,32", "-" = a whole
  /// dimension; "" = the whole tensor (then `first` is empty). InvalidArgument names the text and
  /// what is wrong in it.
  static absl::StatusOr<std::pair<std::vector<int64_t>, std::optional<TensorSlice>>>
  parseSpec(absl::string_view spec);
  /// "0,250:0,32", with "-" for a dimension that is whole in `shape`.
  std::string str(const std::vector<int64_t> &shape) const;
};

struct CheckpointEntry {
  int dtype = 0;                   // tensorflow.DataType
  std::vector<int64_t> shape;      // of the whole tensor
  std::vector<TensorSlice> slices; // as stored; empty when stored whole
  int64_t elements() const;
  /// Bytes in host memory; 0 for strings and variants.
  int64_t byteSize() const;
};

/// Tensor bytes: either where they lie in files (row-major, little-endian, in order), or in memory
/// where the file does not hold them in that form (V1, foreign byte order, slices that interleave).
struct TensorData {
  std::vector<Extent> extents;
  std::string bytes; // used when `extents` is empty
};

struct CheckpointOptions {
  bool verify = true; // compare checksums of what is read
};

class Checkpoint {
public:
  /// `name`: a prefix, its .index, a .data shard, .meta, a V1 file or shard, a directory (its
  /// `checkpoint` file names the newest; without one, the only checkpoint in it; an empty basename
  /// `dir/` whose files are `dir/.index`). Errors say what was looked for.
  static absl::StatusOr<std::unique_ptr<Checkpoint>> open(const std::string &name,
                                                          const CheckpointOptions &options = {});

  enum class Format { V1, V2 };
  virtual ~Checkpoint() = default;
  virtual Format format() const = 0;
  /// The prefix that TensorFlow would be given ("dir/model.ckpt-10").
  const std::string &prefix() const { return prefixName; }
  /// The files that make it up: index and shards.
  virtual std::vector<std::string> files() const = 0;
  /// What a user should know, a line each: "a V1 file of the same prefix is ignored", "checkpoint
  /// file names another machine's path".
  const std::vector<std::string> &notes() const { return noteLines; }
  /// Keys in bytewise order. Slice entries are not listed.
  const std::map<std::string, CheckpointEntry> &entries() const { return table; }

  /// Whole tensor, or the part `slice` of it, joined from stored slices where needed. Not for
  /// strings. NotFound for an unknown key; OutOfRange for a slice outside the shape; DataLoss where
  /// slices do not cover it.
  absl::StatusOr<TensorData> locate(const std::string &key,
                                    const std::optional<TensorSlice> &slice = std::nullopt);
  /// As `locate`, read into memory (row-major, little-endian).
  absl::StatusOr<std::string> read(const std::string &key,
                                   const std::optional<TensorSlice> &slice = std::nullopt);
  /// Elements of a string tensor (or of the part `slice`), row-major. Errors as of `locate`.
  absl::StatusOr<std::vector<std::string>>
  readStrings(const std::string &key, const std::optional<TensorSlice> &slice = std::nullopt);
  /// Shared by everything that reads through this checkpoint.
  TensorFiles &tensorFiles() { return *fileSet; }

protected:
  /// One stored piece (`slice` empty: the tensor is stored whole), which `entries` says exists.
  virtual absl::StatusOr<TensorData> locateStored(const std::string &key,
                                                  const std::optional<TensorSlice> &slice) = 0;
  virtual absl::StatusOr<std::vector<std::string>>
  readStoredStrings(const std::string &key, const std::optional<TensorSlice> &slice) = 0;

  /// Reads what `extents` hold and compares its checksums, unless that was done before.
  absl::Status verifyOnce(const std::vector<Extent> &extents);

  std::string prefixName;
  std::vector<std::string> noteLines;
  std::map<std::string, CheckpointEntry> table;
  std::shared_ptr<TensorFiles> fileSet;
  CheckpointOptions readOptions;

private:
  struct Piece;
  absl::StatusOr<const CheckpointEntry *> find(const std::string &key) const;
  absl::StatusOr<std::vector<Piece>> plan(const std::string &key, const CheckpointEntry &entry,
                                          const TensorSlice &target) const;
  absl::StatusOr<TensorData> joinExtents(std::vector<Piece> pieces, const TensorSlice &target,
                                         int64_t elementSize);
  absl::StatusOr<TensorData> joinInMemory(std::vector<Piece> pieces, const TensorSlice &target,
                                          int64_t elementSize);
  std::mutex verifiedMutex;
  std::set<std::pair<std::string, uint64_t>> verified; // file and offset of entries
};

/// The checkpoint prefix that `name` means, by the rules of `Checkpoint::open`, without opening it;
/// `notes` gets remarks.
absl::StatusOr<std::string> resolveCheckpointPrefix(const std::string &name,
                                                    std::vector<std::string> *notes);

} // namespace firn
