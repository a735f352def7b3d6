#include "compiler/module/WeightSource.h"

#include "absl/strings/str_cat.h"
#include "compiler/module/Weights.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Graph.h"

using namespace mlir;

namespace firn {

absl::StatusOr<WeightSource> WeightSource::create(Attribute value, RankedTensorType type,
                                                  TensorFiles &files, bool verify) {
  WeightSource source;
  source.files = &files;
  source.verify = verify;
  source.elementSize = unsigned(elementBytes(type.getElementType()));
  source.size = uint64_t(type.getNumElements()) * source.elementSize;
  const bool isTensor = isa<graph::TensorAttr>(value);
  absl::Status status =
      isTensor ? source.setTensor(value, type.getElementType()) : source.setDense(value);
  if (!status.ok())
    return status;
  return source;
}

absl::Status WeightSource::setTensor(Attribute value, Type elementType) {
  auto tensor = cast<graph::TensorAttr>(value);
  if (tensor.getEncoding() == graph::TensorEncoding::Proto ||
      graph::elementSize(tensor.getElementType()) != elementSize)
    return absl::InvalidArgumentError(absl::StrCat("expected a constant of plain elements, got ",
                                                   graph::dataTypeText(tensor.getElementType())));
  const bool exact =
      tensor.isReference() ||
      (tensor.getEncoding() == graph::TensorEncoding::Content && !tensor.getData().empty());
  const uint64_t given = tensor.getDataSize();
  if (exact ? given != size : given % elementSize != 0)
    return absl::InvalidArgumentError(
        absl::StrCat("expected a constant of ", size, " bytes, as its shape says, got ", given));
  for (const graph::FileExtent &extent : tensor.getExtents())
    extents.push_back({extent.file.str(), extent.offset, extent.size, extent.crc32c});
  data = tensor.getData().take_front(size);
  return absl::OkStatus();
}

absl::Status WeightSource::setDense(Attribute value) {
  auto dense = dyn_cast<DenseIntOrFPElementsAttr>(value);
  if (!dense || (!dense.isSplat() && uint64_t(dense.getNumElements()) * elementSize != size))
    return absl::InvalidArgumentError(
        "expected a dense constant with as many elements as its shape");
  if (dense.getElementType().isInteger(1)) {
    if (dense.isSplat())
      owned.assign(1, dense.getSplatValue<bool>());
    else
      for (bool element : dense.getValues<bool>())
        owned.push_back(element);
    return absl::OkStatus();
  }
  ArrayRef<char> raw = dense.getRawData();
  if (raw.size() != (dense.isSplat() ? elementSize : size))
    return absl::InvalidArgumentError("expected a dense constant of its type's element size");
  data = StringRef(raw.data(), raw.size());
  return absl::OkStatus();
}

absl::Status WeightSource::check() const {
  if (!liesInFiles() || !verify)
    return absl::OkStatus();
  return files->stream(extents, true, [](absl::string_view) { return absl::OkStatus(); });
}

absl::Status WeightSource::read(uint64_t offset, MutableArrayRef<char> out) const {
  if (!liesInFiles()) {
    readMemory(offset, out);
    return absl::OkStatus();
  }
  for (const Extent &extent : extents) {
    if (offset >= extent.size) {
      offset -= extent.size;
      continue;
    }
    const size_t count = std::min<uint64_t>(out.size(), extent.size - offset);
    absl::Status status =
        files->read(extent.file, extent.offset + offset, absl::MakeSpan(out.data(), count));
    if (!status.ok() || count == out.size())
      return status;
    out = out.drop_front(count);
    offset = 0;
  }
  return absl::OkStatus();
}

void WeightSource::readMemory(uint64_t offset, MutableArrayRef<char> out) const {
  const StringRef elements = owned.empty() ? data : StringRef(owned);
  const size_t given =
      std::min<uint64_t>(out.size(), elements.size() > offset ? elements.size() - offset : 0);
  std::copy_n(elements.data() + (given ? offset : 0), given, out.data());
  if (elements.empty()) {
    std::fill(out.begin(), out.end(), 0);
    return;
  }
  const StringRef last = elements.take_back(elementSize);
  for (size_t at = given; at < out.size(); at += elementSize)
    std::copy_n(last.data(), elementSize, out.data() + at);
}

} // namespace firn
