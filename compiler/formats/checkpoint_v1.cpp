#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/checkpoint_formats.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/formats/table_file.h"
#include "compiler/formats/typed_values.h"
#include "compiler/formats/wire_reader.h"

namespace firn {
namespace {

using tensorflow::SavedTensorSlices;

/// Tables that hold the tensors themselves, as messages. Their checksums are those of the tables'
/// blocks and always compared.
class CheckpointV1 : public Checkpoint {
public:
  CheckpointV1(const std::string &prefix, const CheckpointOptions &options,
               std::vector<std::string> notes) {
    prefixName = prefix;
    noteLines = std::move(notes);
    fileSet = std::make_shared<TensorFiles>();
    readOptions = options;
  }

  absl::Status load() {
    for (const std::string &file : v1Files(prefixName)) {
      auto opened = TableFile::open(fileSet, file);
      if (!opened.ok())
        return opened.status();
      tables.push_back(*std::move(opened));
      if (auto status = readMeta(tables.size() - 1); !status.ok())
        return status;
    }
    for (auto &[key, entry] : table) {
      const auto whole = TensorSlice::whole(entry.shape);
      if (std::count(entry.slices.begin(), entry.slices.end(), whole) > 0)
        entry.slices.clear();
    }
    return absl::OkStatus();
  }

  Format format() const override { return Format::V1; }
  std::vector<std::string> files() const override { return v1Files(prefixName); }

protected:
  absl::StatusOr<TensorData> locateStored(const std::string &key,
                                          const std::optional<TensorSlice> &slice) override {
    auto extent = locateValues(key, slice);
    if (!extent.ok())
      return extent.status();
    if (*extent)
      return TensorData{{**extent}, ""};
    auto values = fetch(key, slice);
    if (!values.ok())
      return values.status();
    auto bytes = typedValues(values->data().data(), table.at(key).dtype, count(key, slice));
    if (!bytes.ok())
      return absl::Status(bytes.status().code(),
                          absl::StrCat("'", key, "': ", bytes.status().message()));
    return TensorData{{}, *std::move(bytes)};
  }

  absl::StatusOr<std::vector<std::string>>
  readStoredStrings(const std::string &key, const std::optional<TensorSlice> &slice) override {
    auto values = fetch(key, slice);
    if (!values.ok())
      return values.status();
    const auto &strings = values->data().data().string_val();
    if (strings.size() != count(key, slice))
      return absl::DataLossError(absl::StrCat("'", key, "': expected ", count(key, slice),
                                              " strings, got ", strings.size()));
    return std::vector<std::string>(strings.begin(), strings.end());
  }

private:
  struct Place {
    size_t table;
    std::string key;
  };

  int64_t count(const std::string &key, const std::optional<TensorSlice> &slice) const {
    return elementCount(slice ? slice->length : table.at(key).shape).value_or(0);
  }

  absl::Status damaged(const TableFile &file, absl::string_view what) const {
    return absl::DataLossError(absl::StrCat(file.path(), ": damaged V1 checkpoint: ", what));
  }

  absl::Status readMeta(size_t index) {
    TableFile &file = *tables[index];
    auto value = file.get("");
    if (absl::IsNotFound(value.status()))
      return damaged(file, "expected its contents under the empty key");
    if (!value.ok())
      return value.status();
    SavedTensorSlices slices;
    if (!mergeFromBytes(*value, slices))
      return damaged(file, "its contents are no SavedTensorSlices");
    if (!slices.has_meta())
      return damaged(file, "it lists no tensors; it may be the index of a V2 checkpoint that was "
                           "renamed");
    if (auto status = checkVersion(file.path(), slices.meta().versions()); !status.ok())
      return status;
    for (const auto &tensor : slices.meta().tensor())
      if (auto status = addTensor(index, tensor); !status.ok())
        return status;
    return absl::OkStatus();
  }

