// Slice, StridedSlice and TensorStridedSliceUpdate.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::Twine;

namespace firn::reference {
namespace {

void slice(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto begin = integersInput(e, 1), size = integersInput(e, 2);
  if (!begin || !size)
    return;
  int64_t rank = input.rank();
  if (!expect(e, static_cast<int64_t>(begin->size()) == rank && begin->size() == size->size(),
              "expected a begin and a size for each axis of " + input.text() + ", got " +
                  shapeText(*begin) + " and " + shapeText(*size)))
    return;
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t start = (*begin)[axis], &length = (*size)[axis], dim = input.dim(axis);
    bool starts = start >= 0 && start <= dim;
    if (starts && length == -1)
      length = dim - start;
    if (!expect(e, starts && length >= 0 && length <= dim - start,
                "expected a slice inside " + input.text() + ", got begin " + shapeText(*begin) +
                    " and size " + shapeText(*size)))
      return;
  }
  Tensor output = e.make(0, input.dtype(), *size);
  Shape strides = stridesOf(input.shape());
  copyElements(input, {offsetOf(*begin, strides), strides}, output, {0, stridesOf(*size)}, *size);
}

/// What a StridedSlice takes of its input, and the shape that it gives it.
struct StridedRange {
  Strided source;
  Shape space;  // one entry for each axis of the input
  Shape result; // without shrunk axes, with new ones
};

// The four inputs and five masks of a StridedSlice.
class StridedSpec {
public:
  static std::optional<StridedRange> resolve(Evaluation &e) {
    StridedSpec spec(e);
    return spec.walk() ? std::optional(spec.range) : std::nullopt;
  }

private:
  explicit StridedSpec(Evaluation &e) : e(e), input(e.input(0)) {
    strides = stridesOf(input.shape());
    beginMask = e.integer("begin_mask");
    endMask = e.integer("end_mask");
    ellipsisMask = e.integer("ellipsis_mask");
    newAxisMask = e.integer("new_axis_mask");
    shrinkMask = e.integer("shrink_axis_mask");
  }

  bool walk() {
    auto b = integersInput(e, 1), n = integersInput(e, 2), s = integersInput(e, 3);
    if (!b || !n || !s ||
        !expect(e, b->size() == n->size() && b->size() == s->size() && b->size() <= 32,
                "expected begin, end and strides of one length, got " + e.input(1).text() + ", " +
                    e.input(2).text() + " and " + e.input(3).text()))
      return false;
    begin = *b, end = *n, stride = *s;
    int64_t entries = begin.size(), consumed = 0;
    bool ellipsis = false;
    for (int64_t i = 0; i < entries; ++i)
      consumed += isEllipsis(i) || isNew(i) ? 0 : 1;
    for (int64_t i = 0; i < entries; ++i) {
      if (isEllipsis(i)) {
        if (!expect(e, !ellipsis, "expected one ellipsis, got several"))
          return false;
        ellipsis = true;
        takeWhole(input.rank() - consumed);
      } else if (isNew(i)) {
        range.result.push_back(1);
      } else if (!takeEntry(i)) {
        return false;
      }
    }
    takeWhole(input.rank() - axis);
    return true;
  }

  bool isEllipsis(int64_t i) const { return ellipsisMask >> i & 1; }
  bool isNew(int64_t i) const { return !isEllipsis(i) && (newAxisMask >> i & 1); }

  void takeWhole(int64_t count) {
    for (; count > 0; --count, ++axis) {
      range.space.push_back(input.dim(axis));
      range.result.push_back(input.dim(axis));
      range.source.strides.push_back(strides[axis]);
    }
  }

  bool takeEntry(int64_t i) {
    if (!expect(e, axis < input.rank(),
                "expected at most " + Twine(input.rank()) + " axes, got a slice of more") ||
        !expect(e, stride[i] != 0, "expected strides that are not 0, got " + shapeText(stride)))
      return false;
    return shrinkMask >> i & 1 ? takeOne(i) : takeRange(i);
  }

  bool takeOne(int64_t i) {
    // The begin counts here even where it is masked.
    int64_t dim = input.dim(axis), at = begin[i] < 0 ? begin[i] + dim : begin[i];
    if (!expect(e, at >= 0 && at < dim,
                "expected an index inside " + input.text() + ", got " + Twine(begin[i]) +
                    " for axis " + Twine(axis)) ||
        !expect(e, stride[i] > 0,
                "expected a stride above 0 for a single index, got " + Twine(stride[i])))
      return false;
    push(at, stride[i], 1);
    return true;
  }

  bool takeRange(int64_t i) {
    int64_t dim = input.dim(axis), step = stride[i];
    // A backward slice may end before the first element.
    int64_t least = step > 0 ? 0 : -1, most = step > 0 ? dim : dim - 1;
    auto place = [&](int64_t at, bool masked, int64_t whole) {
      if (masked)
        return whole;
      return std::clamp(at < 0 ? at + dim : at, least, most);
    };
    int64_t from = place(begin[i], beginMask >> i & 1, step > 0 ? least : most);
    int64_t to = place(end[i], endMask >> i & 1, step > 0 ? most : least);
    int64_t span = step > 0 ? to - from : from - to;
    // A step beyond the axis takes one element; its negation might not be a number.
    int64_t pace = std::min(step > 0 ? step : -std::max(step, -dim - 1), dim + 1);
    int64_t length = span > 0 ? (span + pace - 1) / pace : 0;
    range.result.push_back(length);
    push(length ? from : 0, step > 0 ? pace : -pace, length);
    return true;
  }

  void push(int64_t from, int64_t step, int64_t length) {
    range.source.start += from * strides[axis];
    range.source.strides.push_back(strides[axis] * step);
    range.space.push_back(length);
    ++axis;
  }

  Evaluation &e;
  const Tensor &input;
  Shape strides;
  SmallVector<int64_t> begin, end, stride;
  int64_t beginMask, endMask, ellipsisMask, newAxisMask, shrinkMask;
  int64_t axis = 0;
  StridedRange range;
};

void stridedSlice(Evaluation &e) {
  auto range = StridedSpec::resolve(e);
  if (!range)
    return;
  Tensor output = e.make(0, e.dtype(), range->result);
  copyElements(e.input(0), range->source, output, {0, stridesOf(range->space)}, range->space);
}

void stridedSliceUpdate(Evaluation &e) {
  auto range = StridedSpec::resolve(e);
  if (!range)
    return;
  const Tensor &value = e.input(4);
  auto common = broadcastShapes(value.shape(), range->result);
  if (!expect(e, common && *common == range->result,
              "expected a value that broadcasts to " + shapeText(range->result) + ", got " +
                  value.text()))
    return;
  // The value in the shape of the slice, laid out row by row.
  Tensor wide(value.dtype(), range->result);
  Shape strides(range->result.size() - value.rank(), 0);
  for (auto [dim, stride] : llvm::zip(value.shape(), stridesOf(value.shape())))
    strides.push_back(dim == 1 ? 0 : stride);
  copyElements(value, {0, strides}, wide, {0, stridesOf(range->result)}, range->result);
  Tensor output = copyOf(e.input(0));
  copyElements(wide, {0, stridesOf(range->space)}, output, range->source, range->space);
  e.give(output);
}

constexpr KernelEntry kKernels[] = {
    {"Slice", slice},
    {"StridedSlice", stridedSlice},
    {"TensorStridedSliceUpdate", stridedSliceUpdate},
};

} // namespace

KernelList sliceKernels() { return kKernels; }

} // namespace firn::reference
