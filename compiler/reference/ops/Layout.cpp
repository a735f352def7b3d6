// Ops that give the elements of one tensor another shape or order: Reshape, Transpose, ReverseV2.
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

// The dimension that a Reshape leaves open: what the others leave over, zeros on both sides apart.
int64_t openDim(const Tensor &input, ArrayRef<int64_t> wanted) {
  bool zeros = llvm::is_contained(wanted, 0);
  int64_t given = 1, size = 1;
  for (int64_t dim : wanted)
    given *= dim > 0 ? dim : 1;
  for (int64_t dim : input.shape())
    size *= zeros && dim == 0 ? 1 : dim;
  return size / given;
}

// The shape that a Reshape asks for, its -1 replaced.
std::optional<Shape> reshapeTo(Evaluation &e, ArrayRef<int64_t> wanted) {
  const Tensor &input = e.input(0);
  int64_t bound = 1;
  for (int64_t dim : wanted)
    if (!expect(e,
                dim >= -1 && llvm::count(wanted, -1) <= 1 &&
                    !llvm::MulOverflow(bound, std::max<int64_t>(dim, 1), bound),
                "expected sizes with at most one -1, got " + shapeText(wanted)))
      return std::nullopt;
  Shape shape(wanted);
  std::replace(shape.begin(), shape.end(), int64_t(-1), openDim(input, wanted));
  if (!expect(e, countElements(shape) == input.size(),
              "expected a shape for " + Twine(input.size()) + " elements, got " +
                  shapeText(wanted)))
    return std::nullopt;
  return shape;
}

void reshape(Evaluation &e) {
  auto wanted = someIntegersInput(e, 1);
  if (!wanted)
    return;
  if (auto shape = reshapeTo(e, *wanted))
    e.give(e.input(0).reshaped(*shape));
}

void squeeze(Evaluation &e) {
  const Tensor &input = e.input(0);
  SmallVector<bool> drop(input.rank(), false);
  SmallVector<int64_t> axes = e.integers("squeeze_dims");
  for (int64_t given : axes) {
    auto axis = normalAxis(e, given, input.rank());
    if (!axis || !expect(e, input.dim(*axis) == 1,
                         "expected a dimension of 1 at " + Twine(given) + ", got " + input.text()))
      return;
    drop[*axis] = true;
  }
  Shape shape;
  for (auto [axis, dim] : llvm::enumerate(input.shape()))
    if (!drop[axis] && !(axes.empty() && dim == 1))
      shape.push_back(dim);
  e.give(input.reshaped(shape));
}

void expandDims(Evaluation &e) {
  auto given = integerInput(e, 1);
  if (!given)
    return;
  auto axis = normalAxis(e, *given, e.input(0).rank() + 1);
  if (!axis)
    return;
  Shape shape(e.input(0).shape());
  shape.insert(shape.begin() + *axis, 1);
  e.give(e.input(0).reshaped(shape));
}

void ensureShape(Evaluation &e) {
  auto wanted = llvm::dyn_cast_or_null<ShapeAttr>(e.attr("shape"));
  ArrayRef<int64_t> shape = e.input(0).shape();
  bool fits = !wanted || wanted.getUnknownRank() ||
              (wanted.getDims().size() == shape.size() &&
               llvm::all_of(llvm::zip(wanted.getDims(), shape), [](auto pair) {
                 auto [want, got] = pair;
                 return want < 0 || want == got;
               }));
  if (expect(e, fits,
             "expected a tensor that the attribute 'shape' allows, got " + e.input(0).text()))
    e.give(e.input(0));
}

