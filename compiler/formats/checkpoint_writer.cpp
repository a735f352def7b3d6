#include "compiler/formats/checkpoint_writer.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/checkpoint_formats.h"
#include "compiler/formats/crc32c.h"
#include "compiler/formats/graph_file.h"
#include "compiler/formats/output_file.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/formats/string_tensor.h"
#include "leveldb/env.h"
#include "leveldb/options.h"
#include "leveldb/table_builder.h"

namespace firn {
namespace {

using tensorflow::BundleEntryProto;

/// leveldb's view of an output file.
class IndexSink : public leveldb::WritableFile {
public:
  explicit IndexSink(OutputFile &file) : file(file) {}

  leveldb::Status Append(const leveldb::Slice &data) override {
    auto status = file.append({data.data(), data.size()});
    return status.ok() ? leveldb::Status::OK()
                       : leveldb::Status::IOError(std::string(status.message()));
  }
  leveldb::Status Close() override { return leveldb::Status::OK(); }
  leveldb::Status Flush() override { return leveldb::Status::OK(); }
  leveldb::Status Sync() override { return leveldb::Status::OK(); }

private:
  OutputFile &file;
};

absl::Status invalid(absl::string_view key, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("'", key, "': ", what));
}

class BundleWriter : public CheckpointWriter {
public:
  explicit BundleWriter(std::string prefix) : prefix(std::move(prefix)) {}

  absl::Status openShards(int count) {
    for (int i = 0; i < count; ++i) {
      auto file = OutputFile::create(shardName(prefix, i, count));
      if (!file.ok())
        return file.status();
      shards.push_back({*std::move(file), 0});
    }
    auto file = OutputFile::create(prefix + ".index");
    if (!file.ok())
      return file.status();
    index = *std::move(file);
    return absl::OkStatus();
  }

  absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                     const std::optional<TensorSlice> &slice) override {
    const int64_t elementSize = dataTypeSize(dtype);
    if (elementSize == 0)
      return invalid(key, absl::StrCat("expected a type of fixed size, got ", dataTypeName(dtype)));
    const bool isPart = slice && !(*slice == TensorSlice::whole(shape));
    if (isPart && !liesInside(*slice, shape))
      return invalid(key,
                     absl::StrCat("the slice ", slice->str({}), " is not inside of the shape [",
                                  absl::StrJoin(shape, ","), "]"));
    auto elements = elementCount(isPart ? slice->length : shape);
    if (!elements || __builtin_mul_overflow(*elements, elementSize, &bytesWanted))
      return invalid(key, absl::StrCat("expected a shape, got [", absl::StrJoin(shape, ","), "]"));
    return isPart ? beginPart(key, dtype, shape, *slice) : beginEntry(key, dtype, shape);
  }

  absl::Status append(absl::string_view bytes) override {
    if (current == nullptr)
      return absl::FailedPreconditionError("expected begin before append");
    crc = crc32cExtend(crc, bytes.data(), bytes.size());
    current->set_size(current->size() + bytes.size());
    Shard &shard = shards[current->shard_id()];
    shard.size += bytes.size();
    return shard.file->append(bytes);
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
                          const std::vector<std::string> &values) override {
    auto elements = elementCount(shape);
    if (!elements || *elements != static_cast<int64_t>(values.size()))
      return invalid(key, absl::StrCat("expected as many strings as the shape [",
                                       absl::StrJoin(shape, ","), "] has elements, got ",
                                       values.size()));
    if (auto status = beginEntry(key, tensorflow::DT_STRING, shape); !status.ok())
      return status;
    const EncodedStrings encoded = encodeStrings(values);
    BundleEntryProto &entry = *current;
    auto status = append(encoded.bytes);
    current = nullptr;
    entry.set_crc32c(encoded.crc32c);
    return status;
  }

  absl::Status finish() override {
    if (current != nullptr)
      return absl::FailedPreconditionError(absl::StrCat("'", currentKey, "' was not ended"));
    if (auto status = writeIndex(); !status.ok())
      return status;
    for (Shard &shard : shards)
      if (auto status = shard.file->commit(); !status.ok())
        return status;
    return index->commit();
  }

private:
  struct Shard {
    std::unique_ptr<OutputFile> file;
    int64_t size;
  };

  absl::Status beginEntry(absl::string_view key, int dtype, const std::vector<int64_t> &shape) {
    if (key.empty() || key[0] == '\0')
      return invalid(key, "a key must not be empty or begin with a zero byte");
    if (entries.count(std::string(key)))
      return invalid(key, "the key was written before");
    start(key, std::string(key), dtype, shape);
    return absl::OkStatus();
  }

  /// The tensor's own entry lists its parts; each part has an entry of its own under a key that
  /// sorts before all names.
  absl::Status beginPart(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                         const TensorSlice &slice) {
    std::vector<StoredExtent> extents;
    for (size_t i = 0; i < shape.size(); ++i)
      extents.push_back({slice.start[i], slice.length[i]});
    const std::string partKey = encodeTensorNameSlice(key, extents);
    auto [at, isNew] = entries.try_emplace(std::string(key));
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
      return invalid(key, absl::StrCat("the slice ", slice.str(shape), " was written before"));
    auto &listed = *tensor.add_slices();
    for (const StoredExtent &extent : extents) {
      auto &proto = *listed.add_extent();
      proto.set_start(extent.start);
      proto.set_length(extent.length);
    }
    start(key, partKey, dtype, slice.length);
    return absl::OkStatus();
  }

  static void describe(BundleEntryProto &entry, int dtype, const std::vector<int64_t> &shape) {
    entry.set_dtype(static_cast<DataType>(dtype));
    for (const int64_t dim : shape)
      entry.mutable_shape()->add_dim()->set_size(dim);
    entry.mutable_shape(); // TensorFlow writes a scalar's shape too
  }

  void start(absl::string_view name, const std::string &key, int dtype,
             const std::vector<int64_t> &shape) {
    const int shard = static_cast<int>(begun++ % shards.size());
    current = &entries[key];
    currentKey = std::string(name);
    describe(*current, dtype, shape);
    current->set_shard_id(shard);
    current->set_offset(shards[shard].size);
    crc = 0;
  }

  absl::Status writeIndex() {
    IndexSink sink(*index);
    leveldb::Options options;
    options.compression = leveldb::kNoCompression;
    options.block_size = 262144;
    options.block_restart_interval = 16;
    leveldb::TableBuilder builder(options, &sink);
    tensorflow::BundleHeaderProto header;
    header.set_num_shards(static_cast<int>(shards.size()));
    header.mutable_version()->set_producer(1);
    builder.Add("", serializeDeterministic(header));
    for (const auto &[key, entry] : entries)
      builder.Add(key, serializeDeterministic(entry));
    auto status = builder.Finish();
    return status.ok() ? absl::OkStatus()
                       : absl::FailedPreconditionError(
                             absl::StrCat("can't write ", prefix, ".index: ", status.ToString()));
  }

  std::string prefix;
  std::vector<Shard> shards;
  std::unique_ptr<OutputFile> index;
  std::map<std::string, BundleEntryProto> entries; // parts among them; leveldb needs them in order
  size_t begun = 0;
  BundleEntryProto *current = nullptr;
  std::string currentKey;
  int64_t bytesWanted = 0;
  uint32_t crc = 0;
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
  return writer;
}

} // namespace firn
