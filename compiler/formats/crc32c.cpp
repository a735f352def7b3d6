#include "compiler/formats/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace firn {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78u; // reflected

using ByteTable = std::array<uint32_t, 256>;
using WordTable = std::array<ByteTable, 4>;

/// Tables for eight bytes at a step: row k is the effect of a byte that k more bytes follow.
constexpr std::array<ByteTable, 8> makeSliceTables() {
  std::array<ByteTable, 8> tables{};
  for (uint32_t n = 0; n < 256; ++n) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) ? kPolynomial : 0);
    tables[0][n] = crc;
  }
  for (uint32_t n = 0; n < 256; ++n)
    for (size_t k = 1; k < 8; ++k)
      tables[k][n] = (tables[k - 1][n] >> 8) ^ tables[0][tables[k - 1][n] & 0xff];
  return tables;
}
constexpr std::array<ByteTable, 8> kSlices = makeSliceTables();

uint32_t stepByte(uint32_t crc, unsigned char byte) {
  return (crc >> 8) ^ kSlices[0][(crc ^ byte) & 0xff];
}

uint32_t extendByTables(uint32_t crc, const unsigned char *p, size_t size) {
  for (; size >= 8; p += 8, size -= 8) {
    uint32_t low = p[0] | p[1] << 8 | p[2] << 16 | uint32_t(p[3]) << 24;
    low ^= crc;
    crc = kSlices[7][low & 0xff] ^ kSlices[6][(low >> 8) & 0xff] ^ kSlices[5][(low >> 16) & 0xff] ^
          kSlices[4][low >> 24] ^ kSlices[3][p[4]] ^ kSlices[2][p[5]] ^ kSlices[1][p[6]] ^
          kSlices[0][p[7]];
  }
  for (; size > 0; ++p, --size)
    crc = stepByte(crc, *p);
  return crc;
}

#if defined(__x86_64__)

// The crc32 instruction takes three cycles and one can start in each: three lanes of this many
// bytes run side by side and are joined by the effect of the zeros that would follow each.
constexpr size_t kLane = 4096;

/// What `kLane` zero bytes do to a register, a table for each of its bytes (the map is linear).
const WordTable &laneShift() {
  static const WordTable table = [] {
    WordTable result;
    std::array<uint32_t, 32> ofBit;
    for (int bit = 0; bit < 32; ++bit) {
      uint32_t crc = 1u << bit;
      for (size_t i = 0; i < kLane; ++i)
        crc = stepByte(crc, 0);
      ofBit[bit] = crc;
    }
    for (int byte = 0; byte < 4; ++byte)
      for (uint32_t n = 0; n < 256; ++n) {
        uint32_t crc = 0;
        for (int bit = 0; bit < 8; ++bit)
          crc ^= (n >> bit & 1) ? ofBit[8 * byte + bit] : 0;
        result[byte][n] = crc;
      }
    return result;
  }();
  return table;
}

uint32_t shiftByLane(const WordTable &shift, uint32_t crc) {
  return shift[0][crc & 0xff] ^ shift[1][(crc >> 8) & 0xff] ^ shift[2][(crc >> 16) & 0xff] ^
         shift[3][crc >> 24];
}

uint64_t loadWord(const unsigned char *p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) uint32_t extendByInstruction(uint32_t crc, const unsigned char *p,
                                                               size_t size) {
  uint64_t a = crc;
  if (size >= 3 * kLane) {
    const WordTable &shift = laneShift();
    for (; size >= 3 * kLane; p += 3 * kLane, size -= 3 * kLane) {
      uint64_t b = 0, c = 0;
      for (size_t i = 0; i < kLane; i += 8) {
        a = _mm_crc32_u64(a, loadWord(p + i));
        b = _mm_crc32_u64(b, loadWord(p + kLane + i));
        c = _mm_crc32_u64(c, loadWord(p + 2 * kLane + i));
      }
      a = shiftByLane(shift, shiftByLane(shift, uint32_t(a)) ^ uint32_t(b)) ^ c;
    }
  }
  for (; size >= 8; p += 8, size -= 8)
    a = _mm_crc32_u64(a, loadWord(p));
  crc = uint32_t(a);
  for (; size > 0; ++p, --size)
    crc = _mm_crc32_u8(crc, *p);
  return crc;
}

bool hasInstruction() {
  static const bool result = __builtin_cpu_supports("sse4.2");
  return result;
}

#endif

} // namespace

uint32_t crc32cExtendPortable(uint32_t crc, const void *data, size_t size) {
  return ~extendByTables(~crc, static_cast<const unsigned char *>(data), size);
}

uint32_t crc32cExtend(uint32_t crc, const void *data, size_t size) {
#if defined(__x86_64__)
  if (hasInstruction())
    return ~extendByInstruction(~crc, static_cast<const unsigned char *>(data), size);
#endif
  return crc32cExtendPortable(crc, data, size);
}

} // namespace firn
