// Indices of sparse tensors: put in order, merged, dealt out to rows.
#pragma once

#include "runtime/kernels/plain/element.h"
#include "runtime/kernels/plain/plain.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Which of two indices comes first: negative, 0 or positive.
FIRN_INLINE int compareIndices(const int64_t *a, const int64_t *b, int64_t rank) {
  for (int64_t axis = 0; axis < rank; ++axis)
    if (a[axis] != b[axis])
      return a[axis] < b[axis] ? -1 : 1;
  return 0;
}

/// Runs [first, middle) and [middle, end) of `from`, each in order, as one in `to`.
FIRN_INLINE void mergeRuns(const int64_t *indices, int64_t rank, const int64_t *from, int64_t *to,
                           int64_t first, int64_t middle, int64_t end) {
  int64_t left = first, right = middle;
  for (int64_t at = first; at < end; ++at) {
    bool isLeft =
        right == end || (left < middle && compareIndices(indices + from[left] * rank,
                                                         indices + from[right] * rank, rank) <= 0);
    to[at] = isLeft ? from[left++] : from[right++];
  }
}

// Runs of 1, 2, 4 … are merged from one list into the other, and back.
FIRN_INLINE uint32_t sparseOrder(const firn_workgroup *group, const firn_sparse_args *args) {
  const int64_t *indices = bufferOf<const int64_t>(group, 0);
  int64_t *order = bufferOf<int64_t>(group, 1), *from = order, *to = bufferOf<int64_t>(group, 2);
  int64_t count = args->count;
  for (int64_t i = 0; i < count; ++i)
    from[i] = i;
  for (int64_t run = 1; run < count; run *= 2) {
    for (int64_t first = 0; first < count; first += 2 * run) {
      int64_t middle = first + run < count ? first + run : count;
      int64_t end = middle + run < count ? middle + run : count;
      mergeRuns(indices, args->rank, from, to, first, middle, end);
    }
    int64_t *next = from;
    from = to;
    to = next;
  }
  if (from != order)
    for (int64_t i = 0; i < count; ++i)
      order[i] = from[i];
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE uint32_t sparseGroups(const firn_workgroup *group, const firn_sparse_args *args) {
  const int64_t *indices = bufferOf<const int64_t>(group, 0);
  const int64_t *order = bufferOf<const int64_t>(group, 1);
  int64_t *groups = bufferOf<int64_t>(group, 2), rank = args->rank, number = 0;
  for (int64_t i = 0; i < args->count; ++i) {
    const int64_t *index = indices + order[i] * rank;
    if (i > 0 && compareIndices(indices + order[i - 1] * rank, index, rank - 1) != 0)
      ++number;
    groups[order[i]] = number;
  }
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE uint32_t sparseMerge(const firn_workgroup *group, const firn_sparse_merge_args *args) {
  const int64_t *a = bufferOf<const int64_t>(group, 0), *b = bufferOf<const int64_t>(group, 1);
  int64_t *left = bufferOf<int64_t>(group, 2), *right = bufferOf<int64_t>(group, 3);
  int64_t rank = args->rank, i = 0, j = 0, number = 0;
  while (i < args->left || j < args->right) {
    int order = i == args->left    ? 1
                : j == args->right ? -1
                                   : compareIndices(a + i * rank, b + j * rank, rank);
    left[number] = order <= 0 ? i++ : -1;
    right[number] = order >= 0 ? j++ : -1;
    ++number;
  }
  *bufferOf<int64_t>(group, 4) = number;
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE uint32_t sparseRows(const firn_workgroup *group, const firn_sparse_rows_args *args) {
  const int64_t *indices = bufferOf<const int64_t>(group, 0);
  int64_t *numbers = bufferOf<int64_t>(group, 1), *places = bufferOf<int64_t>(group, 2);
  int8_t *isEmpty = bufferOf<int8_t>(group, 3);
  int64_t *next = bufferOf<int64_t>(group, 5), at = 0; // where the row's next entry goes
  for (int64_t row = 0; row < args->rows; ++row)
    next[row] = 0;
  for (int64_t i = 0; i < args->count; ++i) {
    int64_t row = indices[i * args->rank];
    if (row < 0 || row >= args->rows)
      return FIRN_DISPATCH_INDEX_RANGE;
    ++next[row];
  }
  for (int64_t row = 0; row < args->rows; ++row) {
    int64_t count = next[row];
    next[row] = at;
    isEmpty[row] = count == 0;
    if (count == 0)
      numbers[at] = -1 - row;
    at += count > 0 ? count : 1;
  }
  for (int64_t i = 0; i < args->count; ++i) {
    places[i] = next[indices[i * args->rank]]++;
    numbers[places[i]] = i;
  }
  *bufferOf<int64_t>(group, 4) = at;
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
