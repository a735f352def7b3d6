#include <algorithm>
#include <numeric>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/slice_geometry.h"

namespace firn {
namespace {

absl::Status badSpec(absl::string_view spec, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("shape_and_slice '", spec,
                                                 "': expected dimensions and a slice like "
                                                 "'1000 32 0,250:0,32', got ",
                                                 what));
}

} // namespace

TensorSlice TensorSlice::whole(const std::vector<int64_t> &shape) {
  return {std::vector<int64_t>(shape.size(), 0), shape};
}

absl::StatusOr<std::pair<std::vector<int64_t>, std::optional<TensorSlice>>>
TensorSlice::parseSpec(absl::string_view spec) {
  using Result = std::pair<std::vector<int64_t>, std::optional<TensorSlice>>;
  if (spec.empty())
    return Result();
  std::vector<absl::string_view> words = absl::StrSplit(spec, ' ', absl::SkipEmpty());
  if (words.size() < 2)
    return badSpec(spec, "fewer than two words");
  std::vector<int64_t> shape;
  for (size_t i = 0; i + 1 < words.size(); ++i)
    if (!absl::SimpleAtoi(words[i], &shape.emplace_back()) || shape.back() < 0)
      return badSpec(spec, absl::StrCat("the dimension '", words[i], "'"));
  TensorSlice slice = whole(shape);
  std::vector<absl::string_view> parts = absl::StrSplit(words.back(), ':');
  if (parts.size() != shape.size())
    return badSpec(spec, absl::StrCat(parts.size(), " ranges for ", shape.size(), " dimensions"));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "-")
      continue;
    std::pair<absl::string_view, absl::string_view> range = absl::StrSplit(parts[i], ',');
    if (!absl::SimpleAtoi(range.first, &slice.start[i]) ||
        !absl::SimpleAtoi(range.second, &slice.length[i]))
      return badSpec(spec, absl::StrCat("the range '", parts[i], "'"));
    if (slice.start[i] < 0 || slice.length[i] < 0 || slice.start[i] > shape[i] ||
        slice.length[i] > shape[i] - slice.start[i])
      return badSpec(spec, absl::StrCat("the range '", parts[i], "' in a dimension of ", shape[i]));
  }
  return Result(std::move(shape), std::move(slice));
}

std::string TensorSlice::str(const std::vector<int64_t> &shape) const {
  std::vector<std::string> parts;
  for (size_t i = 0; i < start.size(); ++i)
    parts.push_back(i < shape.size() && start[i] == 0 && length[i] == shape[i]
                        ? "-"
                        : absl::StrCat(start[i], ",", length[i]));
  return absl::StrJoin(parts, ":");
}

std::optional<int64_t> elementCount(const std::vector<int64_t> &shape) {
  int64_t count = 1;
  bool zero = false, good = true;
  for (const int64_t dim : shape) {
    zero |= dim == 0;
    good &= dim >= 0 && !__builtin_mul_overflow(count, std::max<int64_t>(dim, 1), &count);
  }
  if (!good)
    return std::nullopt;
  return zero ? 0 : count;
}

bool liesInside(const TensorSlice &slice, const std::vector<int64_t> &shape) {
  if (slice.start.size() != shape.size() || slice.length.size() != shape.size())
    return false;
  for (size_t i = 0; i < shape.size(); ++i)
    if (slice.start[i] < 0 || slice.length[i] < 0 || slice.start[i] > shape[i] ||
        slice.length[i] > shape[i] - slice.start[i])
      return false;
  return true;
}

std::optional<TensorSlice> intersection(const TensorSlice &a, const TensorSlice &b) {
  TensorSlice common = a;
  for (size_t i = 0; i < a.start.size(); ++i) {
    const int64_t end = std::min(a.start[i] + a.length[i], b.start[i] + b.length[i]);
    common.start[i] = std::max(a.start[i], b.start[i]);
    common.length[i] = end - common.start[i];
    if (common.length[i] <= 0)
      return std::nullopt;
  }
  return common;
}

int64_t offsetIn(const TensorSlice &whole, const TensorSlice &part) {
  int64_t offset = 0;
  for (size_t i = 0; i < whole.start.size(); ++i)
    offset = offset * whole.length[i] + part.start[i] - whole.start[i];
  return offset;
}

bool isOneRun(const TensorSlice &whole, const TensorSlice &part) {
  // Leading dimensions of one element, one of any length, then whole ones.
  size_t i = 0;
  while (i < part.length.size() && part.length[i] == 1)
    ++i;
  for (++i; i < part.length.size(); ++i)
    if (part.length[i] != whole.length[i])
      return false;
  return true;
}

void forEachRun(const TensorSlice &part, const TensorSlice &to, const TensorSlice &from,
                const Run &run) {
  // Trailing dimensions that are whole on both sides join the run; `outer` are those left to walk.
  size_t outer = part.length.size();
  int64_t count = 1;
  while (outer > 0) {
    --outer;
    count *= part.length[outer];
    if (part.length[outer] != to.length[outer] || part.length[outer] != from.length[outer])
      break;
  }
  TensorSlice at = part;
  while (true) {
    run(offsetIn(to, at), offsetIn(from, at), count);
    size_t dim = outer;
    while (dim > 0 && ++at.start[dim - 1] == part.start[dim - 1] + part.length[dim - 1]) {
      at.start[dim - 1] = part.start[dim - 1];
      --dim;
    }
    if (dim == 0)
      return;
  }
}

std::optional<std::pair<size_t, size_t>> findOverlap(const std::vector<TensorSlice> &slices) {
  if (slices.empty() || slices[0].start.empty())
    return slices.size() > 1 ? std::make_optional(std::pair<size_t, size_t>(0, 1)) : std::nullopt;
  // In the order of one axis, a slice is compared with those that begin before it ends. The axis
  // with the most starts leaves the fewest to compare.
  size_t axis = 0, most = 0;
  for (size_t i = 0; i < slices[0].start.size(); ++i) {
    std::vector<int64_t> starts;
    for (const TensorSlice &slice : slices)
      starts.push_back(slice.start[i]);
    std::sort(starts.begin(), starts.end());
    const size_t distinct = std::unique(starts.begin(), starts.end()) - starts.begin();
    if (distinct > most)
      axis = i, most = distinct;
  }
  std::vector<size_t> order(slices.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return slices[a].start[axis] < slices[b].start[axis]; });
  for (size_t i = 0; i < order.size(); ++i) {
    const TensorSlice &one = slices[order[i]];
    for (size_t j = i + 1;
         j < order.size() && slices[order[j]].start[axis] < one.start[axis] + one.length[axis]; ++j)
      if (intersection(one, slices[order[j]]))
        return std::minmax(order[i], order[j]);
  }
  return std::nullopt;
}

} // namespace firn
