#include "compiler/formats/checkpoint_writer.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/checkpoint_formats.h"
#include "compiler/formats/crc32c.h"
#include "compiler/formats/graph_file.h"
#include "compiler/formats/output_file.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/formats/string_tensor.h"
#include "compiler/formats/table_writer.h"

namespace firn {
namespace {

using tensorflow::BundleEntryProto;
using tensorflow::TensorSliceProto;

absl::Status invalid(absl::string_view key, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("'", key, "': ", what));
}

void describe(BundleEntryProto &entry, int dtype, const std::vector<int64_t> &shape) {
  entry.set_dtype(static_cast<DataType>(dtype));
  for (const int64_t dim : shape)
    entry.mutable_shape()->add_dim()->set_size(dim);
  entry.mutable_shape(); // TensorFlow writes a scalar's shape too
}

/// A part of the tensor, or nothing where `slice` is all of it.
absl::StatusOr<std::optional<TensorSlice>> partOf(absl::string_view key,
                                                  const std::vector<int64_t> &shape,
                                                  const std::optional<TensorSlice> &slice) {
  if (!slice || *slice == TensorSlice::whole(shape))
    return std::optional<TensorSlice>();
  if (!liesInside(*slice, shape))
    return invalid(key, absl::StrCat("the slice ", slice->str({}), " is not inside of the shape [",
                                     absl::StrJoin(shape, ","), "]"));
  return slice;
}

/// What the index will hold; shards add to it from their threads.
class BundleIndex {
public:
  /// The entry of a new tensor or part, which is `shard`'s to fill.
  absl::StatusOr<BundleEntryProto *> add(absl::string_view key, int dtype,
                                         const std::vector<int64_t> &shape,
                                         const std::optional<TensorSlice> &part) {
    std::lock_guard<std::mutex> lock(mutex);
    if (key.empty() || key[0] == '\0')
      return invalid(key, "a key must not be empty or begin with a zero byte");
    std::string entryKey(key);
    if (part) {
      auto added = addPart(entryKey, dtype, shape, *part);
      if (!added.ok())
        return added.status();
      entryKey = *std::move(added);
    } else if (entries.count(entryKey)) {
      return invalid(key, "the key was written before");
    }
    BundleEntryProto &entry = entries[entryKey];
    describe(entry, dtype, part ? part->length : shape);
    return &entry;
  }

  absl::Status write(OutputFile &file, int shards) {
    TableWriter table(file);
    tensorflow::BundleHeaderProto header;
    header.set_num_shards(shards);
    header.mutable_version()->set_producer(1);
    absl::Status status = table.add("", serializeDeterministic(header));
    for (auto &[key, entry] : entries) {
      orderParts(entry); // parts come in any order from several threads
      status.Update(table.add(key, serializeDeterministic(entry)));
    }
    status.Update(table.finish());
    return status;
  }

private:
  /// The tensor's own entry lists its parts; each part has an entry of its own, whose key this is
  /// and which sorts before all names.
  absl::StatusOr<std::string> addPart(const std::string &key, int dtype,
                                      const std::vector<int64_t> &shape, const TensorSlice &part) {
    std::vector<StoredExtent> extents;
    for (size_t i = 0; i < shape.size(); ++i)
      extents.push_back({part.start[i], part.length[i]});
    std::string partKey = encodeTensorNameSlice(key, extents);
    auto [at, isNew] = entries.try_emplace(key);
    BundleEntryProto &tensor = at->second;
    if (isNew)
      describe(tensor, dtype, shape);
    BundleEntryProto same;
    describe(same, dtype, shape);
    if (tensor.slices().empty() != isNew || tensor.dtype() != same.dtype() ||
        tensor.shape().SerializeAsString() != same.shape().SerializeAsString())
      return invalid(key, "expected slices of one tensor, got another type or shape, or a tensor "
                          "that was written whole");
    if (entries.count(partKey))
      return invalid(key, absl::StrCat("the slice ", part.str(shape), " was written before"));
    TensorSliceProto &listed = *tensor.add_slices();
    for (const StoredExtent &extent : extents) {
      auto &proto = *listed.add_extent();
      proto.set_start(extent.start);
      proto.set_length(extent.length);
    }
    return partKey;
  }

  static void orderParts(BundleEntryProto &entry) {
    auto starts = [](const TensorSliceProto &slice) {
      std::vector<int64_t> at;
      for (const auto &extent : slice.extent())
        at.push_back(extent.start());
      return at;
    };
    std::sort(entry.mutable_slices()->begin(), entry.mutable_slices()->end(),
              [&](const TensorSliceProto &a, const TensorSliceProto &b) {
                return starts(a) < starts(b);
              });
  }

  std::mutex mutex;
  std::map<std::string, BundleEntryProto> entries; // parts among them, in the order of the table
};

class ShardWriter : public TensorSink {
public:
  ShardWriter(BundleIndex &index, int number, std::unique_ptr<OutputFile> file)
      : file(std::move(file)), index(index), number(number) {}

  absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                     const std::optional<TensorSlice> &slice) override {
    const int64_t elementSize = dataTypeSize(dtype);
    if (elementSize == 0)
      return invalid(key, absl::StrCat("expected a type of fixed size, got ", dataTypeName(dtype)));
    auto elements = elementCount(slice ? slice->length : shape);
    if (!elements || __builtin_mul_overflow(*elements, elementSize, &bytesWanted))
      return invalid(key, absl::StrCat("expected a shape, got [", absl::StrJoin(shape, ","), "]"));
    return start(key, dtype, shape, slice);
  }

