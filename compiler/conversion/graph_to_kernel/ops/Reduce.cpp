// Sum, Mean, ArgMax: reductions.
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"

#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

template <int kNumber> static Number numberOf(ImplicitLocOpBuilder &b, int dtype) {
  return constantOf(b, dtype, kNumber);
}
static Number greater(const Number &x, const Number &y) { return maximum(x, y); }
static Number smaller(const Number &x, const Number &y) { return minimum(x, y); }

const Folding kAdding{numberOf<0>, addAnyhow};
const Folding kMultiplying{numberOf<1>, multiplyAnyhow};
const Folding kGreatest{lowest, greater};
const Folding kLeast{highest, smaller};

// Of size 1 where the axes were.
static Tensor keptDims(NodeLowering &n, const Tensor &x, Sizes sizes, ArrayRef<int64_t> axes) {
  for (int64_t axis : axes)
    sizes[axis] = n.size(1);
  return n.reshape(x, sizes);
}

Tensor fold(NodeLowering &n, const Tensor &x, ArrayRef<int64_t> axes, bool keep,
            const Folding &folding) {
  if (!x)
    return {};
  int dtype = x.dtype;
  auto step = [&](ImplicitLocOpBuilder &b, ValueRange v) {
    return folding.step({&b, v[0], dtype}, {&b, v[1], dtype}).value;
  };
  Tensor result = n.reduce(x, axes, folding.start(n.b, dtype).value, step);
  return keep ? keptDims(n, result, x.sizes, axes) : result;
}

Tensor widened(NodeLowering &n, const Tensor &x) {
  bool isShort = x && (x.dtype == DT_HALF || x.dtype == DT_BFLOAT16);
  return isShort ? converted(n, x, DT_FLOAT) : x;
}

std::optional<int64_t> normalAxis(NodeLowering &n, std::optional<int64_t> axis, int64_t rank) {
  if (axis && *axis < 0)
    *axis += rank;
  if (axis && *axis >= 0 && *axis < rank)
    return axis;
  n.fail("expected an axis of " + Twine(rank) + " dimensions");
  return std::nullopt;
}

