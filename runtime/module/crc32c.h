// CRC-32C (Castagnoli).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace firn {

/// The checksum of the bytes that `crc` covers followed by `size` bytes at `data`. Start with 0.
uint32_t crc32cExtend(uint32_t crc, const void *data, size_t size);

/// The same without the processor's instruction; for tests.
uint32_t crc32cExtendPortable(uint32_t crc, const void *data, size_t size);

} // namespace firn
