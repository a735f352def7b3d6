// Boxes of tensors: counting, cutting and copying them. Internal to compiler/formats.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "compiler/formats/checkpoint.h"

namespace firn {

/// Product of the dimensions; nothing for a negative dimension or a product beyond int64.
std::optional<int64_t> elementCount(const std::vector<int64_t> &shape);

/// Whether `slice` has the rank of `shape` and lies inside of it.
bool liesInside(const TensorSlice &slice, const std::vector<int64_t> &shape);

/// The common part of two slices of one tensor; nothing where it is empty.
std::optional<TensorSlice> intersection(const TensorSlice &a, const TensorSlice &b);

/// Where the first element of `part` lies in the row-major elements of `whole`, which contains it.
int64_t offsetIn(const TensorSlice &whole, const TensorSlice &part);

/// Whether the elements of `part` are one run in the row-major elements of `whole`.
bool isOneRun(const TensorSlice &whole, const TensorSlice &part);

/// Walks `part`, which `to` and `from` both contain, in runs that lie together in both: element
/// offsets in each, and the count.
using Run = std::function<void(int64_t toOffset, int64_t fromOffset, int64_t count)>;
void forEachRun(const TensorSlice &part, const TensorSlice &to, const TensorSlice &from,
                const Run &run);

/// The first two of `slices` that overlap, by index.
std::optional<std::pair<size_t, size_t>> findOverlap(const std::vector<TensorSlice> &slices);

} // namespace firn