namespace {

// Axes of input 1, sorted.
std::optional<SmallVector<int64_t>> axesOf(NodeLowering &n, int64_t rank) {
  std::optional<SmallVector<int64_t>> axes = n.constants(1);
  if (!axes)
    return std::nullopt;
  for (int64_t &axis : *axes) {
    std::optional<int64_t> normal = normalAxis(n, axis, rank);
    if (!normal)
      return std::nullopt;
    axis = *normal;
  }
  llvm::sort(*axes);
  axes->erase(std::unique(axes->begin(), axes->end()), axes->end());
  return axes;
}

using Finish = std::function<Number(const Number &)>;

// `before` and `after` are applied to elements and to what they are folded to.
void reduceWith(NodeLowering &n, const Folding &folding, const Finish &before = nullptr,
                const Finish &after = nullptr) {
  Tensor x = widened(n, n.in(0));
  if (!x)
    return;
  std::optional<SmallVector<int64_t>> axes = axesOf(n, x.rank());
  if (!axes)
    return;
  if (before)
    x = map(n, {x}, x.dtype, [&](ArrayRef<Number> v) { return before(v[0]); });
  Tensor result = fold(n, x, *axes, false, folding);
  if (after && result)
    result = map(n, {result}, n.outDtype(), [&](ArrayRef<Number> v) { return after(v[0]); });
  result = converted(n, result, n.outDtype());
  n.give(n.flag("keep_dims") && result ? keptDims(n, result, x.sizes, *axes) : result);
}

// The number of elements that are folded to one, as code of the result's dtype.
void mean(NodeLowering &n) {
  Tensor x = n.in(0);
  std::optional<SmallVector<int64_t>> axes = x ? axesOf(n, x.rank()) : std::nullopt;
  if (!axes)
    return;
  Size count = n.size(1);
  for (int64_t axis : *axes)
    count = n.mul(count, x.sizes[axis]);
  std::optional<int64_t> known = constantSize(count);
  Value counted = known ? Value() : n.value(count);
  reduceWith(n, kAdding, nullptr, [=](const Number &sum) {
    int part = sum.isComplex() ? real(sum).dtype : sum.dtype;
    Number all = known ? constantOf(*sum.b, part, static_cast<double>(*known))
                       : fromIndex(*sum.b, counted, part);
    return sum.isComplex() ? complexOf(real(sum) / all, imag(sum) / all) : sum / all;
  });
}

void euclideanNorm(NodeLowering &n) {
  reduceWith(
      n, kAdding, [](const Number &x) { return x * x; }, [](const Number &x) { return sqrt(x); });
}

// Half the sum of squares.
void l2Loss(NodeLowering &n) {
  Tensor x = widened(n, n.in(0));
  if (!x)
    return;
  Tensor squares = map(n, {x}, x.dtype, [](ArrayRef<Number> v) { return v[0] * v[0]; });
  Tensor sum = fold(n, squares, llvm::to_vector(llvm::seq<int64_t>(0, x.rank())), false, kAdding);
  n.give(map(n, {sum}, n.outDtype(), [](ArrayRef<Number> v) { return v[0] * 0.5; }));
}

// Bools are bytes of 0 and 1, of which the logical ops are the greatest and the least.
void all(NodeLowering &n) { reduceWith(n, {numberOf<1>, smaller}); }
void any(NodeLowering &n) { reduceWith(n, {numberOf<0>, greater}); }

// The place of the first greatest (or least) element; NaN is neither.
template <bool kIsGreatest> void argument(NodeLowering &n) {
  Tensor x = n.in(0);
  std::optional<int64_t> axis = x ? normalAxis(n, n.constant(1), x.rank()) : std::nullopt;
  if (!axis)
    return;
  Sizes sizes = x.sizes;
  sizes.erase(sizes.begin() + *axis);
  Value length = n.value(x.sizes[*axis]);
  int to = n.outDtype();
  n.give(n.generate(to, sizes, [&](ImplicitLocOpBuilder &b, ValueRange place) -> Value {
    auto at = [&](ImplicitLocOpBuilder &code, Value index) -> Number {
      SmallVector<Value> full(place);
      full.insert(full.begin() + *axis, index);
      return widened(Number{&code, NodeLowering::read(code, x, full), x.dtype});
    };
    Value zero = b.create<arith::ConstantIndexOp>(0), one = b.create<arith::ConstantIndexOp>(1);
    int wide = isFloatType(x.dtype) && x.dtype != DT_DOUBLE ? DT_FLOAT : x.dtype;
    Number start = kIsGreatest ? lowest(b, wide) : highest(b, wide);
    auto loop = b.create<scf::ForOp>(
        zero, length, one, ValueRange({start.value, zero}),
        [&](OpBuilder &inner, Location loc, Value index, ValueRange best) {
          ImplicitLocOpBuilder body(loc, inner);
          Number element = at(body, index), so_far{&body, best[0], wide};
          Truth isBetter = kIsGreatest ? element > so_far : element < so_far;
          Value which = body.create<arith::SelectOp>(isBetter.value, index, best[1]);
          body.create<scf::YieldOp>(ValueRange({choose(isBetter, element, so_far).value, which}));
        });
    return fromIndex(b, loop.getResult(1), to).value;
  }));
}

const LoweringEntry kReduce[] = {
    {"Sum", [](NodeLowering &n) { reduceWith(n, kAdding); }},
    {"Mean", mean},
    {"Prod", [](NodeLowering &n) { reduceWith(n, kMultiplying); }},
    {"Max", [](NodeLowering &n) { reduceWith(n, kGreatest); }},
    {"Min", [](NodeLowering &n) { reduceWith(n, kLeast); }},
    {"All", all},
    {"Any", any},
    {"EuclideanNorm", euclideanNorm},
    {"L2Loss", l2Loss},
    {"ArgMax", argument<true>},
    {"ArgMin", argument<false>},
};

} // namespace

Lowerings reduceLowerings() { return kReduce; }

} // namespace firn::kernel
