#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/formats/checkpoint_formats.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/formats/string_tensor.h"
#include "compiler/formats/table_file.h"
#include "compiler/formats/wire_reader.h"

namespace firn {
namespace {

using tensorflow::BundleEntryProto;
using tensorflow::BundleHeaderProto;

void swapBytes(std::string &bytes, int64_t unit) {
  for (size_t i = 0; unit > 1 && i + unit <= bytes.size(); i += unit)
    std::reverse(bytes.begin() + i, bytes.begin() + i + unit);
}

/// The tensor bundle: an index that says where each tensor lies in the shards.
class CheckpointV2 : public Checkpoint {
public:
  CheckpointV2(const std::string &prefix, const CheckpointOptions &options,
               std::vector<std::string> notes) {
    prefixName = prefix;
    noteLines = std::move(notes);
    fileSet = std::make_shared<TensorFiles>();
    readOptions = options;
  }

  absl::Status load() {
    auto index = TableFile::open(fileSet, prefixName + ".index");
    if (!index.ok())
      return index.status();
    std::map<std::string, BundleEntryProto> sliceEntries;
    if (auto status = readIndex(**index, sliceEntries); !status.ok())
      return status;
    for (auto &[key, stored] : whole)
      if (auto status = addEntry(key, stored, sliceEntries); !status.ok())
        return status;
    return absl::OkStatus();
  }

  Format format() const override { return Format::V2; }

  std::vector<std::string> files() const override {
    std::vector<std::string> names = {prefixName + ".index"};
    for (int i = 0; i < header.num_shards(); ++i)
      names.push_back(shardName(prefixName, i, header.num_shards()));
    return names;
  }

protected:
  absl::StatusOr<TensorData> locateStored(const std::string &key,
                                          const std::optional<TensorSlice> &slice) override {
    const BundleEntryProto &stored = piece(key, slice);
    TensorData data;
    data.extents.push_back({shardName(prefixName, stored.shard_id(), header.num_shards()),
                            static_cast<uint64_t>(stored.offset()),
                            static_cast<uint64_t>(stored.size()), stored.crc32c()});
    if (header.endianness() == BundleHeaderProto::LITTLE)
      return data;
    auto status = fileSet->stream(data.extents, readOptions.verify, [&](absl::string_view bytes) {
      data.bytes.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    });
    if (!status.ok())
      return status;
    data.extents.clear();
    swapBytes(data.bytes, dataTypeSwapUnit(stored.dtype()));
    return data;
  }

  absl::StatusOr<std::vector<std::string>>
  readStoredStrings(const std::string &key, const std::optional<TensorSlice> &slice) override {
    const BundleEntryProto &stored = piece(key, slice);
    const std::string shard = shardName(prefixName, stored.shard_id(), header.num_shards());
    // The size comes from the index: no memory for it before the shard is known to hold as much.
    if (auto status = checkPlacement(key, stored); !status.ok())
      return status;
    std::string bytes(stored.size(), '\0');
    auto status = fileSet->read(shard, stored.offset(), {bytes.data(), bytes.size()});
    if (!status.ok())
      return status;
    const StringLayout layout{header.endianness() == BundleHeaderProto::BIG, readOptions.verify};
    const int64_t elements =
        slice ? elementCount(slice->length).value_or(0) : table.at(key).elements();
    auto values = decodeStrings(bytes, elements, stored.crc32c(), layout);
    if (!values.ok())
      return absl::DataLossError(absl::StrCat("'", key, "' at offset ", stored.offset(), " of ",
                                              shard, ": ", values.status().message()));
    return values;
  }

private:
  absl::Status damaged(absl::string_view what) const {
    return absl::DataLossError(absl::StrCat(prefixName, ".index: damaged checkpoint: ", what));
  }

  absl::Status readIndex(TableFile &index, std::map<std::string, BundleEntryProto> &sliceEntries) {
    bool headerSeen = false;
    auto status = index.forEach([&](absl::string_view key, absl::string_view value) {
      if (key.empty()) {
        headerSeen = true;
        return mergeFromBytes(value, header) ? absl::OkStatus() : damaged("no valid header");
      }
      BundleEntryProto entry;
      if (!mergeFromBytes(value, entry))
        return damaged(absl::StrCat("no valid entry under '", key, "'"));
      (key[0] == '\0' ? sliceEntries : whole)[std::string(key)] = std::move(entry);
      return absl::OkStatus();
    });
    if (!status.ok())
      return status;
    if (!headerSeen)
      return damaged("expected a header under the empty key; it may be a V1 checkpoint that was "
                     "renamed");
    if (header.num_shards() < 1)
      return damaged(absl::StrCat("expected at least one shard, got ", header.num_shards()));
    if (header.endianness() != BundleHeaderProto::LITTLE &&
        header.endianness() != BundleHeaderProto::BIG)
      return damaged(absl::StrCat("unknown byte order ", int(header.endianness())));
    return checkVersion(prefixName + ".index", header.version());
  }

