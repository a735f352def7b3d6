// What the families' host-side tilings share: the machine that they plan for. None of it depends on
// the machine that compiles or runs: a module gives the same bits everywhere at one level.
#pragma once

#include <algorithm>
#include <cstdint>

namespace firn::kernels {

/// A value of the grid or of an argument.
inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Rows of the highest register tile of dot kernels.
inline int64_t highestTile(int level) { return level == 4 ? 14 : 6; }

/// Height of equal tiles that cover so many rows: ceil(rows / height) tiles have this or one less.
inline int64_t tileHeight(int level, int64_t rows) {
  return ceilDiv(rows, ceilDiv(rows, highestTile(level)));
}

/// Multiply-adds that make a workgroup worth a thread's while: 50 µs or more at a core's usual
/// speed, against some µs that it costs to hand it over.
inline int64_t worthwhileWork(int level) { return level == 4 ? 4 << 20 : 5 << 19; }

/// Bytes of an operand that stay in L2 while the others stream past.
inline int64_t residentBytes(int level) { return level == 4 ? 448 << 10 : 160 << 10; }

/// Bytes of an operand that pass by another one which stays in L2.
inline int64_t passingBytes(int level) { return level == 4 ? 64 << 10 : 32 << 10; }

/// So many parts that none has more than `most` items: items of a part, as equal as may be.
inline int64_t evenPart(int64_t items, int64_t most) {
  return ceilDiv(items, ceilDiv(items, std::clamp<int64_t>(most, 1, items)));
}

} // namespace firn::kernels
