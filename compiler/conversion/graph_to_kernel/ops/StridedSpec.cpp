#include "compiler/conversion/graph_to_kernel/ops/StridedSpec.h"

#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

namespace {

constexpr unsigned kBegin = 1, kEnd = 2, kStrides = 3;

class StridedSpec {
public:
  StridedSpec(NodeLowering &n, const Tensor &input) : n(n), input(input) {
    beginMask = n.integer("begin_mask");
    endMask = n.integer("end_mask");
    ellipsisMask = n.integer("ellipsis_mask");
    newAxisMask = n.integer("new_axis_mask");
    shrinkMask = n.integer("shrink_axis_mask");
  }

  std::optional<StridedRange> resolve() {
    std::optional<SmallVector<int64_t>> steps = n.constants(kStrides);
    if (!steps)
      return std::nullopt;
    auto entries = static_cast<int64_t>(steps->size());
    int64_t consumed = 0;
    for (int64_t i = 0; i < entries; ++i)
      consumed += !isEllipsis(i) && !isNew(i);
    for (int64_t i = 0; i < entries; ++i) {
      if (isEllipsis(i))
        takeWhole(input.rank() - consumed);
      else if (isNew(i))
        range.result.push_back(n.size(1));
      else if (!takeEntry(i, (*steps)[i]))
        return std::nullopt;
    }
    takeWhole(input.rank() - static_cast<int64_t>(range.axes.size()));
    return range;
  }

private:
  bool isEllipsis(int64_t i) const { return ellipsisMask >> i & 1; }
  bool isNew(int64_t i) const { return !isEllipsis(i) && (newAxisMask >> i & 1); }
  Size dim() const { return input.sizes[range.axes.size()]; }

  void takeWhole(int64_t count) {
    for (; count > 0; --count) {
      range.result.push_back(dim());
      range.axes.push_back({n.size(0), -1, 1, dim()});
    }
  }

  bool takeEntry(int64_t i, int64_t step) {
    if (static_cast<int64_t>(range.axes.size()) >= input.rank() || step == 0) {
      n.fail("a slice that does not fit its input");
      return false;
    }
    if (shrinkMask >> i & 1)
      takeOne(i);
    else
      takeRange(i, step);
    return !n.failed();
  }

  // The begin counts here even where it is masked.
  void takeOne(int64_t i) {
    Size first = n.element(kBegin, i);
    if (first)
      first = n.inside(fromFront(first), dim());
    range.axes.push_back({first, i, 1, n.size(1)});
  }

  Size fromFront(Size at) { return n.choose(n.isNegative(at), n.add(at, dim()), at); }

  // A backward slice may end before the first element.
  Size placed(Size at, int64_t step) {
    Size least = n.size(step > 0 ? 0 : -1), most = step > 0 ? dim() : n.sub(dim(), n.size(1));
    return n.max(n.min(fromFront(at), most), least);
  }

  void takeRange(int64_t i, int64_t step) {
    bool fromStart = beginMask >> i & 1, toEnd = endMask >> i & 1;
    if (fromStart && toEnd && step == 1)
      return takeWhole(1);
    Size last = n.sub(dim(), n.size(1));
    Size begin = fromStart ? (step > 0 ? n.size(0) : last) : n.element(kBegin, i);
    Size end = toEnd ? (step > 0 ? dim() : n.size(-1)) : n.element(kEnd, i);
    if (begin && !fromStart)
      begin = placed(begin, step);
    if (end && !toEnd)
      end = placed(end, step);
    Size count = begin && end ? counted(begin, end, step) : countedByCode(i, begin, end, step);
    unsigned place = range.result.size();
    if (n.outInfo(0).ranked && place < n.outInfo(0).rank())
      count = n.unified(count, n.outInfo(0).dims[place]);
    range.result.push_back(count);
    range.axes.push_back({begin, i, step, count});
  }

  Size counted(Size begin, Size end, int64_t step) {
    Size span = step > 0 ? n.sub(end, begin) : n.sub(begin, end);
    return n.max(n.ceilDiv(span, n.size(std::abs(step))), n.size(0));
  }

