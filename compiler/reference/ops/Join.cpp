// Ops that make one tensor of several or several of one: ConcatV2, Pack, SplitV, Unpack.
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

bool sameButFor(ArrayRef<int64_t> a, ArrayRef<int64_t> b, int64_t axis) {
  if (a.size() != b.size())
    return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (static_cast<int64_t>(i) != axis && a[i] != b[i])
      return false;
  return true;
}

/// Joins `parts` along an axis that they have.
void join(Evaluation &e, ArrayRef<Tensor> parts, int64_t axis) {
  Shape shape(parts[0].shape());
  shape[axis] = 0;
  for (const Tensor &part : parts) {
    if (!expect(e, sameButFor(part.shape(), parts[0].shape(), axis),
                "expected equal shapes but for axis " + Twine(axis) + ", got " + parts[0].text() +
                    " and " + part.text()))
      return;
    shape[axis] += part.dim(axis);
  }
  Tensor output = e.make(0, parts[0].dtype(), shape);
  if (e.failed())
    return;
  Strided target{0, stridesOf(shape)};
  for (const Tensor &part : parts) {
    copyElements(part, {0, stridesOf(part.shape())}, output, target, part.shape());
    target.start += part.dim(axis) * target.strides[axis];
  }
}

void concatAlong(Evaluation &e, ArrayRef<Tensor> parts, unsigned axisInput) {
  auto given = integerInput(e, axisInput);
  if (!given || !expect(e, !parts.empty(), "expected at least one tensor to join, got none"))
    return;
  if (auto axis = normalAxis(e, *given, parts[0].rank()))
    join(e, parts, *axis);
}

void concat(Evaluation &e) { concatAlong(e, e.inputs().drop_front(), 0); }
void concatV2(Evaluation &e) { concatAlong(e, e.inputs().drop_back(), e.numInputs() - 1); }

void concatOffset(Evaluation &e) {
  auto given = integerInput(e, 0);
  auto first = integersInput(e, 1);
  if (!given || !first)
    return;
  auto axis = normalAxis(e, *given, first->size());
  int64_t offset = 0;
  for (unsigned i = 1; axis && i < e.numInputs(); ++i) {
    auto shape = integersInput(e, i);
    if (!shape || !expect(e, sameButFor(*shape, *first, *axis),
                          "expected equal shapes but for axis " + Twine(*axis) + ", got " +
                              shapeText(*first) + " and " + shapeText(*shape)))
      return;
    SmallVector<int64_t> start(shape->size(), 0);
    start[*axis] = offset;
    offset += (*shape)[*axis];
    e.give(i - 1, makeIntegers(e.dtype(i), {static_cast<int64_t>(start.size())}, start));
  }
}

void pack(Evaluation &e) {
  if (!expect(e, e.numInputs() > 0, "expected at least one tensor to join, got none"))
    return;
  auto axis = normalAxis(e, e.integer("axis"), e.input(0).rank() + 1);
  if (!axis)
    return;
  Tensors parts;
  for (const Tensor &input : e.inputs()) {
    if (!expect(e, input.shape() == e.input(0).shape(),
                "expected equal shapes, got " + e.input(0).text() + " and " + input.text()))
      return;
    Shape shape(input.shape());
    shape.insert(shape.begin() + *axis, 1);
    parts.push_back(input.reshaped(shape));
  }
  join(e, parts, *axis);
}

void parallelConcat(Evaluation &e) {
  if (!expect(e, e.numInputs() > 0, "expected at least one tensor to join, got none"))
    return;
  for (const Tensor &input : e.inputs())
    if (!expect(e, input.rank() > 0 && input.dim(0) == 1,
                "expected a first dimension of 1, got " + input.text()))
      return;
  join(e, e.inputs(), 0);
}

/// Gives `sizes[i]` elements of `axis` as output i.
void splitInto(Evaluation &e, const Tensor &value, int64_t axis, ArrayRef<int64_t> sizes) {
  Strided source{0, stridesOf(value.shape())};
  Shape shape(value.shape());
  for (auto [i, size] : llvm::enumerate(sizes)) {
    shape[axis] = size;
    Tensor output = e.make(i, value.dtype(), shape);
    if (e.failed())
      return;
    copyElements(value, source, output, {0, stridesOf(shape)}, shape);
    source.start += size * source.strides[axis];
  }
}

void split(Evaluation &e) {
  const Tensor &value = e.input(1);
  auto given = integerInput(e, 0);
  if (!given)
    return;
  auto axis = normalAxis(e, *given, value.rank());
  int64_t count = e.numOutputs();
  if (!axis || !expect(e, count > 0 && value.dim(*axis) % count == 0,
                       "expected axis " + Twine(*axis) + " to be divisible by " + Twine(count) +
                           ", got " + value.text()))
    return;
  splitInto(e, value, *axis, SmallVector<int64_t>(count, value.dim(*axis) / count));
}

void splitV(Evaluation &e) {
  const Tensor &value = e.input(0);
  auto sizes = integersInput(e, 1);
  auto given = integerInput(e, 2);
  if (!sizes || !given)
    return;
  auto axis = normalAxis(e, *given, value.rank());
  if (!axis)
    return;
  int64_t sum = 0, open = llvm::count(*sizes, -1);
  bool fits = sizes->size() == e.numOutputs() && open <= 1;
  for (int64_t size : *sizes) {
    fits = fits && size >= -1 && size <= value.dim(*axis);
    sum += fits ? std::max<int64_t>(size, 0) : 0;
  }
  fits = fits && (open ? sum <= value.dim(*axis) : sum == value.dim(*axis));
  if (!expect(e, fits,
              "expected " + Twine(e.numOutputs()) + " sizes that fill axis " + Twine(*axis) +
                  " of " + value.text() + ", got " + shapeText(*sizes)))
    return;
  std::replace(sizes->begin(), sizes->end(), int64_t(-1), value.dim(*axis) - sum);
  splitInto(e, value, *axis, *sizes);
}

void unpack(Evaluation &e) {
  const Tensor &value = e.input(0);
  auto axis = normalAxis(e, e.integer("axis"), value.rank());
  if (!axis || !expect(e, value.dim(*axis) == e.numOutputs(),
                       "expected " + Twine(e.numOutputs()) + " elements of axis " + Twine(*axis) +
                           ", got " + value.text()))
    return;
  splitInto(e, value, *axis, SmallVector<int64_t>(e.numOutputs(), 1));
  Shape shape(value.shape());
  shape.erase(shape.begin() + *axis);
  for (unsigned i = 0; i < e.numOutputs(); ++i)
    e.give(i, e.output(i).reshaped(shape));
}

constexpr KernelEntry kKernels[] = {
    {"Concat", concat}, {"ConcatV2", concatV2}, {"ConcatOffset", concatOffset},
    {"Pack", pack},     {"Split", split},       {"ParallelConcat", parallelConcat},
    {"SplitV", splitV}, {"Unpack", unpack},
};

} // namespace

KernelList joinKernels() { return kKernels; }

} // namespace firn::reference
