#include "compiler/pipeline/CheckpointSource.h"

#include "compiler/support/Status.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

// Tensors below this stand in the IR with their values.
constexpr uint64_t kInlineBytes = 256;

class CheckpointSource : public TensorSource {
public:
  explicit CheckpointSource(std::shared_ptr<const CheckpointView> view) : view(std::move(view)) {}

  std::string name() const override { return view->name(); }

  std::vector<std::string> keys() const override {
    std::vector<std::string> keys;
    for (const auto &[name, tensor] : view->tensors())
      keys.push_back(name);
    return keys;
  }

  std::optional<Entry> find(StringRef key) const override {
    const ViewedTensor *tensor = view->find(key.str());
    if (!tensor)
      return std::nullopt;
    const CheckpointEntry &entry = tensor->entry();
    return Entry{entry.dtype, SmallVector<int64_t>(entry.shape.begin(), entry.shape.end())};
  }

  std::string keyOfVariable(StringRef name) const override {
    return view->nameOfVariable(name.str());
  }

  bool isRenamed(StringRef key) const override {
    const ViewedTensor *tensor = view->find(key.str());
    return tensor && tensor->isRenamed;
  }

  FailureOr<TensorAttr> load(RankedTensorType type, StringRef key,
                             const std::optional<Slice> &slice,
                             function_ref<InFlightDiagnostic()> emitError) override {
    std::optional<TensorSlice> part;
    if (slice)
      part = TensorSlice{{slice->start.begin(), slice->start.end()},
                         {slice->length.begin(), slice->length.end()}};
    const ViewedTensor &place = *view->find(key.str());
    absl::StatusOr<TensorAttr> tensor = isString(type.getElementType())
                                            ? loadStrings(type, place, part)
                                            : loadBytes(type, place, part);
    if (!tensor.ok())
      return emitError() << std::string(tensor.status().message());
    return *tensor;
  }

private:
  absl::StatusOr<TensorAttr> loadStrings(RankedTensorType type, const ViewedTensor &place,
                                         const std::optional<TensorSlice> &slice) {
    absl::StatusOr<std::vector<std::string>> values =
        place.checkpoint->readStrings(place.key, slice);
    if (!values.ok())
      return values.status();
    SmallVector<StringRef> strings(values->begin(), values->end());
    return TensorAttr::get(type.getContext(), type, TensorEncoding::Values, packStrings(strings),
                           {});
  }

  absl::StatusOr<TensorAttr> loadBytes(RankedTensorType type, const ViewedTensor &place,
                                       const std::optional<TensorSlice> &slice) {
    absl::StatusOr<TensorData> data = place.checkpoint->locate(place.key, slice);
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
      absl::StatusOr<std::string> bytes = place.checkpoint->read(place.key, slice);
      if (!bytes.ok())
        return bytes.status();
      data->bytes = std::move(*bytes);
    }
    return TensorAttr::get(context, type, TensorEncoding::Content, data->bytes, {});
  }

  std::shared_ptr<const CheckpointView> view;
};

} // namespace

std::shared_ptr<TensorSource> makeCheckpointSource(std::shared_ptr<const CheckpointView> view) {
  return std::make_shared<CheckpointSource>(std::move(view));
}

graph::ExtentReader makeExtentReader(TensorFiles &files) {
  return [&files](const graph::FileExtent &extent, MutableArrayRef<char> out) {
    return std::string(
        files.read(extent.file.str(), extent.offset, absl::MakeSpan(out.data(), out.size()))
            .message());
  };
}

} // namespace firn
