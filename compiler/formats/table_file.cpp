#include "compiler/formats/table_file.h"

#include <cstring>
#include <new>

#include "absl/strings/str_cat.h"
#include "compiler/formats/crc32c.h"
#include "leveldb/env.h"
#include "leveldb/iterator.h"
#include "leveldb/options.h"
#include "leveldb/table.h"
#include "snappy.h"

namespace firn {
namespace {

constexpr uint64_t kFooterSize = 48, kTrailerSize = 5;
constexpr char kMagic[] = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
enum Compression { kNone = 0, kSnappy = 1 };

absl::string_view view(const leveldb::Slice &slice) { return {slice.data(), slice.size()}; }
leveldb::Slice slice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }

absl::Status damaged(const std::string &path, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": damaged checkpoint file: ", what));
}

bool takeVarint(absl::string_view *in, uint64_t *value) {
  *value = 0;
  for (int shift = 0; shift < 64 && !in->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in->front());
    in->remove_prefix(1);
    *value |= uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80)
      return true;
  }
  return false;
}

/// Where a block lies; `end` is that of its trailer.
struct BlockHandle {
  uint64_t offset = 0, size = 0;
};

/// What leveldb does not check before it allocates.
class Guard {
public:
  Guard(TensorFiles &files, const std::string &path, uint64_t size)
      : files(files), path(path), size(size) {}

  absl::Status check() {
    char footer[kFooterSize];
    if (size < kFooterSize)
      return damaged(path, absl::StrCat("expected at least ", kFooterSize, " bytes, got ", size));
    if (auto status = files.read(path, size - kFooterSize, {footer, kFooterSize}); !status.ok())
      return status;
    if (std::memcmp(footer + 40, kMagic, 8) != 0)
      return damaged(path, "it does not end as a table does (cut short, or another kind of file)");
    absl::string_view rest(footer, 40);
    BlockHandle metaindex, index;
    if (!takeHandle(&rest, &metaindex) || !takeHandle(&rest, &index))
      return damaged(path, "its last bytes point outside of the file");
    return checkIndex(index);
  }

private:
  bool takeHandle(absl::string_view *in, BlockHandle *handle) const {
    const uint64_t limit = size - kFooterSize;
    return takeVarint(in, &handle->offset) && takeVarint(in, &handle->size) &&
           handle->offset <= limit && handle->size <= limit - handle->offset &&
           kTrailerSize <= limit - handle->offset - handle->size;
  }

  absl::StatusOr<std::string> readBlock(const BlockHandle &handle) {
    std::string raw(handle.size + kTrailerSize, '\0');
    if (auto status = files.read(path, handle.offset, {raw.data(), raw.size()}); !status.ok())
      return status;
    uint32_t stored;
    std::memcpy(&stored, raw.data() + handle.size + 1, sizeof stored);
    if (unmaskCrc32c(stored) != crc32cExtend(0, raw.data(), handle.size + 1))
      return damaged(
          path, absl::StrCat("the checksum of the block at ", handle.offset, " does not agree"));
    const char compression = raw[handle.size];
    raw.resize(handle.size);
    if (compression == kNone)
      return raw;
    std::string plain;
    if (compression != kSnappy || !snappy::Uncompress(raw.data(), raw.size(), &plain))
      return damaged(path, absl::StrCat("the block at ", handle.offset, " does not decompress"));
    return plain;
  }

  /// Walks the index block: every value must be the handle of a block inside the file.
  absl::Status checkIndex(const BlockHandle &index) {
    auto block = readBlock(index);
    if (!block.ok())
      return block.status();
    uint32_t restarts = 0;
    if (block->size() < sizeof restarts)
      return damaged(path, "its index is empty");
    std::memcpy(&restarts, block->data() + block->size() - sizeof restarts, sizeof restarts);
    const uint64_t tail = (uint64_t(restarts) + 1) * sizeof restarts;
    if (tail > block->size())
      return damaged(path, "its index has no entries where it says so");
    absl::string_view entries = absl::string_view(*block).substr(0, block->size() - tail);
    while (!entries.empty()) {
      uint64_t shared, suffix, length;
      if (!takeVarint(&entries, &shared) || !takeVarint(&entries, &suffix) ||
          !takeVarint(&entries, &length) || suffix > entries.size() ||
          length > entries.size() - suffix)
        return damaged(path, "an entry of its index is cut short");
      absl::string_view value = entries.substr(suffix, length);
      BlockHandle handle;
      if (!takeHandle(&value, &handle))
        return damaged(path, "its index points outside of the file");
      entries.remove_prefix(suffix + length);
    }
    return absl::OkStatus();
  }

