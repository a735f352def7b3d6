// Parts of tensors, by begin and end.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

// What a slice takes of one dimension. Nothing in `begin` or `end`: from the beginning, to the end.
struct Extent {
  std::optional<Dim> begin, end;
  Dim stride = 1;
};

// A number of rows that is written down is the whole dimension where both were the same number.
Dim wholeOr(NodeShapes &s, Dim written, Dim whole) {
  if (s.state.writtenValue(whole) == written.coefficient()) {
    s.conflict(written, whole);
    return whole;
  }
  // One row is one row whatever the batch is.
  if (!written.isConstant(1))
    s.conflict(written, whole, /*isProved=*/false);
  return written;
}

Dim clampedLength(int64_t begin, int64_t end, int64_t stride, int64_t size, bool fromFirst,
                  bool toLast) {
  int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
  auto canonical = [&](int64_t at) { return std::clamp(at < 0 ? at + size : at, low, high); };
  begin = fromFirst ? (stride > 0 ? 0 : size - 1) : canonical(begin);
  end = toLast ? (stride > 0 ? size : -1) : canonical(end);
  int64_t span = stride > 0 ? end - begin : begin - end;
  int64_t step = std::abs(stride);
  return span <= 0 ? Dim(0) : Dim((span + step - 1) / step);
}

Dim sliceLength(NodeShapes &s, const Extent &extent, Dim whole) {
  if (!extent.stride.isConstant() || extent.stride.isConstant(0))
    return s.fresh();
  int64_t stride = extent.stride.coefficient();
  bool fromFirst = !extent.begin || (extent.begin->isConstant(0) && stride > 0);
  bool toLast = !extent.end || (*extent.end == whole && stride > 0);
  auto isConstant = [](const std::optional<Dim> &d) { return !d || d->isConstant(); };
  if (whole.isConstant() && isConstant(extent.begin) && isConstant(extent.end))
    return clampedLength(extent.begin ? extent.begin->coefficient() : 0,
                         extent.end ? extent.end->coefficient() : 0, stride, whole.coefficient(),
                         fromFirst, toLast);
  if (fromFirst && toLast)
    return s.derived(DerivedKind::CeilDivide, whole, Dim(std::abs(stride)));
  if (stride != 1)
    return s.fresh();
  // Counted from the end: the dimension less some.
  auto isNegative = [](const std::optional<Dim> &d) {
    return d && d->isConstant() && d->coefficient() < 0;
  };
  if (fromFirst && isNegative(extent.end))
    return s.asDim(s.plus(whole, *extent.end));
  if (toLast && isNegative(extent.begin))
    return s.derived(DerivedKind::Minimum, whole, Dim(-extent.begin->coefficient()));
  if (toLast && isConstant(extent.begin))
    return s.asDim(s.minus(whole, *extent.begin));
  if (fromFirst && isConstant(extent.end)) {
    constexpr int64_t kBeyond = 1 << 30;
    if (extent.end->coefficient() >= kBeyond)
      return whole;
    return whole.isTracked() ? wholeOr(s, *extent.end, whole)
                             : s.derived(DerivedKind::Minimum, whole, *extent.end);
  }
  if (fromFirst && extent.end->isTracked() && whole.isConstant())
    return s.same(whole, *extent.end);
  bool bothNatural = extent.begin && extent.end && !extent.begin->mayBeNegative() &&
                     !extent.end->mayBeNegative() && !whole.dependsOnTracked();
  if (bothNatural)
    if (std::optional<Dim> length = extent.end->minus(*extent.begin);
        length && length->isConstant(1))
      return 1;
  return s.fresh();
}

// `input[begin : begin + size]`; a size of -1 goes to the end.
void slice(NodeShapes &s) {
  const ShapeInfo &from = s.in(0), &begin = s.in(1), &size = s.in(2);
  if (!from.ranked)
    return s.out(s.shapeFromElements(size));
  ShapeInfo info = ShapeInfo::of({});
  for (size_t i = 0; i < from.rank(); ++i) {
    Dim whole = from.dims[i];
    bool isKnown = size.hasElements && i < size.elements.size() && begin.hasElements &&
                   i < begin.elements.size();
    Dim wanted = isKnown ? size.elements[i] : s.fresh();
    if (isKnown && wanted.isConstant(-1))
      wanted = s.minus(whole, begin.elements[i]);
    else if (isKnown && wanted.isConstant() && whole.isTracked() && begin.elements[i].isConstant(0))
      wanted = wholeOr(s, wanted, whole);
    info.dims.push_back(s.asDim(wanted));
  }
  std::optional<SmallVector<int64_t>> first = s.constants(1);
  std::optional<int64_t> count = info.hasRank(1) ? info.dims[0].constant() : std::nullopt;
  if (from.hasElements && first && first->size() == 1 && count && (*first)[0] >= 0 &&
      (*first)[0] + *count <= static_cast<int64_t>(from.elements.size())) {
    info.hasElements = true;
    info.elements.assign(from.elements.begin() + (*first)[0],
                         from.elements.begin() + (*first)[0] + *count);
  }
  s.out(std::move(info));
}