  // Begin or end are data: so is the number of elements.
  Size countedByCode(int64_t i, Size begin, Size end, int64_t step) {
    Tensor begins = n.in(kBegin), ends = n.in(kEnd);
    if (!begins || !ends)
      return n.size(0);
    Size size = dim();
    Tensor count = n.generate(DT_INT64, {}, [&](ImplicitLocOpBuilder &body, ValueRange) -> Value {
      Place entry = placeOf(body, i), whole = placeOf(body, size);
      Place least = placeOf(body, int64_t(step > 0 ? 0 : -1)), most = step > 0 ? whole : whole - 1;
      auto place = [&](Size known, const Tensor &data) {
        if (known)
          return placeOf(body, known);
        Place at = placeOf(body, NodeLowering::read(body, data, entry.value));
        return max(min(choose(at < 0, at + whole, at), most), least);
      };
      Place from = place(begin, begins), to = place(end, ends);
      Place span = step > 0 ? to - from : from - to;
      int64_t pace = std::abs(step);
      Place elements = max((span + (pace - 1)) / pace, placeOf(body, int64_t(0)));
      return body.create<arith::IndexCastOp>(body.getI64Type(), elements.value);
    });
    return n.readSize(count, size);
  }

  NodeLowering &n;
  const Tensor &input;
  int64_t beginMask, endMask, ellipsisMask, newAxisMask, shrinkMask;
  StridedRange range;
};

} // namespace

std::optional<SliceRange> constantRange(NodeLowering &n, int64_t size) {
  Size begin = n.element(kBegin, 0), end = n.element(kEnd, 0), step = n.element(kStrides, 0);
  bool isPlain = n.integer("ellipsis_mask") == 0 && n.integer("new_axis_mask") == 0 && begin &&
                 end && step && constantSize(begin) && constantSize(end) && constantSize(step);
  if (!isPlain || n.element(kBegin, 1))
    return std::nullopt;
  int64_t pace = *constantSize(step), least = pace > 0 ? 0 : -1, most = size + least;
  auto place = [&](Size given, bool masked, int64_t whole) {
    int64_t at = *constantSize(given);
    return masked ? whole : std::clamp(at < 0 ? at + size : at, least, most);
  };
  if (n.integer("shrink_axis_mask") & 1) {
    int64_t at = *constantSize(begin);
    at += at < 0 ? size : 0;
    return at >= 0 && at < size ? std::optional(SliceRange{at, 1, 1}) : std::nullopt;
  }
  int64_t from = place(begin, n.integer("begin_mask") & 1, pace > 0 ? least : most);
  int64_t to = place(end, n.integer("end_mask") & 1, pace > 0 ? most : least);
  int64_t span = pace > 0 ? to - from : from - to;
  return SliceRange{from, pace,
                    span > 0 ? (span + std::abs(pace) - 1) / std::abs(pace) : int64_t(0)};
}

Sizes StridedRange::counts() const {
  return llvm::map_to_vector<4>(axes, [](const StridedAxis &axis) { return axis.count; });
}

bool StridedRange::hasData() const {
  return llvm::any_of(axes, [](const StridedAxis &axis) { return !axis.first; });
}

bool StridedRange::isForward() const {
  return llvm::all_of(axes, [](const StridedAxis &axis) { return axis.step > 0; });
}

std::optional<StridedRange> resolveRange(NodeLowering &n, const Tensor &input) {
  return StridedSpec(n, input).resolve();
}

SmallVector<Place> firstPlaces(NodeLowering &n, ImplicitLocOpBuilder &body,
                               const StridedRange &range, const Tensor &input,
                               const Tensor &begin) {
  SmallVector<Place> places;
  for (auto [axis, size] : llvm::zip(range.axes, input.sizes)) {
    if (axis.first) {
      places.push_back(placeOf(body, axis.first));
      continue;
    }
    Place entry = placeOf(body, axis.entry), whole = placeOf(body, size);
    Place at = placeOf(body, NodeLowering::read(body, begin, entry.value));
    places.push_back(clamp(choose(at < 0, at + whole, at), whole));
  }
  return places;
}

} // namespace firn::kernel
