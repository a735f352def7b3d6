// The records of a ZIP archive: what reading and writing .npz files have in common.
#pragma once

#include <cstdint>
#include <string>

namespace firn::zip {

constexpr uint32_t kLocalHeader = 0x04034b50, kDirectoryEntry = 0x02014b50, kEnd = 0x06054b50,
                   kEnd64 = 0x06064b50, kEnd64Locator = 0x07064b50;
constexpr uint64_t kLocalHeaderSize = 30, kDirectoryEntrySize = 46, kEndSize = 22, kEnd64Size = 56,
                   kEnd64LocatorSize = 20;
constexpr uint16_t kStored = 0, kDeflated = 8;
constexpr uint16_t kEncrypted = 1;
/// Id of the extra field with 64-bit sizes, and what stands in a field for "see there".
constexpr uint16_t kExtra64 = 1;
constexpr uint32_t kSee64 = 0xffffffff;
constexpr uint16_t kSee64Count = 0xffff;

/// An entry as the directory describes it.
struct Entry {
  std::string name;
  uint16_t flags = 0, method = kStored;
  uint32_t crc = 0;
  uint64_t packed = 0, size = 0, offset = 0;
};

} // namespace firn::zip