  absl::Status append(absl::string_view bytes) override {
    if (current == nullptr)
      return absl::FailedPreconditionError("expected begin before append");
    crc = crc32cExtend(crc, bytes.data(), bytes.size());
    current->set_size(current->size() + bytes.size());
    size += bytes.size();
    return file->append(bytes);
  }

  absl::Status end() override {
    if (current == nullptr)
      return absl::FailedPreconditionError("expected begin before end");
    BundleEntryProto &entry = *current;
    current = nullptr;
    entry.set_crc32c(maskCrc32c(crc));
    if (entry.size() == bytesWanted)
      return absl::OkStatus();
    return invalid(currentKey,
                   absl::StrCat("expected ", bytesWanted, " bytes, got ", entry.size()));
  }

  absl::Status addStrings(absl::string_view key, const std::vector<int64_t> &shape,
                          const std::vector<std::string> &values,
                          const std::optional<TensorSlice> &slice) override {
    auto elements = elementCount(slice ? slice->length : shape);
    if (!elements || *elements != static_cast<int64_t>(values.size()))
      return invalid(key, absl::StrCat("expected as many strings as the shape [",
                                       absl::StrJoin(shape, ","), "] has elements, got ",
                                       values.size()));
    if (auto status = start(key, tensorflow::DT_STRING, shape, slice); !status.ok())
      return status;
    const EncodedStrings encoded = encodeStrings(values);
    BundleEntryProto &entry = *current;
    auto status = append(encoded.bytes);
    current = nullptr;
    entry.set_crc32c(encoded.crc32c);
    return status;
  }

  /// The key of the tensor that was begun and not ended; "" when there is none.
  std::string open() const { return current == nullptr ? "" : currentKey; }
  std::unique_ptr<OutputFile> file;

private:
  absl::Status start(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                     const std::optional<TensorSlice> &slice) {
    auto part = partOf(key, shape, slice);
    if (!part.ok())
      return part.status();
    auto entry = index.add(key, dtype, shape, *part);
    if (!entry.ok())
      return entry.status();
    current = *entry;
    currentKey = std::string(key);
    current->set_shard_id(number);
    current->set_offset(size);
    crc = 0;
    return absl::OkStatus();
  }

  BundleIndex &index;
  const int number;
  int64_t size = 0;
  BundleEntryProto *current = nullptr;
  std::string currentKey;
  int64_t bytesWanted = 0;
  uint32_t crc = 0;
};

class BundleWriter : public CheckpointWriter {
public:
  explicit BundleWriter(std::string prefix) : prefix(std::move(prefix)) {}

  absl::Status openShards(int count) {
    for (int i = 0; i < count; ++i) {
      auto file = OutputFile::create(shardName(prefix, i, count));
      if (!file.ok())
        return file.status();
      shards.push_back(std::make_unique<ShardWriter>(index, i, *std::move(file)));
    }
    auto file = OutputFile::create(prefix + ".index");
    if (!file.ok())
      return file.status();
    indexFile = *std::move(file);
    return absl::OkStatus();
  }

  TensorSink &shard(int number) override { return *shards[number]; }

  absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                     const std::optional<TensorSlice> &slice) override {
    return next().begin(key, dtype, shape, slice);
  }
  absl::Status append(absl::string_view bytes) override { return last().append(bytes); }
  absl::Status end() override { return last().end(); }
  absl::Status addStrings(absl::string_view key, const std::vector<int64_t> &shape,
                          const std::vector<std::string> &values,
                          const std::optional<TensorSlice> &slice) override {
    return next().addStrings(key, shape, values, slice);
  }

  absl::Status finish() override {
    for (const auto &shard : shards)
      if (!shard->open().empty())
        return absl::FailedPreconditionError(absl::StrCat("'", shard->open(), "' was not ended"));
    if (auto status = index.write(*indexFile, static_cast<int>(shards.size())); !status.ok())
      return status;
    // What may fail comes first: then a file system that is full leaves an older checkpoint whole.
    absl::Status status = indexFile->prepare();
    for (const auto &shard : shards)
      status.Update(shard->file->prepare());
    for (const auto &shard : shards)
      if (status.ok())
        status = shard->file->commit();
    return status.ok() ? indexFile->commit() : status;
  }

private:
  TensorSink &next() { return *shards[begun++ % shards.size()]; }
  TensorSink &last() { return *shards[(begun + shards.size() - 1) % shards.size()]; }

  std::string prefix;
  BundleIndex index;
  std::vector<std::unique_ptr<ShardWriter>> shards;
  std::unique_ptr<OutputFile> indexFile;
  size_t begun = 0;
};

} // namespace

absl::StatusOr<std::unique_ptr<CheckpointWriter>>
CheckpointWriter::create(const std::string &prefix, int shards) {
  constexpr int kMostShards = 99999; // five digits
  if (shards < 1 || shards > kMostShards)
    return absl::InvalidArgumentError(
        absl::StrCat("expected 1 to ", kMostShards, " shards, got ", shards));
  auto writer = std::make_unique<BundleWriter>(prefix);
  if (auto status = writer->openShards(shards); !status.ok())
    return status;
  return std::unique_ptr<CheckpointWriter>(std::move(writer));
}

} // namespace firn
