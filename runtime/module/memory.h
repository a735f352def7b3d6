// Memory without the C++ library: what the runtime allocates is checked, never thrown about.
#pragma once

#include <new>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

namespace firn::runtime {

/// What every buffer begins at a multiple of, and how many readable bytes follow it.
constexpr uint64_t kAlignment = 64;

/// No size that a module or a caller names may be larger: sums of a few never overflow.
constexpr int64_t kLargestSize = int64_t(1) << 46;

inline uint64_t alignUp(uint64_t size, uint64_t alignment) {
  return (size + alignment - 1) & ~(alignment - 1);
}

/// A fixed number of zeroed elements of a plain type. Null until allocated.
template <class T> class Array {
public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  ~Array() { free(elements); }

  /// Drops what it held. False where memory lacks.
  bool allocate(size_t size) {
    free(elements);
    elements = static_cast<T *>(calloc(size ? size : 1, sizeof(T)));
    count = elements ? size : 0;
    return elements != nullptr;
  }
  size_t size() const { return count; }
  T *data() { return elements; }
  const T *data() const { return elements; }
  T &operator[](size_t index) { return elements[index]; }
  const T &operator[](size_t index) const { return elements[index]; }
  T *begin() { return elements; }
  T *end() { return elements + count; }
  const T *begin() const { return elements; }
  const T *end() const { return elements + count; }

private:
  T *elements = nullptr;
  size_t count = 0;
};

/// Bytes for tensors: aligned, at least `kAlignment` readable bytes behind, contents undefined.
class Block {
public:
  Block() = default;
  Block(const Block &) = delete;
  Block &operator=(const Block &) = delete;
  ~Block() { free(bytes); }

  /// Keeps what it has where that is enough. False where memory lacks; it is empty then.
  bool reserve(uint64_t size);
  unsigned char *data() const { return bytes; }
  uint64_t capacity() const { return reserved; }

private:
  unsigned char *bytes = nullptr;
  uint64_t reserved = 0;
};

/// `new` and `delete`, with null where memory lacks.
template <class T> T *create() {
  void *memory = aligned_alloc(alignof(T) < 16 ? 16 : alignof(T), alignUp(sizeof(T), 64));
  return memory ? new (memory) T() : nullptr;
}
template <class T> void destroy(T *object) {
  if (!object)
    return;
  object->~T();
  free(object);
}

} // namespace firn::runtime
