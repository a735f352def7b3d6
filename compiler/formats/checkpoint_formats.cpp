#include "compiler/formats/checkpoint_formats.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/slice_geometry.h"

namespace firn {
namespace {

// Of both formats: TF_CHECKPOINT_VERSION and kTensorBundleVersion.
constexpr int kReaderVersion = 1;

int64_t lengthOf(const tensorflow::TensorSliceProto::Extent &extent) {
  return extent.has_length_case() ==
                 tensorflow::TensorSliceProto::Extent::HasLengthCase::HAS_LENGTH_NOT_SET
             ? -1
             : extent.length();
}

} // namespace

absl::StatusOr<std::vector<int64_t>> shapeFromProto(const std::string &key,
                                                    const tensorflow::TensorShapeProto &proto) {
  std::vector<int64_t> shape;
  for (const auto &dim : proto.dim())
    shape.push_back(dim.size());
  if (proto.unknown_rank() || !elementCount(shape))
    return absl::DataLossError(absl::StrCat("'", key, "': expected a known shape, got [",
                                            absl::StrJoin(shape, ","), "]",
                                            proto.unknown_rank() ? " of unknown rank" : ""));
  return shape;
}

std::vector<StoredExtent> storedExtents(const tensorflow::TensorSliceProto &proto) {
  std::vector<StoredExtent> extents;
  for (const auto &extent : proto.extent())
    extents.push_back({extent.start(), lengthOf(extent)});
  return extents;
}

absl::StatusOr<TensorSlice> sliceFromProto(const std::string &key,
                                           const std::vector<int64_t> &shape,
                                           const tensorflow::TensorSliceProto &proto) {
  const std::vector<StoredExtent> extents = storedExtents(proto);
  TensorSlice slice = TensorSlice::whole(shape);
  bool good = extents.size() == shape.size();
  for (size_t i = 0; good && i < shape.size(); ++i) {
    slice.start[i] = extents[i].start;
    slice.length[i] =
        extents[i].length == -1 && extents[i].start == 0 ? shape[i] : extents[i].length;
  }
  if (!good || !liesInside(slice, shape))
    return absl::DataLossError(absl::StrCat("'", key, "': the slice ", slice.str({}),
                                            " does not lie in the shape [",
                                            absl::StrJoin(shape, ","), "]"));
  return slice;
}

absl::Status checkVersion(const std::string &file, const tensorflow::VersionDef &versions) {
  if (versions.min_consumer() <= kReaderVersion)
    return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(file, ": expected a checkpoint that version ",
                                               kReaderVersion, " may read, got one that needs ",
                                               versions.min_consumer()));
}

} // namespace firn