std::optional<Tensor> transposed(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto perm = integersInput(e, 1);
  if (!perm)
    return std::nullopt;
  SmallVector<bool> seen(input.rank(), false);
  bool fits = static_cast<int64_t>(perm->size()) == input.rank();
  for (int64_t axis : *perm) {
    fits = fits && axis >= 0 && axis < input.rank() && !seen[axis];
    if (fits)
      seen[axis] = true;
  }
  if (!expect(e, fits,
              "expected a permutation of the axes of " + input.text() + ", got " +
                  shapeText(*perm)))
    return std::nullopt;
  Shape shape, strides, own = stridesOf(input.shape());
  for (int64_t axis : *perm) {
    shape.push_back(input.dim(axis));
    strides.push_back(own[axis]);
  }
  Tensor output = e.make(0, input.dtype(), shape);
  if (!e.failed())
    copyElements(input, {0, strides}, output, {0, stridesOf(shape)}, shape);
  return output;
}

void transpose(Evaluation &e) { transposed(e); }

void conjugateTranspose(Evaluation &e) {
  auto output = transposed(e);
  if (!output || e.failed())
    return;
  dispatch(Complexes{}, output->dtype(), [&](auto zero) {
    for (auto &value : output->mutableValues<decltype(zero)>())
      value = std::conj(value);
  });
}

void broadcastTo(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto wanted = someIntegersInput(e, 1);
  if (!wanted)
    return;
  auto common = broadcastShapes(input.shape(), *wanted);
  if (!expect(e, common && ArrayRef<int64_t>(*common) == ArrayRef<int64_t>(*wanted),
              "expected a shape that " + input.text() + " broadcasts to, got " +
                  shapeText(*wanted)))
    return;
  Tensor output = e.make(0, input.dtype(), *wanted);
  if (e.failed())
    return;
  Shape strides(wanted->size() - input.rank(), 0);
  for (auto [dim, stride] : llvm::zip(input.shape(), stridesOf(input.shape())))
    strides.push_back(dim == 1 ? 0 : stride);
  copyElements(input, {0, strides}, output, {0, stridesOf(*wanted)}, *wanted);
}

void broadcastArgs(Evaluation &e) {
  auto a = integersInput(e, 0), b = integersInput(e, 1);
  if (!a || !b)
    return;
  auto common = broadcastShapes(*a, *b);
  if (expect(e, common.has_value(),
             "expected shapes that broadcast, got " + shapeText(*a) + " and " + shapeText(*b)))
    e.give(makeIntegers(e.dtype(), {static_cast<int64_t>(common->size())}, *common));
}

// For each operand, the axes of the common shape over which its gradient is summed: where it was
// repeated, and where both have one element; none for equal shapes.
void broadcastGradientArgs(Evaluation &e) {
  auto a = integersInput(e, 0), b = integersInput(e, 1);
  if (!a || !b)
    return;
  auto common = broadcastShapes(*a, *b);
  if (!expect(e, common.has_value(),
              "expected shapes that broadcast, got " + shapeText(*a) + " and " + shapeText(*b)))
    return;
  bool equal = *a == *b;
  for (unsigned k = 0; k < 2; ++k) {
    SmallVector<int64_t> &own = k ? *b : *a, axes;
    int64_t missing = common->size() - own.size();
    for (int64_t axis = 0; !equal && axis < static_cast<int64_t>(common->size()); ++axis)
      if (axis < missing || (own[axis - missing] == 1))
        axes.push_back(axis);
    e.give(k, makeIntegers(e.dtype(), {static_cast<int64_t>(axes.size())}, axes));
  }
}

void reverseAxes(Evaluation &e, ArrayRef<bool> backwards) {
  const Tensor &input = e.input(0);
  Strided source{0, stridesOf(input.shape())};
  for (auto [axis, back] : llvm::enumerate(backwards))
    if (back) {
      source.start += (input.dim(axis) - 1) * source.strides[axis];
      source.strides[axis] *= -1;
    }
  Tensor output = e.make(0, input.dtype(), input.shape());
  copyElements(input, source, output, {0, stridesOf(input.shape())}, input.shape());
}

void reverse(Evaluation &e) {
  auto flags = integersInput(e, 1);
  if (!flags || !expect(e, static_cast<int64_t>(flags->size()) == e.input(0).rank(),
                        "expected a flag for each axis of " + e.input(0).text() + ", got " +
                            e.input(1).text()))
    return;
  reverseAxes(e, SmallVector<bool>(flags->begin(), flags->end()));
}

