// Sparse tensors that meet dense ones: made dense, multiplied, reduced.
#include "compiler/conversion/graph_to_kernel/ops/Plain.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "compiler/conversion/graph_to_kernel/ops/Scatter.h"
#include "compiler/conversion/graph_to_kernel/ops/Sparse.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// A scalar or vector of indices stands for a matrix of one row or column, a single value for all.
void toDense(NodeLowering &n) {
  Tensor indices = n.in(0), values = n.in(2), rest = n.in(3);
  std::optional<Sizes> shape = indices ? sparseShape(n, 1) : std::nullopt;
  if (!shape || !values || !rest)
    return;
  Sizes sizes = n.outSizes(0, *shape);
  Size count = indices.rank() ? indices.sizes[0] : n.size(1);
  Tensor places = n.reshape(indices, {count, n.size(sizes.size())});
  Tensor each = values.rank() ? values : n.broadcast(values, {count});
  n.give(scatteredAt(n, n.broadcast(rest, sizes), places, each, Change::Update));
}

void addDense(NodeLowering &n) {
  if (Sparse sparse = sparseInput(n, 0, 1))
    n.give(scatteredAt(n, n.in(3), sparse.indices, sparse.values, Change::Add));
}

Number adjointOf(const Number &x, bool isTurned) { return isTurned && x.isComplex() ? conj(x) : x; }

// Each entry adds its multiple of a row of the dense matrix to a row of the product.
void matMul(NodeLowering &n) {
  Sparse a = sparseInput(n, 0, 1);
  Tensor dense = n.in(3);
  if (!a || !dense)
    return;
  bool turnA = n.flag("adjoint_a"), turnB = n.flag("adjoint_b");
  Size rows = n.element(2, turnA), columns = dense.sizes[!turnB];
  if (!rows)
    return n.fail("a sparse tensor whose shape depends on data");
  Sizes sizes = n.outSizes(0, {rows, columns});
  Tensor owners = forEachEntry(
      n, a, [&](ImplicitLocOpBuilder &b, Value entry) { return partOf(b, a, entry, turnA); });
  Sizes each{a.count(), sizes[1]};
  Tensor updates = n.generate(dense.dtype, each, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Place inner = clamp(partOf(b, a, at[0], !turnA), placeOf(b, dense.sizes[turnB]));
    Value row = turnB ? at[1] : inner.value, column = turnB ? inner.value : at[1];
    Number factor{&b, NodeLowering::read(b, a.values, at[0]), dense.dtype};
    Number element{&b, NodeLowering::read(b, dense, {row, column}), dense.dtype};
    return (adjointOf(factor, turnA) * adjointOf(element, turnB)).value;
  });
  n.give(scattered(n, n.zeros(dense.dtype, sizes), owners, updates, Change::Add));
}

// value[i] = function(value[i], dense[index[i]]), where the dense operand is broadcast.
void withDense(NodeLowering &n, Number (*function)(const Number &, const Number &)) {
  Sparse sparse = sparseInput(n, 0, 1);
  Tensor dense = n.in(3);
  if (!sparse || !dense)
    return;
  int64_t missing = sparse.rank - dense.rank();
  if (missing < 0)
    return n.fail("a dense operand of a higher rank");
  n.give(n.generate(dense.dtype, {sparse.count()}, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    SmallVector<Value> source;
    for (int64_t axis = 0; axis < dense.rank(); ++axis)
      source.push_back(
          clamp(partOf(b, sparse, at[0], missing + axis), placeOf(b, dense.sizes[axis])).value);
    Number value{&b, NodeLowering::read(b, sparse.values, at[0]), dense.dtype};
    Number other{&b, NodeLowering::read(b, dense, source), dense.dtype};
    return function(value, other).value;
  }));
}

/// Entries folded by number, as a plain dtype: what no entry names is 0.
Tensor folded(NodeLowering &n, StringRef kernel, const Tensor &values, const Tensor &numbers,
              Size slots) {
  SmallVector<Size> fields{numbers.sizes[0], n.size(1), slots, n.size(1), n.size(0)};
  return n
      .call(plainName(kernel, values), {values, numbers}, fields, {},
            {n.empty(values.dtype, {slots}), n.empty(DT_INT64, {slots})})
      .front();
}