/// The masks of a StridedSlice, and its operands.
struct Strided {
  explicit Strided(NodeShapes &s)
      : s(s), begin(s.in(1)), end(s.in(2)), strides(s.in(3)), beginMask(s.integer("begin_mask")),
        endMask(s.integer("end_mask")), ellipsisMask(s.integer("ellipsis_mask")),
        newMask(s.integer("new_axis_mask")), shrinkMask(s.integer("shrink_axis_mask")) {}

  static bool isSet(int64_t mask, size_t bit) { return bit < 63 && ((mask >> bit) & 1) != 0; }

  // Entries of the slice, nothing when it is not known how many.
  std::optional<size_t> entries() const {
    for (const ShapeInfo *info : {&begin, &end, &strides})
      if (info->hasRank(1))
        if (std::optional<int64_t> count = info->dims[0].constant(); count && *count <= 32)
          return *count;
    return std::nullopt;
  }

  Dim elementOf(const ShapeInfo &info, size_t entry) const {
    return info.hasElements && entry < info.elements.size() ? info.elements[entry]
                                                            : s.freshInteger();
  }

  Dim lengthOf(size_t entry, Dim whole) const {
    Extent extent;
    if (!isSet(beginMask, entry))
      extent.begin = elementOf(begin, entry);
    if (!isSet(endMask, entry))
      extent.end = elementOf(end, entry);
    extent.stride = elementOf(strides, entry);
    return sliceLength(s, extent, whole);
  }

  // The part of a small vector; false when it is not known which.
  bool partOf(const ShapeInfo &from, ShapeInfo &info) const {
    std::optional<int64_t> first = elementOf(begin, 0).constant();
    std::optional<int64_t> step = elementOf(strides, 0).constant();
    int64_t size = from.elements.size();
    if (isSet(beginMask, 0))
      first = step.value_or(1) > 0 ? 0 : size - 1;
    std::optional<int64_t> count = info.rank() == 0 ? 1 : info.dims[0].constant();
    if (!first || !step || !count)
      return false;
    int64_t at = *first < 0 ? *first + size : *first;
    for (int64_t i = 0; i < *count; ++i, at += *step) {
      if (at < 0 || at >= size)
        return false;
      info.elements.push_back(from.elements[at]);
    }
    return true;
  }

  NodeShapes &s;
  const ShapeInfo &begin, &end, &strides;
  int64_t beginMask, endMask, ellipsisMask, newMask, shrinkMask;
};

void stridedSlice(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  Strided slice(s);
  std::optional<size_t> entries = slice.entries();
  if (!entries || !from.ranked)
    return;
  size_t consuming = 0;
  bool hasEllipsis = false;
  for (size_t i = 0; i < *entries; ++i) {
    hasEllipsis |= slice.isSet(slice.ellipsisMask, i);
    consuming += !slice.isSet(slice.ellipsisMask, i) && !slice.isSet(slice.newMask, i);
  }
  if (consuming > from.rank())
    return;
  ShapeInfo info = ShapeInfo::of({});
  size_t dim = 0;
  for (size_t i = 0; i < *entries; ++i) {
    if (slice.isSet(slice.ellipsisMask, i)) {
      for (size_t skip = from.rank() - consuming; skip > 0; --skip)
        info.dims.push_back(from.dims[dim++]);
    } else if (slice.isSet(slice.newMask, i)) {
      info.dims.push_back(1);
    } else if (slice.isSet(slice.shrinkMask, i)) {
      ++dim;
    } else {
      info.dims.push_back(slice.lengthOf(i, from.dims[dim++]));
    }
  }
  while (dim < from.rank())
    info.dims.push_back(from.dims[dim++]);
  if (from.hasElements && from.rank() == 1 && *entries == 1 && !hasEllipsis &&
      !slice.isSet(slice.newMask, 0)) {
    info.hasElements = slice.partOf(from, info);
    if (!info.hasElements)
      info.elements.clear();
  }
  s.out(std::move(info));
}

constexpr ShapeRuleEntry kRules[] = {
    {"Slice", slice},
    {"StridedSlice", stridedSlice},
};

} // namespace

ShapeRules sliceShapeRules() { return kRules; }

} // namespace firn::graph
