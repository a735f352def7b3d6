#include <zlib.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/npz.h"
#include "compiler/formats/output_file.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/formats/zip_format.h"

namespace firn {
namespace {

void put(std::string &out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out.push_back(static_cast<char>(value >> 8 * i));
}

// What older readers must understand: ZIP 2.0, or 4.5 for ZIP64. Made on Unix.
constexpr uint16_t kVersion = 20, kVersion64 = 45, kUnix = 3 << 8;
constexpr uint16_t kUtf8Names = 1 << 11;
constexpr uint32_t kReadableFile = 0100644u << 16;
// 1 January 1980, the first date of the format: the same arrays give the same bytes.
constexpr uint32_t kDate = 0x00210000;

uint32_t low32(uint64_t value) { return value >= zip::kSee64 ? zip::kSee64 : value; }

// The extra field with those of `values` that 32 bits can't hold; "" when all fit.
std::string extra64(std::initializer_list<uint64_t> values) {
  std::string large;
  for (uint64_t value : values)
    if (low32(value) == zip::kSee64)
      put(large, value, 8);
  if (large.empty())
    return large;
  std::string extra;
  put(extra, zip::kExtra64, 2);
  put(extra, large.size(), 2);
  return extra + large;
}

// What the two headers of an entry have in common.
void putEntry(std::string &out, const zip::Entry &entry, const std::string &extra) {
  put(out, extra.empty() ? kVersion : kVersion64, 2);
  put(out, kUtf8Names, 2);
  put(out, entry.method, 2);
  put(out, kDate, 4);
  put(out, entry.crc, 4);
  put(out, low32(entry.packed), 4);
  put(out, low32(entry.size), 4);
  put(out, entry.name.size(), 2);
  put(out, extra.size(), 2);
}

std::string localHeader(const zip::Entry &entry) {
  // Both sizes or none.
  const bool large = low32(entry.size) == zip::kSee64;
  std::string extra = large ? extra64({entry.size, entry.packed}) : "", out;
  put(out, zip::kLocalHeader, 4);
  putEntry(out, entry, extra);
  return out + entry.name + extra;
}

std::string directoryEntry(const zip::Entry &entry) {
  std::string extra = extra64({entry.size, entry.packed, entry.offset}), out;
  put(out, zip::kDirectoryEntry, 4);
  put(out, kUnix | kVersion64, 2);
  putEntry(out, entry, extra);
  put(out, 0, 2 + 2 + 2); // comment, disk, internal attributes
  put(out, kReadableFile, 4);
  put(out, low32(entry.offset), 4);
  return out + entry.name + extra;
}

std::string end64(uint64_t count, uint64_t size, uint64_t offset) {
  std::string out;
  put(out, zip::kEnd64, 4);
  put(out, zip::kEnd64Size - 12, 8); // without the signature and this field
  put(out, kUnix | kVersion64, 2);
  put(out, kVersion64, 2);
  put(out, 0, 4 + 4); // disks
  for (uint64_t value : {count, count, size, offset})
    put(out, value, 8);
  put(out, zip::kEnd64Locator, 4);
  put(out, 0, 4);
  put(out, offset + size, 8);
  put(out, 1, 4);
  return out;
}

std::string endRecord(uint64_t count, uint64_t size, uint64_t offset) {
  const bool large = count >= zip::kSee64Count || low32(size + offset) == zip::kSee64;
  std::string out = large ? end64(count, size, offset) : "";
  put(out, zip::kEnd, 4);
  put(out, 0, 2 + 2); // disks
  for (int i = 0; i < 2; ++i)
    put(out, std::min<uint64_t>(count, zip::kSee64Count), 2);
  put(out, low32(size), 4);
  put(out, low32(offset), 4);
  put(out, 0, 2); // comment
  return out;
}

constexpr size_t kMostName = 0xffff - 4;

absl::Status invalid(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("'", name, "': ", what));
}

/// An archive that grows by an entry at a time.
class NpzWriter : public TensorWriter {
public:
  explicit NpzWriter(std::unique_ptr<OutputFile> file) : file(std::move(file)) {}

  absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                     const std::optional<TensorSlice> &slice) override {
    if (slice && !(*slice == TensorSlice::whole(shape)))
      return invalid(key, "an .npz file holds whole arrays");
    auto elements = elementCount(shape);
    if (!elements || dataTypeSize(dtype) == 0)
      return invalid(key,
                     absl::StrCat("expected numbers of a known shape, got ", dataTypeName(dtype)));
    const std::string header = npyHeader(dtype, shape);
    const uint64_t size = header.size() + *elements * dataTypeSize(dtype);
    if (auto status = beginEntry(key, dtype, size); !status.ok())
      return status;
    return append(header);
  }

  absl::Status append(absl::string_view bytes) override {
    entry.crc = crc32_z(entry.crc, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size());
    got += bytes.size();
    return file->append(bytes);
  }

  // The checksum stands before the data that it is of.
  absl::Status end() override {
    if (got != entry.size)
      return invalid(entry.name, absl::StrCat("expected ", entry.size, " bytes, got ", got));
    if (absl::Status status = file->overwrite(entry.offset, localHeader(entry)); !status.ok())
      return status;
    offset += got;
    directory += directoryEntry(entry);
    return absl::OkStatus();
  }

  absl::Status addStrings(absl::string_view key, const std::vector<int64_t> &shape,
                          const std::vector<std::string> &values,
                          const std::optional<TensorSlice> &slice) override {
    if (slice && !(*slice == TensorSlice::whole(shape)))
      return invalid(key, "an .npz file holds whole arrays");
    return add(key, {tensorflow::DT_STRING, shape, "", values});
  }

  /// An array that is in memory: its checksum is known in advance.
  absl::Status add(absl::string_view name, const NpyArray &array) {
    const std::string bytes = npyBytes(array);
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size());
    absl::Status status = beginEntry(name, array.dtype, bytes.size(), crc);
    if (!status.ok())
      return status;
    offset += bytes.size();
    directory += directoryEntry(entry);
    return file->append(bytes);
  }

  absl::Status finish() override {
    absl::Status status = file->append(directory);
    status.Update(file->append(endRecord(names.size(), directory.size(), offset)));
    return status.ok() ? file->commit() : status;
  }

private:
  absl::Status beginEntry(absl::string_view name, int dtype, uint64_t size, uint32_t crc = 0) {
    if (name.size() > kMostName)
      return absl::InvalidArgumentError(
          absl::StrCat("expected a name of at most ", kMostName, " bytes, got ", name.size()));
    if (npyDescr(dtype).empty())
      return invalid(name, absl::StrCat("NumPy has no elements of type ", dataTypeName(dtype)));
    if (!names.insert(std::string(name)).second)
      return absl::InvalidArgumentError(
          absl::StrCat("expected a name of its own for each array, got '", name, "' twice"));
    entry = {absl::StrCat(name, ".npy"), kUtf8Names, zip::kStored, crc, size, size, offset};
    got = 0;
    const std::string header = localHeader(entry);
    offset += header.size();
    return file->append(header);
  }

  std::unique_ptr<OutputFile> file;
  std::set<std::string> names;
  std::string directory;
  zip::Entry entry;
  uint64_t offset = 0, got = 0; // the next entry begins at `offset`
};

absl::StatusOr<std::unique_ptr<NpzWriter>> openNpz(const std::string &path) {
  auto file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  return std::make_unique<NpzWriter>(*std::move(file));
}

} // namespace

absl::StatusOr<std::unique_ptr<TensorWriter>> createNpz(const std::string &path) {
  auto writer = openNpz(path);
  if (!writer.ok())
    return writer.status();
  return std::unique_ptr<TensorWriter>(*std::move(writer));
}

absl::Status writeNpz(const std::string &path, const NamedArrays &arrays) {
  auto writer = openNpz(path);
  if (!writer.ok())
    return writer.status();
  for (const auto &[name, array] : arrays)
    if (absl::Status status = (*writer)->add(name, array); !status.ok())
      return status;
  return (*writer)->finish();
}

} // namespace firn
