// CRC-32C (Castagnoli), with the mask that leveldb tables and tensor bundles store it under.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace firn {

/// The checksum of the bytes that `crc` covers followed by `size` bytes at `data`. Start with 0.
uint32_t crc32cExtend(uint32_t crc, const void *data, size_t size);

inline uint32_t crc32c(absl::string_view bytes) {
  return crc32cExtend(0, bytes.data(), bytes.size());
}

/// What is stored: a checksum over bytes that hold checksums themselves would be weak.
inline uint32_t maskCrc32c(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }
inline uint32_t unmaskCrc32c(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

/// As `crc32cExtend` without the processor's instruction; for tests.
uint32_t crc32cExtendPortable(uint32_t crc, const void *data, size_t size);

} // namespace firn