  TensorFiles &files;
  const std::string &path;
  uint64_t size;
};

/// leveldb's view of a file of ours.
class PositionedFile : public leveldb::RandomAccessFile {
public:
  PositionedFile(std::shared_ptr<TensorFiles> files, std::string path, uint64_t size)
      : files(std::move(files)), path(std::move(path)), size(size) {}

  leveldb::Status Read(uint64_t offset, size_t count, leveldb::Slice *result,
                       char *scratch) const override {
    if (offset > size || count > size - offset)
      return leveldb::Status::Corruption("a block lies outside of the file");
    if (auto status = files->read(path, offset, {scratch, count}); !status.ok())
      return leveldb::Status::IOError(slice(status.message()));
    *result = leveldb::Slice(scratch, count);
    return leveldb::Status::OK();
  }

private:
  std::shared_ptr<TensorFiles> files;
  std::string path;
  uint64_t size;
};

/// Runs `action`, which calls leveldb: a hostile size ends in an exception there.
template <typename Action>
auto guarded(const std::string &path, Action action) -> decltype(action()) {
  try {
    return action();
  } catch (const std::bad_alloc &) {
    return absl::ResourceExhaustedError(absl::StrCat(path, ": out of memory while reading it"));
  }
}

} // namespace

struct TableFile::Impl {
  std::string path;
  leveldb::Options options;
  std::unique_ptr<PositionedFile> file;
  std::unique_ptr<leveldb::Table> table;

  std::unique_ptr<leveldb::Iterator> iterator() const {
    leveldb::ReadOptions reading;
    reading.verify_checksums = true;
    reading.fill_cache = false;
    return std::unique_ptr<leveldb::Iterator>(table->NewIterator(reading));
  }
};

TableFile::TableFile(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
TableFile::~TableFile() = default;
const std::string &TableFile::path() const { return impl->path; }

absl::StatusOr<bool> isTableFile(TensorFiles &files, const std::string &path) {
  auto size = files.size(path);
  if (!size.ok())
    return size.status();
  char magic[8];
  if (*size < kFooterSize)
    return false;
  if (auto status = files.read(path, *size - sizeof magic, {magic, sizeof magic}); !status.ok())
    return status;
  return std::memcmp(magic, kMagic, sizeof magic) == 0;
}

absl::StatusOr<std::unique_ptr<TableFile>> TableFile::open(std::shared_ptr<TensorFiles> files,
                                                           const std::string &path) {
  auto size = files->size(path);
  if (!size.ok())
    return size.status();
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->options.paranoid_checks = true;
  auto status = guarded(path, [&]() -> absl::Status {
    if (auto checked = Guard(*files, path, *size).check(); !checked.ok())
      return checked;
    impl->file = std::make_unique<PositionedFile>(files, path, *size);
    leveldb::Table *table = nullptr;
    auto opened = leveldb::Table::Open(impl->options, impl->file.get(), *size, &table);
    impl->table.reset(table);
    return opened.ok() ? absl::OkStatus() : damaged(path, opened.ToString());
  });
  if (!status.ok())
    return status;
  return std::unique_ptr<TableFile>(new TableFile(std::move(impl)));
}

absl::Status TableFile::forEach(const Visit &visit) {
  return guarded(impl->path, [&]() -> absl::Status {
    auto it = impl->iterator();
    for (it->SeekToFirst(); it->Valid(); it->Next())
      if (auto status = visit(view(it->key()), view(it->value())); !status.ok())
        return status;
    return it->status().ok() ? absl::OkStatus() : damaged(impl->path, it->status().ToString());
  });
}

absl::StatusOr<std::string> TableFile::get(absl::string_view key) {
  return guarded(impl->path, [&]() -> absl::StatusOr<std::string> {
    auto it = impl->iterator();
    it->Seek(slice(key));
    if (!it->status().ok())
      return damaged(impl->path, it->status().ToString());
    if (!it->Valid() || view(it->key()) != key)
      return absl::NotFoundError("no such key");
    return it->value().ToString();
  });
}

} // namespace firn
