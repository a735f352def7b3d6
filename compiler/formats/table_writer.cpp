#include "compiler/formats/table_writer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/formats/crc32c.h"

namespace firn {
namespace {

constexpr size_t kBlockSize = 256 << 10;
constexpr uint32_t kRestartInterval = 16;
constexpr size_t kFooterHandles = 40;
constexpr uint64_t kMagic = 0xdb4775248b80fb57;

void putFixed(std::string &out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out.push_back(static_cast<char>(value >> 8 * i));
}

void putVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

std::string handle(uint64_t offset, uint64_t size) {
  std::string out;
  putVarint(out, offset);
  putVarint(out, size);
  return out;
}

/// An entry of a block: how much of the key is that of the entry before, the rest, the value.
void putEntry(std::string &out, size_t shared, absl::string_view key, uint64_t valueSize) {
  putVarint(out, shared);
  putVarint(out, key.size() - shared);
  putVarint(out, valueSize);
  key.remove_prefix(shared);
  absl::StrAppend(&out, key);
}

std::string restartText(std::vector<uint32_t> restarts) {
  if (restarts.empty())
    restarts.push_back(0);
  std::string out;
  for (const uint32_t restart : restarts)
    putFixed(out, restart, 4);
  putFixed(out, restarts.size(), 4);
  return out;
}

} // namespace

absl::Status TableWriter::write(absl::string_view bytes) {
  crc = crc32cExtend(crc, bytes.data(), bytes.size());
  offset += bytes.size();
  return file.append(bytes);
}

// The trailer: how the block is compressed, and its checksum.
absl::Status TableWriter::endBlock() {
  std::string trailer(1, '\0');
  crc = crc32cExtend(crc, trailer.data(), trailer.size());
  putFixed(trailer, maskCrc32c(crc), 4);
  crc = 0;
  offset += trailer.size();
  return file.append(trailer);
}

absl::Status TableWriter::flushBlock() {
  if (entries == 0)
    return absl::OkStatus();
  blockStart = offset;
  indexRestarts.push_back(static_cast<uint32_t>(index.size()));
  block += restartText(restarts);
  const std::string where = handle(offset, block.size());
  putEntry(index, 0, lastKey, where.size());
  index += where;
  absl::Status status = write(block);
  status.Update(endBlock());
  block.clear();
  restarts.clear();
  entries = 0;
  return status;
}

absl::Status TableWriter::add(absl::string_view key, absl::string_view value) {
  size_t shared = 0;
  if (entries % kRestartInterval == 0)
    restarts.push_back(static_cast<uint32_t>(block.size()));
  else
    shared = std::mismatch(key.begin(), key.begin() + std::min(key.size(), lastKey.size()),
                           lastKey.begin())
                 .first -
             key.begin();
  putEntry(block, shared, key, value.size());
  absl::StrAppend(&block, value);
  lastKey = std::string(key);
  ++entries;
  return block.size() < kBlockSize ? absl::OkStatus() : flushBlock();
}

absl::Status TableWriter::beginValue(absl::string_view key, uint64_t size) {
  absl::Status status = flushBlock();
  lastKey = std::string(key);
  blockStart = offset;
  std::string head;
  putEntry(head, 0, key, size);
  status.Update(write(head));
  return status;
}

absl::Status TableWriter::appendValue(absl::string_view bytes) { return write(bytes); }

absl::Status TableWriter::endValue() {
  absl::Status status = write(restartText({}));
  indexRestarts.push_back(static_cast<uint32_t>(index.size()));
  const std::string where = handle(blockStart, offset - blockStart);
  putEntry(index, 0, lastKey, where.size());
  index += where;
  status.Update(endBlock());
  return status;
}

absl::Status TableWriter::finish() {
  absl::Status status = flushBlock();
  const uint64_t meta = offset;
  const std::string none = restartText({});
  status.Update(write(none));
  status.Update(endBlock());
  const uint64_t indexStart = offset;
  index += restartText(indexRestarts);
  status.Update(write(index));
  status.Update(endBlock());
  std::string footer = handle(meta, none.size()) + handle(indexStart, index.size());
  footer.resize(kFooterHandles);
  putFixed(footer, kMagic, 8);
  status.Update(file.append(footer));
  return status;
}

} // namespace firn