  absl::Status addTensor(size_t index, const tensorflow::SavedSliceMeta &tensor) {
    const TableFile &file = *tables[index];
    auto shape = shapeFromProto(tensor.name(), tensor.shape());
    if (!shape.ok())
      return damaged(file, shape.status().message());
    auto [at, isNew] = table.try_emplace(tensor.name());
    CheckpointEntry &entry = at->second;
    if (isNew) {
      entry.dtype = tensor.type();
      entry.shape = *shape;
    } else if (entry.dtype != tensor.type() || entry.shape != *shape) {
      return damaged(
          file, absl::StrCat("'", tensor.name(), "': expected ", dataTypeName(entry.dtype), "[",
                             absl::StrJoin(entry.shape, ","), "] as in another shard, got ",
                             dataTypeName(tensor.type()), "[", absl::StrJoin(*shape, ","), "]"));
    }
    for (const auto &proto : tensor.slice()) {
      auto slice = sliceFromProto(tensor.name(), entry.shape, proto);
      if (!slice.ok())
        return damaged(file, slice.status().message());
      places[{tensor.name(), slice->str({})}] = {
          index, encodeTensorNameSlice(tensor.name(), storedExtents(proto))};
      entry.slices.push_back(*std::move(slice));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<const Place *> placeOf(const std::string &key,
                                        const std::optional<TensorSlice> &slice) const {
    const TensorSlice wanted = slice.value_or(TensorSlice::whole(table.at(key).shape));
    auto place = places.find({key, wanted.str({})});
    if (place == places.end())
      return absl::DataLossError(absl::StrCat("'", key, "' is listed without any data"));
    return &place->second;
  }

  absl::StatusOr<SavedTensorSlices> fetch(const std::string &key,
                                          const std::optional<TensorSlice> &slice) {
    auto place = placeOf(key, slice);
    if (!place.ok())
      return place.status();
    TableFile &file = *tables[(*place)->table];
    auto value = file.get((*place)->key);
    if (absl::IsNotFound(value.status()))
      return damaged(file, absl::StrCat("'", key, "' is listed but not there"));
    if (!value.ok())
      return value.status();
    SavedTensorSlices slices;
    if (!mergeFromBytes(*value, slices))
      return damaged(file, absl::StrCat("'", key, "' holds no SavedTensorSlices"));
    return slices;
  }

  /// Where a large value lies in the file as it does in memory; nothing for what has to be decoded.
  absl::StatusOr<std::optional<Extent>> locateValues(const std::string &key,
                                                     const std::optional<TensorSlice> &slice) {
    const ValueField field = valueField(table.at(key).dtype);
    auto place = placeOf(key, slice);
    if (!place.ok())
      return place.status();
    if (field.number == 0 || field.isVarint)
      return std::nullopt;
    auto value = tables[(*place)->table]->locate((*place)->key);
    if (!value.ok() || !*value)
      return value.ok() ? absl::StatusOr<std::optional<Extent>>(std::nullopt) : value.status();
    // The checksum is of the block, which has more in it: it is compared before.
    if (auto status = readOptions.verify ? verifyOnce({(*value)->block}) : absl::OkStatus();
        !status.ok())
      return status;
    auto extent = listOf(field.number, **value);
    const auto wanted =
        static_cast<uint64_t>(count(key, slice) * dataTypeSize(table.at(key).dtype));
    if (extent.ok() && *extent && (*extent)->size != wanted)
      return std::nullopt; // `typedValues` says what is wrong
    return extent;
  }

  /// Descends to the list of numbers of a value; nothing where it is not in one piece.
  absl::StatusOr<std::optional<Extent>> listOf(int list, const TableFile::Place &value) {
    auto source = ByteSource::ofFile(*fileSet, value.block.file);
    if (!source.ok())
      return source.status();
    constexpr int kData = SavedTensorSlices::kDataFieldNumber,
                  kTensor = tensorflow::SavedSlice::kDataFieldNumber;
    uint64_t begin = value.offset, end = value.offset + value.size;
    for (int number : {kData, kTensor, list}) {
      auto field = onlyField(*source, begin, end, number);
      if (!field)
        return std::nullopt;
      begin = field->start;
      end = field->end;
    }
    return Extent{value.block.file, begin, end - begin, std::nullopt};
  }

  /// The field `number` of the message in [begin, end), where it stands there once, as bytes.
  static std::optional<WireField> onlyField(ByteSource &source, uint64_t begin, uint64_t end,
                                            int number) {
    std::optional<WireField> only;
    WireReader fields(source, begin, end);
    for (auto field = fields.next();; field = fields.next()) {
      if (!field.ok())
        return std::nullopt;
      if (!*field)
        return only;
      if ((*field)->number == number && (only || !(*field)->isBytes(number)))
        return std::nullopt;
      if ((*field)->number == number)
        only = **field;
    }
  }

  std::vector<std::unique_ptr<TableFile>> tables;
  std::map<std::pair<std::string, std::string>, Place> places; // by key and slice
};

} // namespace

OpenedCheckpoint openCheckpointV1(const std::string &prefix, const CheckpointOptions &options,
                                  std::vector<std::string> notes) {
  auto checkpoint = std::make_unique<CheckpointV1>(prefix, options, std::move(notes));
  if (auto status = checkpoint->load(); !status.ok())
    return status;
  return checkpoint;
}

} // namespace firn
