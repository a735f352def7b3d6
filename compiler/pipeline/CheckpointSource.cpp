#include "compiler/pipeline/CheckpointSource.h"

#include <unordered_map>

#include "compiler/formats/proto/object_graph.pb.h"
#include "compiler/support/Status.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

// Tensors below this stand in the IR with their values.
constexpr uint64_t kInlineBytes = 256;
constexpr char kObjectGraphKey[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

class CheckpointSource : public TensorSource {
public:
  explicit CheckpointSource(std::shared_ptr<Checkpoint> opened) : checkpoint(std::move(opened)) {
    readObjectGraph();
  }

  std::string name() const override { return checkpoint->prefix(); }

  std::vector<std::string> keys() const override {
    std::vector<std::string> keys;
    for (const auto &[key, entry] : checkpoint->entries())
      keys.push_back(key);
    return keys;
  }

  std::optional<Entry> find(StringRef key) const override {
    auto it = checkpoint->entries().find(key.str());
    if (it == checkpoint->entries().end())
      return std::nullopt;
    const CheckpointEntry &entry = it->second;
    return Entry{entry.dtype, SmallVector<int64_t>(entry.shape.begin(), entry.shape.end())};
  }

  std::string keyOfVariable(StringRef name) const override {
    auto it = variableKeys.find(name.str());
    return it == variableKeys.end() ? "" : it->second;
  }

  FailureOr<TensorAttr> load(RankedTensorType type, StringRef key,
                             const std::optional<Slice> &slice,
                             function_ref<InFlightDiagnostic()> emitError) override {
    std::optional<TensorSlice> part;
    if (slice)
      part = TensorSlice{{slice->start.begin(), slice->start.end()},
                         {slice->length.begin(), slice->length.end()}};
    absl::StatusOr<TensorAttr> tensor = isString(type.getElementType())
                                            ? loadStrings(type, key.str(), part)
                                            : loadBytes(type, key.str(), part);
    if (!tensor.ok())
      return emitError() << std::string(tensor.status().message());
    return *tensor;
  }

private:
  absl::StatusOr<TensorAttr> loadStrings(RankedTensorType type, const std::string &key,
                                         const std::optional<TensorSlice> &slice) {
    absl::StatusOr<std::vector<std::string>> values = checkpoint->readStrings(key, slice);
    if (!values.ok())
      return values.status();
    SmallVector<StringRef> strings(values->begin(), values->end());
    return TensorAttr::get(type.getContext(), type, TensorEncoding::Values, packStrings(strings),
                           {});
  }

  absl::StatusOr<TensorAttr> loadBytes(RankedTensorType type, const std::string &key,
                                       const std::optional<TensorSlice> &slice) {
    absl::StatusOr<TensorData> data = checkpoint->locate(key, slice);
    if (!data.ok())
      return data.status();
    MLIRContext *context = type.getContext();
    SmallVector<FileExtent> extents;
    uint64_t size = 0;
    for (const Extent &extent : data->extents) {
      extents.push_back(
          {StringAttr::get(context, extent.file), extent.offset, extent.size, extent.crc32c});
      size += extent.size;
    }
    if (size > kInlineBytes)
      return TensorAttr::get(context, type, TensorEncoding::Content, {}, extents);
    if (!data->extents.empty()) {
      absl::StatusOr<std::string> bytes = checkpoint->read(key, slice);
      if (!bytes.ok())
        return bytes.status();
      data->bytes = std::move(*bytes);
    }
    return TensorAttr::get(context, type, TensorEncoding::Content, data->bytes, {});
  }

  // An object-based checkpoint names its variables in a table of its own.
  void readObjectGraph() {
    if (!checkpoint->entries().count(kObjectGraphKey))
      return;
    absl::StatusOr<std::vector<std::string>> text = checkpoint->readStrings(kObjectGraphKey);
    tensorflow::TrackableObjectGraph objects;
    if (!text.ok() || text->size() != 1 || !objects.ParseFromString(text->front()))
      return;
    for (const auto &node : objects.nodes())
      for (const auto &attribute : node.attributes())
        if (!attribute.full_name().empty())
          variableKeys.emplace(attribute.full_name(), attribute.checkpoint_key());
  }

  std::shared_ptr<Checkpoint> checkpoint;
  std::unordered_map<std::string, std::string> variableKeys;
};

} // namespace

std::shared_ptr<TensorSource> makeCheckpointSource(std::shared_ptr<Checkpoint> checkpoint) {
  return std::make_shared<CheckpointSource>(std::move(checkpoint));
}

graph::ExtentReader makeExtentReader(TensorFiles &files) {
  return [&files](const graph::FileExtent &extent, MutableArrayRef<char> out) {
    return std::string(
        files.read(extent.file.str(), extent.offset, absl::MakeSpan(out.data(), out.size()))
            .message());
  };
}

} // namespace firn