/// What a reduction leaves of a shape.
struct Kept {
  Sizes slots; // 1 for a reduced axis
  Sizes shape; // of the result
};

std::optional<Kept> keptOf(NodeLowering &n, ArrayRef<Size> shape) {
  std::optional<SmallVector<int64_t>> axes = n.constants(3);
  if (!axes)
    return std::nullopt;
  Kept kept{Sizes(shape), {}};
  for (int64_t each : *axes) {
    std::optional<int64_t> axis = normalAxis(n, each, shape.size());
    if (!axis)
      return std::nullopt;
    kept.slots[*axis] = Size();
  }
  for (Size &slot : kept.slots) {
    if (slot || n.flag("keep_dims"))
      kept.shape.push_back(slot ? slot : n.size(1));
    slot = slot ? slot : n.size(1);
  }
  return kept;
}

void reduce(NodeLowering &n, StringRef kernel) {
  Sparse sparse = sparseInput(n, 0, 1);
  std::optional<Sizes> shape = sparse ? sparseShape(n, 2) : std::nullopt;
  std::optional<Kept> kept = shape ? keptOf(n, *shape) : std::nullopt;
  if (!kept)
    return;
  Tensor owners = forEachEntry(n, sparse, [&](ImplicitLocOpBuilder &b, Value entry) {
    Place slot = placeOf(b, int64_t(0));
    for (int64_t axis = 0; axis < sparse.rank; ++axis)
      if (kept->slots[axis] == (*shape)[axis])
        slot = slot * placeOf(b, kept->slots[axis]) + partOf(b, sparse, entry, axis);
    return slot;
  });
  Use use = kernel == "segment_sum" ? Use::Sum : Use::Order;
  Tensor values = toPlain(n, sparse.values, use);
  if (!values)
    return;
  Tensor result = folded(n, kernel, values, owners, n.product(kept->slots));
  result = fromPlain(n, result, sparse.values.dtype, use);
  n.give(n.reshape(result, n.outSizes(0, kept->shape)));
}

// Over the entries of each row of the last axis.
void softmax(NodeLowering &n) {
  Sparse sparse = sparseInput(n, 0, 1);
  Tensor values = sparse ? toPlain(n, sparse.values) : Tensor();
  if (!values)
    return;
  Size count = sparse.count();
  Sizes sizes{count};
  Tensor groups = n.call("sparse_groups", {sparse.indices, orderOf(n, sparse)},
                         {count, n.size(sparse.rank)}, {}, {n.empty(DT_INT64, sizes)})
                      .front();
  auto ofGroup = [&](StringRef kernel, const Tensor &x) {
    return picked(n, folded(n, kernel, x, groups, count), groups, count);
  };
  Tensor power = map(n, {values, ofGroup("segment_max", values)}, values.dtype, sizes,
                     [](ArrayRef<Number> x) { return exp(x[0] - x[1]); });
  Tensor shares = map(n, {power, ofGroup("segment_sum", power)}, values.dtype, sizes,
                      [](ArrayRef<Number> x) { return x[0] / x[1]; });
  n.give(fromPlain(n, shares, sparse.values.dtype));
}

const LoweringEntry kSparseDense[] = {
    {"SparseDenseCwiseAdd",
     [](NodeLowering &n) { withDense(n, [](const Number &x, const Number &y) { return x + y; }); }},
    {"SparseDenseCwiseDiv",
     [](NodeLowering &n) { withDense(n, [](const Number &x, const Number &y) { return x / y; }); }},
    {"SparseDenseCwiseMul",
     [](NodeLowering &n) { withDense(n, [](const Number &x, const Number &y) { return x * y; }); }},
    {"SparseReduceMax", [](NodeLowering &n) { reduce(n, "segment_max"); }},
    {"SparseReduceSum", [](NodeLowering &n) { reduce(n, "segment_sum"); }},
    {"SparseSoftmax", softmax},
    {"SparseTensorDenseAdd", addDense},
    {"SparseTensorDenseMatMul", matMul},
    {"SparseToDense", toDense},
};

} // namespace

Lowerings sparseDenseLowerings() { return kSparseDense; }

} // namespace firn::kernel