void reverseV2(Evaluation &e) {
  auto axes = integersInput(e, 1);
  if (!axes)
    return;
  SmallVector<bool> backwards(e.input(0).rank(), false);
  for (int64_t given : *axes) {
    auto axis = normalAxis(e, given, e.input(0).rank());
    if (!axis || !expect(e, !backwards[*axis], "expected each axis once, got " + shapeText(*axes)))
      return;
    backwards[*axis] = true;
  }
  reverseAxes(e, backwards);
}

void reverseSequence(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto lengths = integersInput(e, 1);
  auto batch = normalAxis(e, e.integer("batch_dim"), input.rank());
  auto axis = normalAxis(e, e.integer("seq_dim"), input.rank());
  if (!lengths || !batch || !axis ||
      !expect(e, *batch != *axis && static_cast<int64_t>(lengths->size()) == input.dim(*batch),
              "expected a length for each of axis " + Twine(*batch) + " of " + input.text() +
                  ", got " + e.input(1).text()))
    return;
  Tensor output = e.make(0, input.dtype(), input.shape());
  Shape strides = stridesOf(input.shape()), shape(input.shape());
  shape[*batch] = 1;
  for (auto [row, length] : llvm::enumerate(*lengths)) {
    if (!expect(e, length >= 0 && length <= input.dim(*axis),
                "expected lengths of at most " + Twine(input.dim(*axis)) + ", got " +
                    Twine(length)))
      return;
    int64_t start = row * strides[*batch], step = strides[*axis];
    Shape backwards = strides;
    backwards[*axis] = -step;
    shape[*axis] = length;
    copyElements(input, {start + (length - 1) * step, backwards}, output, {start, strides}, shape);
    shape[*axis] = input.dim(*axis) - length;
    start += length * step;
    copyElements(input, {start, strides}, output, {start, strides}, shape);
  }
}

// Element i of `axis` goes to i + shift, round the end.
Tensor rolled(const Tensor &input, int64_t axis, int64_t shift) {
  Tensor output(input.dtype(), input.shape());
  int64_t dim = input.dim(axis);
  if (input.size() == 0)
    return output;
  shift = ((shift % dim) + dim) % dim;
  Shape strides = stridesOf(input.shape()), shape(input.shape());
  shape[axis] = dim - shift;
  copyElements(input, {0, strides}, output, {shift * strides[axis], strides}, shape);
  shape[axis] = shift;
  copyElements(input, {(dim - shift) * strides[axis], strides}, output, {0, strides}, shape);
  return output;
}

void roll(Evaluation &e) {
  auto shifts = someIntegersInput(e, 1), axes = someIntegersInput(e, 2);
  if (!shifts || !axes ||
      !expect(e, shifts->size() == axes->size(),
              "expected a shift for each axis, got " + e.input(1).text() + " and " +
                  e.input(2).text()))
    return;
  Tensor output = e.input(0);
  if (!expect(e, output.rank() > 0, "expected a vector or more, got " + output.text()))
    return;
  for (auto [shift, given] : llvm::zip(*shifts, *axes)) {
    auto axis = normalAxis(e, given, output.rank());
    if (!axis)
      return;
    output = rolled(output, *axis, shift);
  }
  e.give(output);
}

constexpr KernelEntry kKernels[] = {
    {"Reshape", reshape},
    {"Squeeze", squeeze},
    {"ExpandDims", expandDims},
    {"EnsureShape", ensureShape},
    {"Transpose", transpose},
    {"ConjugateTranspose", conjugateTranspose},
    {"BroadcastTo", broadcastTo},
    {"BroadcastArgs", broadcastArgs},
    {"BroadcastGradientArgs", broadcastGradientArgs},
    {"Reverse", reverse},
    {"ReverseV2", reverseV2},
    {"ReverseSequence", reverseSequence},
    {"Roll", roll},
};

} // namespace

KernelList layoutKernels() { return kKernels; }

} // namespace firn::reference