  absl::Status addEntry(const std::string &key, const BundleEntryProto &stored,
                        const std::map<std::string, BundleEntryProto> &sliceEntries) {
    CheckpointEntry entry;
    entry.dtype = stored.dtype();
    auto shape = shapeFromProto(key, stored.shape());
    if (!shape.ok())
      return damaged(shape.status().message());
    entry.shape = *std::move(shape);
    if (stored.slices().empty())
      if (auto status = checkEntry(key, stored, entry.elements()); !status.ok())
        return status;
    for (const auto &proto : stored.slices()) {
      auto slice = sliceFromProto(key, entry.shape, proto);
      if (!slice.ok())
        return damaged(slice.status().message());
      auto found = sliceEntries.find(encodeTensorNameSlice(key, storedExtents(proto)));
      if (found == sliceEntries.end())
        return damaged(
            absl::StrCat("'", key, "' lacks the entry of its slice ", slice->str(entry.shape)));
      if (found->second.dtype() != stored.dtype())
        return damaged(absl::StrCat("'", key, "': expected slices of ",
                                    dataTypeName(stored.dtype()), ", got ",
                                    dataTypeName(found->second.dtype())));
      auto count = elementCount(slice->length);
      if (auto status = checkEntry(key, found->second, count.value_or(0)); !status.ok())
        return status;
      parts[{key, slice->str({})}] = found->second;
      entry.slices.push_back(*std::move(slice));
    }
    table.emplace(key, std::move(entry));
    return absl::OkStatus();
  }

  absl::Status checkEntry(const std::string &key, const BundleEntryProto &stored,
                          int64_t elements) {
    if (stored.shard_id() < 0 || stored.shard_id() >= header.num_shards())
      return damaged(absl::StrCat("'", key, "' lies in shard ", stored.shard_id(), " of ",
                                  header.num_shards()));
    if (stored.offset() < 0 || stored.size() < 0)
      return damaged(absl::StrCat("'", key, "' has a negative offset or size"));
    int64_t needed = 0;
    const int64_t elementSize = dataTypeSize(stored.dtype());
    if (elementSize > 0 &&
        (__builtin_mul_overflow(elements, elementSize, &needed) || stored.size() != needed))
      return damaged(absl::StrCat("'", key, "': expected ", elements, " elements of ",
                                  dataTypeName(stored.dtype()), ", got ", stored.size(), " bytes"));
    auto status = checkPlacement(key, stored);
    if (!absl::IsNotFound(status))
      return status;
    // The index alone still says what the checkpoint holds; reading a tensor names the file again.
    if (missing.insert(stored.shard_id()).second)
      noteLines.push_back(
          absl::StrCat("the shard ", shardName(prefixName, stored.shard_id(), header.num_shards()),
                       " is missing"));
    return absl::OkStatus();
  }

  absl::Status checkPlacement(const std::string &key, const BundleEntryProto &stored) {
    const std::string shard = shardName(prefixName, stored.shard_id(), header.num_shards());
    auto size = fileSet->size(shard);
    if (!size.ok())
      return size.status();
    if (static_cast<uint64_t>(stored.offset()) + static_cast<uint64_t>(stored.size()) > *size)
      return absl::DataLossError(absl::StrCat(
          "'", key, "' needs ", stored.size(), " bytes at offset ", stored.offset(), " of ", shard,
          ", which has ", *size, " bytes: the file was cut short or belongs to another index"));
    return absl::OkStatus();
  }

  const BundleEntryProto &piece(const std::string &key, const std::optional<TensorSlice> &slice) {
    if (!slice)
      return whole.at(key);
    return parts.at({key, slice->str({})});
  }

  BundleHeaderProto header;
  std::map<std::string, BundleEntryProto> whole;
  std::map<std::pair<std::string, std::string>, BundleEntryProto> parts; // by key and slice
  std::set<int> missing;
};

} // namespace

std::string shardName(const std::string &prefix, int shard, int shards) {
  return absl::StrFormat("%s.data-%05d-of-%05d", prefix, shard, shards);
}

OpenedCheckpoint openCheckpointV2(const std::string &prefix, const CheckpointOptions &options,
                                  std::vector<std::string> notes) {
  auto checkpoint = std::make_unique<CheckpointV2>(prefix, options, std::move(notes));
  if (auto status = checkpoint->load(); !status.ok())
    return status;
  return checkpoint;
}

} // namespace firn
