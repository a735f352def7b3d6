#include "runtime/module/crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>
#endif

namespace firn {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78u; // reflected

struct SliceTables {
  uint32_t row[8][256];
};

/// Tables for eight bytes at a step: row k is the effect of a byte that k more bytes follow.
constexpr SliceTables makeSliceTables() {
  SliceTables tables{};
  for (uint32_t n = 0; n < 256; ++n) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) ? kPolynomial : 0);
    tables.row[0][n] = crc;
  }
  for (uint32_t n = 0; n < 256; ++n)
    for (int k = 1; k < 8; ++k)
      tables.row[k][n] = (tables.row[k - 1][n] >> 8) ^ tables.row[0][tables.row[k - 1][n] & 0xff];
  return tables;
}
constexpr SliceTables kSlices = makeSliceTables();

uint32_t extendByTables(uint32_t crc, const unsigned char *p, size_t size) {
  const auto &row = kSlices.row;
  for (; size >= 8; p += 8, size -= 8) {
    uint32_t low = p[0] | p[1] << 8 | p[2] << 16 | uint32_t(p[3]) << 24;
    low ^= crc;
    crc = row[7][low & 0xff] ^ row[6][(low >> 8) & 0xff] ^ row[5][(low >> 16) & 0xff] ^
          row[4][low >> 24] ^ row[3][p[4]] ^ row[2][p[5]] ^ row[1][p[6]] ^ row[0][p[7]];
  }
  for (; size > 0; ++p, --size)
    crc = (crc >> 8) ^ row[0][(crc ^ *p) & 0xff];
  return crc;
}

#if defined(__x86_64__)

// The crc32 instruction takes three cycles and one can start in each: three lanes of this many
// bytes run side by side and are joined by the effect of the zeros that would follow each.
constexpr size_t kLaneBits = 12;
constexpr size_t kLane = 1 << kLaneBits;

/// What a number of zero bytes does to a register. The map is linear: the effect of each bit.
struct ZerosMap {
  uint32_t ofBit[32];
  constexpr uint32_t apply(uint32_t crc) const {
    uint32_t result = 0;
    for (int bit = 0; bit < 32; ++bit)
      result ^= (crc >> bit & 1) ? ofBit[bit] : 0;
    return result;
  }
};

struct LaneTable {
  uint32_t row[4][256]; // one for each byte of the register
};

constexpr LaneTable makeLaneTable() {
  ZerosMap map{};
  for (int bit = 0; bit < 32; ++bit) {
    const uint32_t crc = 1u << bit;
    map.ofBit[bit] = (crc >> 8) ^ kSlices.row[0][crc & 0xff];
  }
  for (size_t doubling = 0; doubling < kLaneBits; ++doubling) {
    ZerosMap twice{};
    for (int bit = 0; bit < 32; ++bit)
      twice.ofBit[bit] = map.apply(map.ofBit[bit]);
    map = twice;
  }
  LaneTable table{};
  for (int byte = 0; byte < 4; ++byte)
    for (uint32_t n = 0; n < 256; ++n)
      table.row[byte][n] = map.apply(n << 8 * byte);
  return table;
}
constexpr LaneTable kLaneShift = makeLaneTable();

uint32_t shiftByLane(uint32_t crc) {
  const auto &row = kLaneShift.row;
  return row[0][crc & 0xff] ^ row[1][(crc >> 8) & 0xff] ^ row[2][(crc >> 16) & 0xff] ^
         row[3][crc >> 24];
}

uint64_t loadWord(const unsigned char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) uint32_t extendByInstruction(uint32_t crc, const unsigned char *p,
                                                               size_t size) {
  uint64_t a = crc;
  for (; size >= 3 * kLane; p += 3 * kLane, size -= 3 * kLane) {
    uint64_t b = 0, c = 0;
    for (size_t i = 0; i < kLane; i += 8) {
      a = _mm_crc32_u64(a, loadWord(p + i));
      b = _mm_crc32_u64(b, loadWord(p + kLane + i));
      c = _mm_crc32_u64(c, loadWord(p + 2 * kLane + i));
    }
    a = shiftByLane(shiftByLane(uint32_t(a)) ^ uint32_t(b)) ^ c;
  }
  for (; size >= 8; p += 8, size -= 8)
    a = _mm_crc32_u64(a, loadWord(p));
  crc = uint32_t(a);
  for (; size > 0; ++p, --size)
    crc = _mm_crc32_u8(crc, *p);
  return crc;
}

bool hasInstruction() {
  unsigned a, b, c = 0, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2);
}

#endif

} // namespace

uint32_t crc32cExtendPortable(uint32_t crc, const void *data, size_t size) {
  return ~extendByTables(~crc, static_cast<const unsigned char *>(data), size);
}

uint32_t crc32cExtend(uint32_t crc, const void *data, size_t size) {
#if defined(__x86_64__)
  // Asking takes a while (a hypervisor answers); the answer never changes.
  static int known = -1;
  int instruction = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (instruction < 0)
    __atomic_store_n(&known, instruction = hasInstruction(), __ATOMIC_RELAXED);
  if (instruction)
    return ~extendByInstruction(~crc, static_cast<const unsigned char *>(data), size);
#endif
  return crc32cExtendPortable(crc, data, size);
}

} // namespace firn
