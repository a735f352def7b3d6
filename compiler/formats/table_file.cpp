#include "compiler/formats/table_file.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/formats/crc32c.h"
#include "compiler/formats/wire_reader.h"
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

/// Where a block lies, without its trailer.
struct BlockHandle {
  uint64_t offset = 0, size = 0;
};

/// A block as the index has it: no key in it is behind `last`.
struct IndexedBlock {
  std::string last;
  BlockHandle handle;
};

/// What leveldb does not check before it allocates.
class Guard {
public:
  Guard(TensorFiles &files, const std::string &path, uint64_t size)
      : files(files), path(path), size(size) {}

  /// In order of key, after `check`.
  std::vector<IndexedBlock> blocks;

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
    std::string key;
    while (!entries.empty()) {
      uint64_t shared, suffix, length;
      if (!takeVarint(&entries, &shared) || !takeVarint(&entries, &suffix) ||
          !takeVarint(&entries, &length) || shared > key.size() || suffix > entries.size() ||
          length > entries.size() - suffix)
        return damaged(path, "an entry of its index is cut short");
      key.resize(shared);
      key.append(entries.data(), suffix);
      absl::string_view value = entries.substr(suffix, length);
      BlockHandle handle;
      if (!takeHandle(&value, &handle))
        return damaged(path, "its index points outside of the file");
      blocks.push_back({key, handle});
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

/// The value of `key` in the block of entries that lies in [offset, end) of `source`.
absl::StatusOr<std::optional<TableFile::Place>> findEntry(ByteSource &source, uint64_t offset,
                                                          uint64_t end, absl::string_view wanted) {
  constexpr uint64_t kLongestHead = 30, kLongestKey = 1 << 16;
  std::string key;
  while (offset < end) {
    auto head = source.view(offset, std::min(kLongestHead, end - offset));
    if (!head.ok())
      return head.status();
    const uint64_t before = head->size();
    uint64_t shared, suffix, length;
    if (!takeVarint(&*head, &shared) || !takeVarint(&*head, &suffix) ||
        !takeVarint(&*head, &length) || shared > key.size() || suffix > kLongestKey)
      return std::nullopt;
    offset += before - head->size();
    if (suffix > end - offset || length > end - offset - suffix)
      return std::nullopt;
    auto rest = source.view(offset, suffix);
    if (!rest.ok())
      return rest.status();
    key.resize(shared);
    key.append(rest->data(), rest->size());
    offset += suffix;
    if (key == wanted)
      return TableFile::Place{offset, length, {}};
    offset += length;
  }
  return std::nullopt;
}

} // namespace

struct TableFile::Impl {
  std::string path;
  std::shared_ptr<TensorFiles> files;
  std::vector<IndexedBlock> blocks;
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
    Guard guard(*files, path, *size);
    if (auto checked = guard.check(); !checked.ok())
      return checked;
    impl->files = files;
    impl->blocks = std::move(guard.blocks);
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

absl::StatusOr<std::optional<TableFile::Place>> TableFile::locate(absl::string_view key) {
  constexpr uint64_t kWorthIt = 1 << 20;
  auto found = std::lower_bound(
      impl->blocks.begin(), impl->blocks.end(), key,
      [](const IndexedBlock &block, absl::string_view wanted) { return block.last < wanted; });
  if (found == impl->blocks.end() || found->handle.size < kWorthIt)
    return std::nullopt;
  const BlockHandle &block = found->handle;
  char trailer[kTrailerSize];
  if (auto status = impl->files->read(impl->path, block.offset + block.size, trailer); !status.ok())
    return status;
  if (trailer[0] != kNone)
    return std::nullopt;
  uint32_t crc;
  std::memcpy(&crc, trailer + 1, sizeof crc);
  auto source = ByteSource::ofFile(*impl->files, impl->path);
  if (!source.ok())
    return source.status();
  auto place = findEntry(*source, block.offset, block.offset + block.size, key);
  if (place.ok() && *place)
    (*place)->block = {impl->path, block.offset, block.size + 1, crc};
  return place;
}

} // namespace firn
