#include <zlib.h>

#include <algorithm>
#include <new>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "compiler/formats/npz.h"
#include "compiler/formats/tensor_files.h"
#include "compiler/formats/zip_format.h"

namespace firn {
namespace {

constexpr uint64_t kPieceSize = 1 << 20;
constexpr absl::string_view kEnding = ".npy";

// Little-endian fields one after another; zeros behind the end.
class Fields {
public:
  explicit Fields(absl::string_view bytes) : bytes(bytes) {}

  uint64_t number(size_t size) {
    absl::string_view field = text(size);
    uint64_t value = 0;
    for (size_t i = 0; i < field.size(); ++i)
      value |= uint64_t{static_cast<unsigned char>(field[i])} << 8 * i;
    return value;
  }
  absl::string_view text(size_t size) {
    short_ |= size > bytes.size();
    absl::string_view field = bytes.substr(0, size);
    bytes.remove_prefix(field.size());
    return field;
  }
  void skip(size_t size) { text(size); }
  bool empty() const { return bytes.empty(); }
  bool ranShort() const { return short_; }

private:
  absl::string_view bytes;
  bool short_ = false;
};

absl::Status damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the archive is damaged: ", what));
}

// Takes an entry's data out of the archive piece by piece.
class Inflater {
public:
  Inflater() { ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater &) = delete;

  /// False when the data is damaged or longer than `limit`.
  bool add(absl::Span<char> packed, uint64_t limit, std::string &out) {
    stream.next_in = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_in = packed.size();
    int code = Z_OK;
    while (ready && code == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)) {
      const size_t before = out.size();
      // Grown as data comes: a damaged size allocates nothing.
      out.resize(before + std::min(kPieceSize, limit - before + 1));
      stream.next_out = reinterpret_cast<Bytef *>(out.data() + before);
      stream.avail_out = out.size() - before;
      code = inflate(&stream, Z_NO_FLUSH);
      out.resize(out.size() - stream.avail_out);
      if (out.size() > limit)
        return false;
    }
    ended = code == Z_STREAM_END;
    return ready && (ended ? stream.avail_in == 0 : code == Z_OK || code == Z_BUF_ERROR);
  }
  bool done() const { return ended; }

private:
  z_stream stream{};
  bool ready = false, ended = false;
};

class NpzReader {
public:
  explicit NpzReader(const std::string &path) : path(path) {}

  absl::StatusOr<NamedArrays> read() {
    absl::StatusOr<uint64_t> fileSize = files.size(path);
    if (!fileSize.ok())
      return fileSize.status();
    size = *fileSize;
    absl::Status status = findDirectory();
    if (status.ok())
      status = readDirectory();
    if (!status.ok())
      return status;
    NamedArrays arrays;
    for (const zip::Entry &entry : entries) {
      absl::StatusOr<std::string> bytes = contents(entry);
      absl::string_view name = entry.name;
      if (bytes.ok() && !absl::ConsumeSuffix(&name, kEnding))
        continue;
      absl::StatusOr<NpyArray> array = bytes.ok() ? parseNpy(*bytes) : bytes.status();
      if (!array.ok())
        return absl::Status(array.status().code(),
                            absl::StrCat("'", entry.name, "': ", array.status().message()));
      arrays.emplace_back(std::string(name), std::move(*array));
    }
    return arrays;
  }

private:
  absl::StatusOr<std::string> bytesAt(uint64_t offset, uint64_t count) {
    if (offset > size || count > size - offset)
      return damaged("a record lies behind its end");
    std::string bytes(count, '\0');
    absl::Status status = files.read(path, offset, absl::MakeSpan(bytes.data(), bytes.size()));
    return status.ok() ? absl::StatusOr<std::string>(std::move(bytes)) : status;
  }

  absl::Status notAnArchive() {
    absl::StatusOr<std::string> start = bytesAt(0, std::min<uint64_t>(size, 6));
    if (!start.ok())
      return start.status();
    if (absl::StartsWith(*start, "PK\x03\x04"))
      return damaged("its directory, at the end, is missing");
    return absl::InvalidArgumentError(
        absl::StrCat("expected an .npz file", *start == "\x93NUMPY" ? ", got a .npy file" : ""));
  }

  // The directory is found from the record that ends the file, but for a comment behind it.
  absl::Status findDirectory() {
    constexpr uint64_t kMaxComment = 0xffff;
    const uint64_t tailSize = std::min(size, zip::kEndSize + kMaxComment);
    absl::StatusOr<std::string> tail = bytesAt(size - tailSize, tailSize);
    if (!tail.ok())
      return tail.status();
    for (size_t at = tail->rfind("PK\x05\x06"); at != std::string::npos;
         at = at == 0 ? std::string::npos : tail->rfind("PK\x05\x06", at - 1)) {
      Fields fields(absl::string_view(*tail).substr(at));
      fields.skip(10);
      count = fields.number(2);
      directorySize = fields.number(4);
      directory = fields.number(4);
      const uint64_t comment = fields.number(2);
      if (!fields.ranShort() && at + zip::kEndSize + comment == tailSize)
        return findDirectory64(size - tailSize + at);
    }
    return notAnArchive();
  }

  absl::Status findDirectory64(uint64_t end) {
    if (count != zip::kSee64Count && directorySize != zip::kSee64 && directory != zip::kSee64)
      return absl::OkStatus();
    if (end < zip::kEnd64LocatorSize)
      return damaged("its directory is missing");
    auto locator = bytesAt(end - zip::kEnd64LocatorSize, zip::kEnd64LocatorSize);
    if (!locator.ok())
      return locator.status();
    Fields where(*locator);
    if (where.number(4) != zip::kEnd64Locator)
      return absl::OkStatus(); // as many entries as the old record can say
    where.skip(4);
    auto record = bytesAt(where.number(8), zip::kEnd64Size);
    if (!record.ok())
      return record.status();
    Fields fields(*record);
    if (fields.number(4) != zip::kEnd64)
      return damaged("its ZIP64 record is missing");
    fields.skip(28);
    count = fields.number(8);
    directorySize = fields.number(8);
    directory = fields.number(8);
    return absl::OkStatus();
  }

