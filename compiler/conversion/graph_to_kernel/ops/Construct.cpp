// Tensors made of little: Fill, Range, OneHot, and what repeats a tensor.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace firn::kernel {
namespace {

// What an input asks for, else what inference knows.
std::optional<Sizes> wantedSizes(NodeLowering &n, unsigned input) {
  if (std::optional<Sizes> wanted = n.elements(input))
    return n.outSizes(0, *wanted);
  return n.outSizes(0);
}

void fill(NodeLowering &n) {
  Tensor value = n.in(1);
  if (!value)
    return;
  if (std::optional<Sizes> sizes = wantedSizes(n, 0))
    n.give(n.broadcast(value, *sizes));
}

void empty(NodeLowering &n) {
  if (std::optional<Sizes> sizes = wantedSizes(n, 0))
    n.give(n.zeros(n.outDtype(), *sizes));
}

void broadcastTo(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  if (std::optional<Sizes> sizes = wantedSizes(n, 1))
    n.give(n.broadcast(input, *sizes));
}

// Each axis as two, how often and which element: the first is not read by.
void tile(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  std::optional<Sizes> times = n.elements(1);
  if (!times)
    return n.fail("multiples that depend on data");
  Sizes split, narrow, wide;
  for (auto [size, count] : llvm::zip(input.sizes, *times)) {
    if (!n.isOne(count)) {
      split.push_back(count);
      narrow.push_back(n.size(1));
    }
    split.push_back(size);
    narrow.push_back(size);
    wide.push_back(n.mul(size, count));
  }
  n.give(n.reshape(n.broadcast(n.reshape(input, narrow), split), n.outSizes(0, wide)));
}

// limit - start over delta, rounded up: of integers a size, of floats known only to inference.
std::optional<Size> rangeLength(NodeLowering &n) {
  std::optional<Sizes> start = n.elements(0), limit = n.elements(1), delta = n.elements(2);
  std::optional<int64_t> step = delta ? constantSize(delta->front()) : std::nullopt;
  if (start && limit && step.value_or(0) != 0) {
    Size span =
        *step > 0 ? n.sub(limit->front(), start->front()) : n.sub(start->front(), limit->front());
    return n.outSizes(0, {n.max(n.ceilDiv(span, n.size(std::abs(*step))), n.size(0))})[0];
  }
  std::optional<Sizes> sizes = n.outSizes(0);
  return sizes ? std::optional(sizes->front()) : std::nullopt;
}

/// `index` as an element of the type.
Value numberOf(Place index, Type type) {
  ImplicitLocOpBuilder &b = *index.b;
  if (!isa<FloatType>(type))
    return b.create<arith::IndexCastOp>(type, index.value);
  Value whole = b.create<arith::IndexCastOp>(b.getI64Type(), index.value);
  return b.create<arith::SIToFPOp>(type, whole);
}

Value multiplied(ImplicitLocOpBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return b.create<arith::MulFOp>(x, y);
  return b.create<arith::MulIOp>(x, y);
}

Value added(ImplicitLocOpBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return b.create<arith::AddFOp>(x, y);
  return b.create<arith::AddIOp>(x, y);
}

void range(NodeLowering &n) {
  std::optional<Size> length = rangeLength(n);
  Tensor start = n.in(0), delta = n.in(2);
  if (!length || !start || !delta)
    return;
  n.give(n.elementwise({start, delta}, start.dtype, {*length},
                       [](ImplicitLocOpBuilder &b, ValueRange x) {
                         Place at = placeOf(b, b.create<linalg::IndexOp>(0).getResult());
                         return added(b, x[0], multiplied(b, numberOf(at, x[0].getType()), x[1]));
                       }));
}

void linSpace(NodeLowering &n) {
  Tensor start = n.in(0), stop = n.in(1);
  std::optional<Sizes> count = wantedSizes(n, 2);
  if (!start || !stop || !count)
    return;
  Size number = count->front();
  n.give(n.elementwise({start, stop}, start.dtype, *count,
                       [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
                         Type type = x[0].getType();
                         Place at = placeOf(b, b.create<linalg::IndexOp>(0).getResult());
                         Place last = placeOf(b, number) - 1;
                         Place gaps = max(last, placeOf(b, int64_t(1)));
                         Value span = b.create<arith::SubFOp>(x[1], x[0]);
                         Value step = b.create<arith::DivFOp>(span, numberOf(gaps, type));
                         Value inside = added(b, x[0], multiplied(b, step, numberOf(at, type)));
                         return choose(at == 0, x[0], choose(at == last, x[1], inside));
                       }));
}

void oneHot(NodeLowering &n) {
  Tensor indices = n.in(0), on = n.in(2), off = n.in(3);
  std::optional<Sizes> depth = n.elements(1);
  if (!indices || !on || !off)
    return;
  int64_t axis = n.integer("axis");
  axis = axis < 0 ? indices.rank() : axis;
  Sizes sizes = indices.sizes;
  if (depth) {
    sizes.insert(sizes.begin() + axis, depth->front());
    sizes = n.outSizes(0, sizes);
  } else if (std::optional<Sizes> known = n.outSizes(0)) {
    sizes = *known;
  } else {
    return;
  }
  Sizes spread = indices.sizes;
  spread.insert(spread.begin() + axis, n.size(1));
  n.give(n.elementwise({n.reshape(indices, spread), on, off}, on.dtype, sizes,
                       [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
                         Place at = placeOf(b, b.create<linalg::IndexOp>(axis).getResult());
                         return choose(placeOf(b, x[0]) == at, x[1], x[2]);
                       }));
}

const LoweringEntry kConstruct[] = {
    {"BroadcastTo", broadcastTo}, {"Empty", empty}, {"Fill", fill}, {"LinSpace", linSpace},
    {"OneHot", oneHot},           {"Range", range}, {"Tile", tile},
};

} // namespace

Lowerings constructLowerings() { return kConstruct; }

} // namespace firn::kernel
