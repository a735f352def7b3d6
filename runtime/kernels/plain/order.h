// The largest of a row, an element by its place in order, boxes by their scores: heaps of places.
#pragma once

#include "runtime/kernels/plain/element.h"
#include "runtime/kernels/plain/plain.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// A binary heap of places. `before(a, b)`: a comes out after b; the top comes out first.
template <typename Before> struct Heap {
  int32_t *items;
  Before before;

  /// Fills the hole at `at` with `item`, as the heap's first `count` items are ordered: the hole
  /// sinks to a leaf, and the item rises from there to its place, at `top` at most.
  FIRN_INLINE void fill(int64_t at, int64_t count, int64_t top, int32_t item) {
    for (int64_t child = 2 * at + 2; child <= count; child = 2 * at + 2) {
      if (child == count || before(items[child], items[child - 1]))
        --child;
      items[at] = items[child];
      at = child;
    }
    rise(at, top, item);
  }
  FIRN_INLINE void rise(int64_t at, int64_t top, int32_t item) {
    for (int64_t parent = (at - 1) / 2; at > top && before(items[parent], item);
         parent = (at - 1) / 2) {
      items[at] = items[parent];
      at = parent;
    }
    items[at] = item;
  }
  FIRN_INLINE void make(int64_t count) {
    for (int64_t at = count / 2; at-- > 0;)
      fill(at, count, at, items[at]);
  }
  /// Moves the top behind the others, of which there are `count` with it.
  FIRN_INLINE void pop(int64_t count) {
    int32_t last = items[count - 1];
    items[count - 1] = items[0];
    if (count > 1)
      fill(0, count - 1, 0, last);
  }
  /// Takes up the last of `count` items.
  FIRN_INLINE void push(int64_t count) { rise(count - 1, 0, items[count - 1]); }
  FIRN_INLINE void sort(int64_t count) {
    for (; count > 1; --count)
      pop(count);
  }
};
template <typename Before> Heap(int32_t *, Before) -> Heap<Before>;

template <typename T>
FIRN_INLINE uint32_t topk(const firn_workgroup *group, const firn_topk_args *args) {
  int64_t width = args->width, k = args->k;
  if (k > width)
    return FIRN_DISPATCH_SHAPE;
  int32_t *items = bufferOf<int32_t>(group, 3);
  for (int64_t row = 0; row < args->rows; ++row) {
    const T *x = bufferOf<const T>(group, 0) + row * width;
    // The worst is on top.
    Heap heap{items, [x](int32_t a, int32_t b)
                         FIRN_INLINED { return x[b] < x[a] || (!(x[a] < x[b]) && a < b); }};
    int64_t held = k < width ? k + 1 : k;
    for (int64_t i = 0; i < held; ++i)
      items[i] = static_cast<int32_t>(i);
    heap.make(held);
    if (k < width && k > 0)
      heap.pop(held);
    for (int64_t next = k + 1; k > 0 && next < width; ++next) {
      if (!heap.before(static_cast<int32_t>(next), items[0]))
        continue;
      heap.pop(k);
      items[k - 1] = static_cast<int32_t>(next);
      heap.push(k);
    }
    if (args->sorted || k == width)
      heap.sort(k);
    for (int64_t i = 0; i < k; ++i) {
      bufferOf<T>(group, 1)[row * k + i] = x[items[i]];
      bufferOf<int32_t>(group, 2)[row * k + i] = items[i];
    }
  }
  return FIRN_DISPATCH_OK;
}

/// Halves the range in which the element at `place` is, by elements below, at and above a pivot.
template <typename T> FIRN_INLINE T selectPlace(T *row, int64_t width, int64_t place) {
  int64_t begin = 0, end = width;
  while (end - begin > 1) {
    T pivot = row[begin + (end - begin) / 2];
    int64_t below = begin, at = begin, above = end;
    while (at < above) {
      T element = row[at];
      if (element < pivot) {
        row[at++] = row[below];
        row[below++] = element;
      } else if (pivot < element) {
        row[at] = row[--above];
        row[above] = element;
      } else {
        ++at;
      }
    }
    if (place < below)
      end = below;
    else if (place >= above)
      begin = above;
    else
      return row[place];
  }
  return row[begin];
}

template <typename T>
FIRN_INLINE uint32_t nth(const firn_workgroup *group, const firn_nth_args *args) {
  if (args->place < 0 || args->place >= args->width)
    return FIRN_DISPATCH_SHAPE;
  T *copy = bufferOf<T>(group, 2);
  for (int64_t row = 0; row < args->rows; ++row) {
    const T *x = bufferOf<const T>(group, 0) + row * args->width;
    for (int64_t i = 0; i < args->width; ++i)
      copy[i] = x[i];
    bufferOf<T>(group, 1)[row] = selectPlace(copy, args->width, args->place);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
