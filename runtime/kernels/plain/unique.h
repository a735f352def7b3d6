// Elements that are equal, elements that are not there, elements that are not zero.
#pragma once

#include "runtime/kernels/plain/element.h"
#include "runtime/kernels/plain/plain.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Equal numbers have equal bits, zeros of both signs too.
template <typename T> FIRN_INLINE uint64_t bitsOf(T x) {
  if (x == T(0))
    return 0;
  if constexpr (sizeof(T) == 8)
    return __builtin_bit_cast(uint64_t, x);
  else
    return __builtin_bit_cast(uint32_t, x);
}

/// A table of rows by their elements. It has room for twice as many as come in, and one.
template <typename T> struct RowTable {
  int64_t *slots; // a row, or -1
  int64_t room;
  const T *rows;
  int64_t each;

  FIRN_INLINE void clear() const {
    for (int64_t i = 0; i < room; ++i)
      slots[i] = -1;
  }
  FIRN_INLINE bool equal(int64_t row, const T *other) const {
    for (int64_t i = 0; i < each; ++i)
      if (!(rows[row * each + i] == other[i]))
        return false;
    return true;
  }
  /// The slot that holds a row like `row`, or else the free one for it. NaN is like nothing.
  FIRN_INLINE int64_t *slotOf(const T *row) const {
    uint64_t hash = 0;
    for (int64_t i = 0; i < each; ++i) {
      hash = (hash ^ bitsOf(row[i])) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 32;
    }
    int64_t at = static_cast<int64_t>(hash % static_cast<uint64_t>(room));
    while (slots[at] >= 0 && !equal(slots[at], row))
      at = at + 1 == room ? 0 : at + 1;
    return slots + at;
  }
};

template <typename T>
FIRN_INLINE uint32_t unique(const firn_workgroup *group, const firn_unique_args *args) {
  int64_t count = args->count, each = args->each, number = 0;
  const T *x = bufferOf<const T>(group, 0);
  T *rows = bufferOf<T>(group, 1);
  int64_t *ids = bufferOf<int64_t>(group, 2), *counts = bufferOf<int64_t>(group, 3);
  RowTable<T> table{bufferOf<int64_t>(group, 5), 2 * count + 1, rows, each};
  table.clear();
  for (int64_t row = 0; row < count; ++row, x += each) {
    int64_t *slot = table.slotOf(x);
    if (*slot < 0) {
      *slot = number;
      counts[number] = 0;
      for (int64_t i = 0; i < each; ++i)
        rows[number * each + i] = x[i];
      ++number;
    }
    ids[row] = *slot;
    ++counts[*slot];
  }
  *bufferOf<int64_t>(group, 4) = number;
  return FIRN_DISPATCH_OK;
}

template <typename T>
FIRN_INLINE uint32_t listDiff(const firn_workgroup *group, const firn_list_diff_args *args) {
  const T *x = bufferOf<const T>(group, 0), *others = bufferOf<const T>(group, 1);
  T *left = bufferOf<T>(group, 2);
  int64_t *places = bufferOf<int64_t>(group, 3), number = 0;
  RowTable<T> table{bufferOf<int64_t>(group, 5), 2 * args->others + 1, others, 1};
  table.clear();
  for (int64_t i = 0; i < args->others; ++i)
    *table.slotOf(others + i) = i;
  for (int64_t i = 0; i < args->count; ++i)
    if (*table.slotOf(x + i) < 0) {
      left[number] = x[i];
      places[number++] = i;
    }
  *bufferOf<int64_t>(group, 4) = number;
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE uint32_t where(const firn_workgroup *group, const firn_where_args *args) {
  const int8_t *x = bufferOf<const int8_t>(group, 0);
  int64_t *places = bufferOf<int64_t>(group, 1), number = 0;
  for (int64_t i = 0; i < args->count; ++i)
    if (x[i])
      places[number++] = i;
  *bufferOf<int64_t>(group, 2) = number;
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
