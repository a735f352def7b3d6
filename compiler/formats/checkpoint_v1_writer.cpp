#include <algorithm>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/checkpoint_formats.h"
#include "compiler/formats/checkpoint_writer.h"
#include "compiler/formats/graph_file.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/formats/table_writer.h"
#include "compiler/formats/typed_values.h"

namespace firn {
namespace {

constexpr uint64_t kMostBytes = std::numeric_limits<int32_t>::max();
constexpr size_t kPiece = 1 << 20;

// Field numbers of what frames the values: SavedTensorSlices.data, SavedSlice.data.
constexpr int kData = tensorflow::SavedTensorSlices::kDataFieldNumber;
constexpr int kTensor = tensorflow::SavedSlice::kDataFieldNumber;

void putVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

/// The head of a field of `size` bytes.
std::string fieldHead(int field, uint64_t size) {
  constexpr int kLengthDelimited = 2;
  std::string head;
  putVarint(head, field << 3 | kLengthDelimited);
  putVarint(head, size);
  return head;
}

/// A dimension that is whole has no extent, as TensorFlow writes it.
std::vector<StoredExtent> extentsOf(const std::vector<int64_t> &shape, const TensorSlice &slice) {
  std::vector<StoredExtent> extents;
  for (size_t i = 0; i < shape.size(); ++i)
    extents.push_back(slice.start[i] == 0 && slice.length[i] == shape[i]
                          ? StoredExtent{}
                          : StoredExtent{slice.start[i], slice.length[i]});
  return extents;
}

void describe(const std::vector<StoredExtent> &extents, tensorflow::TensorSliceProto &proto) {
  for (const StoredExtent &extent : extents) {
    auto &added = *proto.add_extent();
    if (extent.length < 0)
      continue;
    added.set_start(extent.start);
    added.set_length(extent.length);
  }
}

std::vector<TensorSlice> slicesOf(const CheckpointEntry &entry) {
  return entry.slices.empty() ? std::vector<TensorSlice>{TensorSlice::whole(entry.shape)}
                              : entry.slices;
}

std::string contentsText(const TensorTable &contents) {
  tensorflow::SavedTensorSlices message;
  auto &meta = *message.mutable_meta();
  meta.mutable_versions()->set_producer(1);
  for (const auto &[key, entry] : contents) {
    auto &tensor = *meta.add_tensor();
    tensor.set_name(key);
    tensor.set_type(static_cast<DataType>(entry.dtype));
    for (const int64_t dim : entry.shape)
      tensor.mutable_shape()->add_dim()->set_size(dim);
    tensor.mutable_shape();
    for (const TensorSlice &slice : slicesOf(entry))
      describe(extentsOf(entry.shape, slice), *tensor.add_slice());
  }
  return serializeDeterministic(message);
}

absl::Status invalid(absl::string_view key, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("'", key, "': ", what));
}

absl::Status checkContents(const TensorTable &contents) {
  std::vector<std::string> wrong;
  for (const auto &[key, entry] : contents)
    if (entry.dtype != tensorflow::DT_STRING && valueField(entry.dtype).number == 0)
      wrong.push_back(absl::StrCat("'", key, "' (", dataTypeName(entry.dtype), ")"));
  if (wrong.empty())
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected types that a V1 checkpoint holds, got ", absl::StrJoin(wrong, ", ")));
}

class V1Writer : public TensorWriter {
public:
  explicit V1Writer(std::unique_ptr<OutputFile> file) : file(std::move(file)), table(*this->file) {}

  absl::Status writeContents(const TensorTable &contents) {
    return table.add("", contentsText(contents));
  }

  absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                     const std::optional<TensorSlice> &slice) override {
    place(key, shape, slice);
    field = valueField(dtype);
    const int64_t elements = elementCount(slice ? slice->length : shape).value_or(0);
    wanted = elements * dataTypeSize(dtype);
    got = 0;
    elementSize = dataTypeSize(dtype);
    values.clear();
    if (field.isVarint)
      return absl::OkStatus();
    return beginValues(wanted);
  }

  // Numbers of a fixed width are in the file what they are in memory; the size of others is known
  // when all are there.
  absl::Status append(absl::string_view bytes) override {
    got += bytes.size();
    if (!field.isVarint)
      return table.appendValue(bytes);
    values.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }

  absl::Status end() override {
    if (got != wanted)
      return invalid(key, absl::StrCat("expected ", wanted, " bytes, got ", got));
    if (!field.isVarint)
      return table.endValue();
    uint64_t size = 0;
    absl::Status status =
        encode([&](absl::string_view bytes) { return size += bytes.size(), absl::OkStatus(); });
    status.Update(beginValues(size));
    status.Update(encode([&](absl::string_view bytes) { return table.appendValue(bytes); }));
    status.Update(table.endValue());
    values.clear();
    return status;
  }

  absl::Status addStrings(absl::string_view key, const std::vector<int64_t> &shape,
                          const std::vector<std::string> &strings,
                          const std::optional<TensorSlice> &slice) override {
    place(key, shape, slice);
    tensorflow::SavedTensorSlices message;
    auto &data = *message.mutable_data();
    data.set_name(std::string(key));
    *data.mutable_slice() = sliceProto;
    data.mutable_data();
    for (const std::string &text : strings)
      data.mutable_data()->add_string_val(text);
    if (message.ByteSizeLong() > kMostBytes)
      return tooLarge();
    return table.add(tableKey, serializeDeterministic(message));
  }

  absl::Status finish() override {
    absl::Status status = table.finish();
    return status.ok() ? file->commit() : status;
  }

private:
  void place(absl::string_view name, const std::vector<int64_t> &shape,
             const std::optional<TensorSlice> &slice) {
    const auto extents = extentsOf(shape, slice.value_or(TensorSlice::whole(shape)));
    key = std::string(name);
    tableKey = encodeTensorNameSlice(name, extents);
    sliceProto.Clear();
    describe(extents, sliceProto);
  }

  absl::Status tooLarge() const {
    return invalid(key, "a piece of more than 2 GB does not fit into a V1 checkpoint; split it");
  }

  /// Begins the message whose list of values takes `size` bytes.
  absl::Status beginValues(uint64_t size) {
    tensorflow::SavedSlice slice;
    slice.set_name(key);
    *slice.mutable_slice() = sliceProto;
    std::string list = size == 0 ? "" : fieldHead(field.number, size);
    const std::string tensor = fieldHead(kTensor, list.size() + size);
    const std::string name = serializeDeterministic(slice);
    const std::string data = fieldHead(kData, name.size() + tensor.size() + list.size() + size);
    const uint64_t head = data.size() + name.size() + tensor.size() + list.size();
    if (head + size > kMostBytes)
      return tooLarge();
    absl::Status status = table.beginValue(tableKey, head + size);
    status.Update(table.appendValue(absl::StrCat(data, name, tensor, list)));
    return status;
  }

  /// Hands the values as varints to `write`, in pieces.
  template <typename Write> absl::Status encode(const Write &write) {
    std::string out;
    absl::Status status;
    for (size_t at = 0; at < values.size() && status.ok(); at += elementSize) {
      putVarint(out, varintOf(field, values.data() + at));
      if (out.size() >= kPiece) {
        status = write(out);
        out.clear();
      }
    }
    return status.ok() ? write(out) : status;
  }

  std::unique_ptr<OutputFile> file;
  TableWriter table;
  std::string key, tableKey;
  tensorflow::TensorSliceProto sliceProto;
  ValueField field;
  uint64_t wanted = 0, got = 0;
  size_t elementSize = 1;
  std::string values;
};

} // namespace

void orderSlicesV1(const std::string &key, CheckpointEntry &entry) {
  auto name = [&](const TensorSlice &slice) {
    return encodeTensorNameSlice(key, extentsOf(entry.shape, slice));
  };
  std::sort(entry.slices.begin(), entry.slices.end(),
            [&](const TensorSlice &a, const TensorSlice &b) { return name(a) < name(b); });
}

absl::StatusOr<std::unique_ptr<TensorWriter>> createCheckpointV1(const std::string &path,
                                                                 const TensorTable &contents) {
  if (auto status = checkContents(contents); !status.ok())
    return status;
  auto file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  auto writer = std::make_unique<V1Writer>(*std::move(file));
  if (auto status = writer->writeContents(contents); !status.ok())
    return status;
  return std::unique_ptr<TensorWriter>(std::move(writer));
}

} // namespace firn
