#include "compiler/formats/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/checkpoint_formats.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/formats/tensor_reader.h"

namespace firn {

/// A stored piece and the part of it that is wanted.
struct Checkpoint::Piece {
  std::optional<TensorSlice> stored; // empty: the tensor is stored whole
  TensorSlice box, part;
  TensorData data;
};

namespace {

/// Bytes [offset, offset + size) of what `extents` hold. Only a whole extent keeps its checksum.
void cutExtents(const std::vector<Extent> &extents, uint64_t offset, uint64_t size,
                std::vector<Extent> &out) {
  for (const Extent &extent : extents) {
    if (offset < extent.size && size > 0) {
      Extent cut = extent;
      cut.offset += offset;
      cut.size = std::min(size, extent.size - offset);
      if (cut.size != extent.size)
        cut.crc32c.reset();
      size -= cut.size;
      out.push_back(std::move(cut));
    }
    offset -= std::min(offset, extent.size);
  }
}

absl::Status missingParts(const std::string &key, const TensorSlice &target, int64_t wanted,
                          int64_t covered) {
  return absl::DataLossError(absl::StrCat("'", key, "': the stored slices hold ", covered, " of ",
                                          wanted, " elements of ", target.str(target.length)));
}

absl::Status outOfMemory(const std::string &key) {
  return absl::ResourceExhaustedError(absl::StrCat("'", key, "': out of memory while reading it"));
}

} // namespace

int64_t CheckpointEntry::elements() const { return elementCount(shape).value_or(0); }
int64_t CheckpointEntry::byteSize() const { return elements() * dataTypeSize(dtype); }

absl::StatusOr<const CheckpointEntry *> Checkpoint::find(const std::string &key) const {
  auto found = table.find(key);
  if (found == table.end())
    return absl::NotFoundError(
        absl::StrCat("key '", key, "' not found in checkpoint ", prefixName));
  return &found->second;
}

absl::StatusOr<std::vector<Checkpoint::Piece>> Checkpoint::plan(const std::string &key,
                                                                const CheckpointEntry &entry,
                                                                const TensorSlice &target) const {
  if (!liesInside(target, entry.shape))
    return absl::OutOfRangeError(absl::StrCat("'", key, "': expected a slice of the shape [",
                                              absl::StrJoin(entry.shape, ","), "], got ",
                                              target.str({})));
  std::vector<Piece> pieces;
  const int64_t wanted = elementCount(target.length).value_or(0);
  if (wanted == 0)
    return pieces;
  if (entry.slices.empty()) {
    pieces.push_back({std::nullopt, TensorSlice::whole(entry.shape), target, {}});
    return pieces;
  }
  std::vector<TensorSlice> parts;
  int64_t covered = 0;
  for (const TensorSlice &slice : entry.slices)
    if (auto part = intersection(slice, target)) {
      covered += elementCount(part->length).value_or(0);
      parts.push_back(*part);
      pieces.push_back({slice, slice, *std::move(part), {}});
    }
  if (auto overlap = findOverlap(parts))
    return absl::DataLossError(
        absl::StrCat("'", key, "': the stored slices ", pieces[overlap->first].box.str(entry.shape),
                     " and ", pieces[overlap->second].box.str(entry.shape), " overlap"));
  if (covered != wanted)
    return missingParts(key, target, wanted, covered);
  std::sort(pieces.begin(), pieces.end(), [&](const Piece &a, const Piece &b) {
    return offsetIn(target, a.part) < offsetIn(target, b.part);
  });
  return pieces;
}

absl::Status Checkpoint::verifyOnce(const std::vector<Extent> &extents) {
  for (const Extent &extent : extents) {
    const std::pair<std::string, uint64_t> name(extent.file, extent.offset);
    {
      std::lock_guard<std::mutex> lock(verifiedMutex);
      if (verified.count(name))
        continue;
    }
    auto status =
        fileSet->stream({extent}, true, [](absl::string_view) { return absl::OkStatus(); });
    if (!status.ok())
      return status;
    std::lock_guard<std::mutex> lock(verifiedMutex);
    verified.insert(name);
  }
  return absl::OkStatus();
}

absl::StatusOr<TensorData> Checkpoint::joinExtents(std::vector<Piece> pieces,
                                                   const TensorSlice &target, int64_t elementSize) {
  TensorData result;
  for (const Piece &piece : pieces) {
    const uint64_t size = elementCount(piece.part.length).value_or(0) * elementSize;
    if (readOptions.verify && !(piece.part == piece.box))
      if (auto status = verifyOnce(piece.data.extents); !status.ok())
        return status;
    cutExtents(piece.data.extents, offsetIn(piece.box, piece.part) * elementSize, size,
               result.extents);
  }
  return result;
}

absl::StatusOr<TensorData> Checkpoint::joinInMemory(std::vector<Piece> pieces,
                                                    const TensorSlice &target,
                                                    int64_t elementSize) {
  TensorData result;
  result.bytes.resize(elementCount(target.length).value_or(0) * elementSize);
  for (Piece &piece : pieces) {
    // Not all of a piece at once: beside the result that would be a second tensor.
    TensorReader reader(std::move(piece.data), fileSet.get(), readOptions.verify);
    absl::Status status;
    forEachRun(piece.part, target, piece.box, [&](int64_t to, int64_t from, int64_t count) {
      status.Update(reader.skipTo(from * elementSize));
      if (status.ok())
        status = reader.read(
            absl::MakeSpan(result.bytes.data() + to * elementSize, count * elementSize));
    });
    if (status.ok())
      status = reader.skipTo(reader.size()); // the checksum is of all of it
    if (!status.ok())
      return status;
  }
  return result;
}

absl::StatusOr<TensorData> Checkpoint::locate(const std::string &key,
                                              const std::optional<TensorSlice> &slice) try {
  auto entry = find(key);
  if (!entry.ok())
    return entry.status();
  const int64_t elementSize = dataTypeSize((*entry)->dtype);
  if (elementSize == 0)
    return absl::InvalidArgumentError(absl::StrCat(
        "'", key, "': expected a type of fixed size, got ", dataTypeName((*entry)->dtype)));
  const TensorSlice target = slice.value_or(TensorSlice::whole((*entry)->shape));
  auto planned = plan(key, **entry, target);
  if (!planned.ok())
    return planned.status();
  bool inOrder = true;
  for (Piece &piece : *planned) {
    auto data = locateStored(key, piece.stored);
    if (!data.ok())
      return data.status();
    piece.data = *std::move(data);
    inOrder &= isOneRun(target, piece.part) && isOneRun(piece.box, piece.part) &&
               !piece.data.extents.empty();
  }
  if (planned->size() == 1 && planned->front().part == planned->front().box)
    return std::move(planned->front().data);
  return inOrder ? joinExtents(*std::move(planned), target, elementSize)
                 : joinInMemory(*std::move(planned), target, elementSize);
} catch (const std::bad_alloc &) {
  return outOfMemory(key);
}

absl::StatusOr<std::string> Checkpoint::read(const std::string &key,
                                             const std::optional<TensorSlice> &slice) try {
  auto data = locate(key, slice);
  if (!data.ok())
    return data.status();
  std::string bytes = std::move(data->bytes);
  uint64_t size = bytes.size();
  for (const Extent &extent : data->extents)
    size += extent.size;
  bytes.reserve(size);
  auto status = fileSet->stream(data->extents, readOptions.verify, [&](absl::string_view piece) {
    bytes.append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  if (!status.ok())
    return absl::Status(status.code(), absl::StrCat("'", key, "': ", status.message()));
  return bytes;
} catch (const std::bad_alloc &) {
  return outOfMemory(key);
}

absl::StatusOr<std::vector<std::string>>
Checkpoint::readStrings(const std::string &key, const std::optional<TensorSlice> &slice) try {
  auto entry = find(key);
  if (!entry.ok())
    return entry.status();
  if ((*entry)->dtype != tensorflow::DT_STRING)
    return absl::InvalidArgumentError(
        absl::StrCat("'", key, "': expected strings, got ", dataTypeName((*entry)->dtype)));
  const TensorSlice target = slice.value_or(TensorSlice::whole((*entry)->shape));
  auto planned = plan(key, **entry, target);
  if (!planned.ok())
    return planned.status();
  std::vector<std::string> result;
  for (const Piece &piece : *planned) {
    auto values = readStoredStrings(key, piece.stored);
    if (!values.ok())
      return values.status();
    // Only now is it known that the file holds as many values as the shape says.
    result.resize(elementCount(target.length).value_or(0));
    forEachRun(piece.part, target, piece.box, [&](int64_t to, int64_t from, int64_t count) {
      std::move(values->begin() + from, values->begin() + from + count, result.begin() + to);
    });
  }
  return result;
} catch (const std::bad_alloc &) {
  return outOfMemory(key);
}

absl::StatusOr<std::unique_ptr<Checkpoint>> Checkpoint::open(const std::string &name,
                                                             const CheckpointOptions &options) {
  std::vector<std::string> notes;
  auto prefix = resolveCheckpointPrefix(name, &notes);
  if (!prefix.ok())
    return prefix.status();
  try {
    return isCheckpointV2(*prefix) ? openCheckpointV2(*prefix, options, std::move(notes))
                                   : openCheckpointV1(*prefix, options, std::move(notes));
  } catch (const std::bad_alloc &) {
    return absl::ResourceExhaustedError(absl::StrCat(*prefix, ": out of memory while opening it"));
  }
}

} // namespace firn