  absl::Status readDirectory() {
    auto bytes = bytesAt(directory, directorySize);
    if (!bytes.ok())
      return bytes.status();
    Fields fields(*bytes);
    std::set<std::string> names;
    while (!fields.empty() && entries.size() < count) {
      zip::Entry entry;
      if (absl::Status status = readEntry(fields, entry); !status.ok())
        return status;
      if (!names.insert(entry.name).second)
        return damaged(absl::StrCat("'", entry.name, "' stands twice in its directory"));
      entries.push_back(std::move(entry));
    }
    return fields.empty() && entries.size() == count
               ? absl::OkStatus()
               : damaged(absl::StrCat("expected ", count, " entries in its directory"));
  }

  absl::Status readEntry(Fields &fields, zip::Entry &entry) {
    if (fields.number(4) != zip::kDirectoryEntry)
      return damaged("expected an entry in its directory");
    fields.skip(4);
    entry.flags = fields.number(2);
    entry.method = fields.number(2);
    fields.skip(4);
    entry.crc = fields.number(4);
    entry.packed = fields.number(4);
    entry.size = fields.number(4);
    const uint64_t nameSize = fields.number(2), extraSize = fields.number(2),
                   commentSize = fields.number(2);
    fields.skip(8);
    entry.offset = fields.number(4);
    entry.name = std::string(fields.text(nameSize));
    absl::string_view extra = fields.text(extraSize);
    fields.skip(commentSize);
    if (fields.ranShort())
      return damaged("its directory is cut short");
    return readExtra(extra, entry);
  }

  // Sizes that 32 bits can't hold stand in an extra field, in this order.
  absl::Status readExtra(absl::string_view extra, zip::Entry &entry) {
    for (Fields fields(extra); !fields.empty();) {
      const uint64_t id = fields.number(2), length = fields.number(2);
      Fields sizes(fields.text(length));
      if (id != zip::kExtra64 || fields.ranShort())
        continue;
      for (uint64_t *value : {&entry.size, &entry.packed, &entry.offset})
        if (*value == zip::kSee64)
          *value = sizes.number(8);
      if (sizes.ranShort())
        return damaged(absl::StrCat("the sizes of '", entry.name, "' are missing"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> dataOffset(const zip::Entry &entry) {
    auto header = bytesAt(entry.offset, zip::kLocalHeaderSize + entry.name.size());
    if (!header.ok())
      return header.status();
    Fields fields(*header);
    const bool signature = fields.number(4) == zip::kLocalHeader;
    fields.skip(22);
    const uint64_t nameSize = fields.number(2), extraSize = fields.number(2);
    if (!signature || nameSize != entry.name.size() || fields.text(nameSize) != entry.name)
      return damaged("its directory points to another entry");
    return entry.offset + zip::kLocalHeaderSize + nameSize + extraSize;
  }

  absl::StatusOr<std::string> contents(const zip::Entry &entry) {
    if (entry.flags & zip::kEncrypted)
      return absl::InvalidArgumentError("expected an entry that is not encrypted");
    if (entry.method != zip::kStored && entry.method != zip::kDeflated)
      return absl::InvalidArgumentError(absl::StrCat(
          "expected a stored or deflated entry, got compression method ", entry.method));
    absl::StatusOr<uint64_t> offset = dataOffset(entry);
    if (!offset.ok())
      return offset.status();
    const bool stored = entry.method == zip::kStored;
    if (*offset > size || entry.packed > size - *offset || (stored && entry.packed != entry.size))
      return damaged("its data is cut short");
    absl::StatusOr<std::string> bytes =
        stored ? bytesAt(*offset, entry.size) : inflated(*offset, entry);
    if (bytes.ok() &&
        crc32_z(0, reinterpret_cast<const Bytef *>(bytes->data()), bytes->size()) != entry.crc)
      return damaged("its checksum is another");
    return bytes;
  }

  absl::StatusOr<std::string> inflated(uint64_t offset, const zip::Entry &entry) {
    Inflater inflater;
    std::string out, packed;
    for (uint64_t done = 0; done < entry.packed && !inflater.done(); done += packed.size()) {
      auto piece = bytesAt(offset + done, std::min(kPieceSize, entry.packed - done));
      if (!piece.ok())
        return piece.status();
      packed = std::move(*piece);
      if (!inflater.add(absl::MakeSpan(packed.data(), packed.size()), entry.size, out))
        return damaged("its data can't be unpacked");
    }
    return inflater.done() && out.size() == entry.size ? absl::StatusOr<std::string>(std::move(out))
                                                       : damaged("its data can't be unpacked");
  }

  const std::string &path;
  TensorFiles files;
  uint64_t size = 0, count = 0, directorySize = 0, directory = 0;
  std::vector<zip::Entry> entries;
};

} // namespace

absl::StatusOr<NamedArrays> readNpz(const std::string &path) {
  try {
    absl::StatusOr<NamedArrays> arrays = NpzReader(path).read();
    if (arrays.ok() || absl::StrContains(arrays.status().message(), path))
      return arrays;
    return absl::Status(arrays.status().code(),
                        absl::StrCat(path, ": ", arrays.status().message()));
  } catch (const std::bad_alloc &) {
    return absl::ResourceExhaustedError(absl::StrCat(path, ": out of memory"));
  }
}

} // namespace firn
