// CRC-32C as leveldb tables and tensor bundles store it: over strings, and under a mask.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "runtime/module/crc32c.h"

namespace firn {

inline uint32_t crc32c(absl::string_view bytes) {
  return crc32cExtend(0, bytes.data(), bytes.size());
}

/// What is stored: a checksum over bytes that hold checksums themselves would be weak.
inline uint32_t maskCrc32c(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }
inline uint32_t unmaskCrc32c(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

} // namespace firn
