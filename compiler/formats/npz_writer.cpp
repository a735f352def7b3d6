#include <zlib.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/npz.h"
#include "compiler/formats/output_file.h"
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

absl::Status checkArrays(const NamedArrays &arrays) {
  constexpr size_t kMaxName = 0xffff - 4;
  std::set<std::string> names;
  for (const auto &[name, array] : arrays) {
    if (!names.insert(name).second)
      return absl::InvalidArgumentError(
          absl::StrCat("expected a name of its own for each array, got '", name, "' twice"));
    if (name.size() > kMaxName)
      return absl::InvalidArgumentError(
          absl::StrCat("expected a name of at most ", kMaxName, " bytes, got ", name.size()));
    if (npyDescr(array.dtype).empty())
      return absl::InvalidArgumentError(
          absl::StrCat("'", name, "': NumPy has no elements of type ", dataTypeName(array.dtype)));
  }
  return absl::OkStatus();
}

} // namespace

absl::Status writeNpz(const std::string &path, const NamedArrays &arrays) {
  if (absl::Status status = checkArrays(arrays); !status.ok())
    return status;
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  absl::Status status;
  std::string directory;
  uint64_t offset = 0;
  for (const auto &[name, array] : arrays) {
    const std::string bytes = npyBytes(array);
    zip::Entry entry{name + ".npy", kUtf8Names,   zip::kStored, 0,
                     bytes.size(),  bytes.size(), offset};
    entry.crc = crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size());
    const std::string header = localHeader(entry);
    status.Update((*file)->append(header));
    status.Update((*file)->append(bytes));
    directory += directoryEntry(entry);
    offset += header.size() + bytes.size();
  }
  status.Update((*file)->append(directory));
  status.Update((*file)->append(endRecord(arrays.size(), directory.size(), offset)));
  return status.ok() ? (*file)->commit() : status;
}

} // namespace firn
