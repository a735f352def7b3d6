// The top-k kernels, see topk.h.
#pragma once

#include "runtime/kernels/common/level.h"
#include "runtime/kernels/topk/topk.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Places of a row's elements as a binary heap with the worst of them in front: elements 0 … k - 1
/// lie in the result, one more beside it. All steps are those of std::make_heap and its like.
template <class T, class Index> struct TopkHeap {
  const T *row;
  Index *places;
  int64_t k;
  Index extra = 0;

  FIRN_INLINE Index &at(int64_t i) { return i < k ? places[i] : extra; }

  /// Whether element `a` comes before `b` in the result. In the heap it lies below it.
  FIRN_INLINE bool better(Index a, Index b) const {
    return row[b] < row[a] || (!(row[a] < row[b]) && a < b);
  }

  /// Lets `place` rise from position `hole`, at most to `top`.
  FIRN_INLINE void rise(int64_t hole, int64_t top, Index place) {
    int64_t parent = (hole - 1) / 2;
    while (hole > top && better(at(parent), place)) {
      at(hole) = at(parent);
      hole = parent;
      parent = (hole - 1) / 2;
    }
    at(hole) = place;
  }

  /// Fills `hole` from below, in a heap of `size`, and puts `place` where it belongs.
  FIRN_INLINE void sink(int64_t hole, int64_t size, Index place) {
    const int64_t top = hole;
    int64_t child = hole;
    while (child < (size - 1) / 2) {
      child = 2 * (child + 1);
      if (better(at(child), at(child - 1)))
        --child;
      at(hole) = at(child);
      hole = child;
    }
    if (size % 2 == 0 && child == (size - 2) / 2) {
      child = 2 * (child + 1);
      at(hole) = at(child - 1);
      hole = child - 1;
    }
    rise(hole, top, place);
  }

  FIRN_INLINE void make(int64_t size) {
    for (int64_t parent = (size - 2) / 2; parent >= 0 && size > 1; --parent)
      sink(parent, size, at(parent));
  }

  /// Moves the front to position `last`, the heap's end, and `last` into the heap.
  FIRN_INLINE void pop(int64_t last) {
    const Index place = at(last);
    at(last) = at(0);
    if (last > 0)
      sink(0, last, place);
  }

  FIRN_INLINE void sort() {
    for (int64_t last = k - 1; last > 0; --last)
      pop(last);
  }
};

/// The first place from `from` on whose element is larger than `limit`, or `columns`. Looks at
/// blocks: the loop over one vectorises.
template <class T>
FIRN_INLINE int64_t nextLarger(const T *row, int64_t from, int64_t columns, T limit) {
  constexpr int64_t kBlock = 64;
  for (; from + kBlock <= columns; from += kBlock) {
    int larger = 0;
    for (int64_t i = 0; i < kBlock; ++i)
      larger |= limit < row[from + i];
    if (larger)
      break;
  }
  while (from < columns && !(limit < row[from]))
    ++from;
  return from;
}

template <class T, class Index>
FIRN_INLINE void topkRow(const firn_topk_args *args, const T *row, T *values, Index *places) {
  const int64_t k = args->k, columns = args->columns;
  TopkHeap<T, Index> heap{row, places, k};
  for (int64_t i = 0; i <= k && i < columns; ++i)
    heap.at(i) = Index(i);
  if (k == columns) {
    heap.make(k);
    heap.sort();
  } else if (k > 0) {
    heap.make(k + 1);
    heap.pop(k);
    for (int64_t next = k + 1;; ++next) {
      next = nextLarger(row, next, columns, row[places[0]]);
      if (next >= columns)
        break;
      heap.pop(k - 1);
      heap.rise(k - 1, 0, Index(next));
    }
    if (args->sorted)
      heap.sort();
  }
  for (int64_t i = 0; i < k; ++i)
    values[i] = row[places[i]];
}

/// A workgroup.
template <class T>
FIRN_INLINE uint32_t topk(const firn_workgroup *group, const firn_topk_args *args) {
  const int64_t begin = group->x * args->rows, k = args->k;
  const int64_t end = begin + args->rows < args->count ? begin + args->rows : args->count;
  for (int64_t row = begin; row < end; ++row) {
    const T *elements = static_cast<const T *>(group->buffers[0]) + row * args->columns;
    T *values = static_cast<T *>(group->buffers[1]) + row * k;
    if (args->index_bytes == 8)
      topkRow(args, elements, values, static_cast<int64_t *>(group->buffers[2]) + row * k);
    else
      topkRow(args, elements, values, static_cast<int32_t *>(group->buffers[2]) + row * k);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
