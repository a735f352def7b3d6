// What LLVM may call even where no source does. Compiled with -fno-builtin, so that the loops below
// do not become calls of themselves.
#include <stddef.h>
#include <stdint.h>

namespace {

/// Sixteen bytes, at any address, of any type.
typedef uint64_t Block __attribute__((vector_size(16), aligned(1), may_alias));

} // namespace

extern "C" {

void *memmove(void *to, const void *from, size_t size) {
  char *t = static_cast<char *>(to);
  const char *f = static_cast<const char *>(from);
  // Unsigned: true where `to` lies before `from` or behind its end, that is where going up is safe.
  if (uintptr_t(t) - uintptr_t(f) >= size) {
    for (; size >= sizeof(Block); size -= sizeof(Block), t += sizeof(Block), f += sizeof(Block))
      *reinterpret_cast<Block *>(t) = *reinterpret_cast<const Block *>(f);
    for (; size; --size)
      *t++ = *f++;
    return to;
  }
  while (size >= sizeof(Block)) {
    size -= sizeof(Block);
    *reinterpret_cast<Block *>(t + size) = *reinterpret_cast<const Block *>(f + size);
  }
  for (; size; --size)
    t[size - 1] = f[size - 1];
  return to;
}

void *memcpy(void *to, const void *from, size_t size) { return memmove(to, from, size); }

void *memset(void *to, int value, size_t size) {
  char *t = static_cast<char *>(to);
  const uint64_t word = uint8_t(value) * 0x0101010101010101ull;
  for (; size >= sizeof(Block); size -= sizeof(Block), t += sizeof(Block))
    *reinterpret_cast<Block *>(t) = Block{word, word};
  for (; size; --size)
    *t++ = char(value);
  return to;
}

int memcmp(const void *a, const void *b, size_t size) {
  const uint8_t *x = static_cast<const uint8_t *>(a);
  const uint8_t *y = static_cast<const uint8_t *>(b);
  for (; size; --size, ++x, ++y)
    if (*x != *y)
      return *x < *y ? -1 : 1;
  return 0;
}
}
