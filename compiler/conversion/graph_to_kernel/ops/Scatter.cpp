// Slices that are placed by index: ScatterNd, TensorScatterAdd, and rows that are dealt out and
// collected. An index outside of its axis places nothing.
#include "compiler/conversion/graph_to_kernel/ops/Scatter.h"

#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Plain.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

static Use useOf(Change change) {
  return change == Change::Add || change == Change::Subtract ? Use::Sum : Use::Order;
}

static StringRef kernelOf(Change change) {
  static constexpr StringLiteral names[] = {"scatter_update", "scatter_add", "scatter_sub",
                                            "scatter_max", "scatter_min"};
  return names[static_cast<int>(change)];
}

// `whole` [slots, each] with row i of `updates` [rows, each] folded into row places[i].
static Tensor scatterReal(NodeLowering &n, const Tensor &whole, const Tensor &places,
                          const Tensor &updates, Change change) {
  Use use = useOf(change);
  Tensor into = toPlain(n, whole, use), rows = toPlain(n, updates, use);
  if (!into || !rows || !places)
    return {};
  SmallVector<Size> fields{places.sizes[0], into.sizes[1], into.sizes[0]};
  Tensor result =
      n.call(plainName(kernelOf(change), into), {places, rows}, fields, {}, {into}).front();
  return fromPlain(n, result, whole.dtype, use);
}

Tensor scattered(NodeLowering &n, const Tensor &whole, const Tensor &places, const Tensor &updates,
                 Change change) {
  if (!whole || !updates || !isComplexType(whole.dtype))
    return scatterReal(n, whole, places, updates, change);
  int part = whole.dtype == DT_COMPLEX64 ? DT_FLOAT : DT_DOUBLE;
  auto placed = [&](Number (*take)(const Number &)) {
    auto of = [&](const Tensor &x) {
      return map(n, {x}, part, x.sizes, [=](ArrayRef<Number> v) { return take(v[0]); });
    };
    return scatterReal(n, of(whole), places, of(updates), change);
  };
  return map(n, {placed(real), placed(imag)}, whole.dtype, whole.sizes,
             [](ArrayRef<Number> v) { return complexOf(v[0], v[1]); });
}

// The number of the slice that each row of indices names, -1 for one that is not there.
static Tensor slicesOf(NodeLowering &n, const Tensor &indices, int64_t depth,
                       ArrayRef<Size> sizes) {
  Size rows = n.product(ArrayRef<Size>(indices.sizes).drop_back());
  Tensor flat = n.reshape(indices, {rows, n.size(depth)});
  return n.generate(DT_INT64, {rows}, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Place slice = placeOf(b, int64_t(0));
    Condition isInside = slice == 0;
    for (int64_t axis = 0; axis < depth; ++axis) {
      Value index = NodeLowering::read(b, flat, {at[0], placeOf(b, axis).value});
      Place place = placeOf(b, index), size = placeOf(b, sizes[axis]);
      isInside = isInside && isWithin(place, size);
      slice = slice * size + place;
    }
    Place found = choose(isInside, slice, placeOf(b, int64_t(-1)));
    return b.create<arith::IndexCastOp>(b.getI64Type(), found.value);
  });
}

Tensor scatteredAt(NodeLowering &n, const Tensor &whole, const Tensor &indices,
                   const Tensor &updates, Change change) {
  if (!whole || !indices || !updates)
    return {};
  std::optional<int64_t> depth = constantSize(indices.sizes.back());
  if (!depth || *depth > whole.rank()) {
    n.fail("indices of unknown depth");
    return {};
  }
  ArrayRef<Size> sizes = whole.sizes;
  Size each = n.product(sizes.drop_front(*depth)), slots = n.product(sizes.take_front(*depth));
  Tensor places = slicesOf(n, indices, *depth, sizes);
  Tensor flat = n.reshape(whole, {slots, each});
  Tensor rows = n.reshape(updates, {places.sizes[0], each});
  if (whole.dtype == DT_BOOL && change == Change::Add)
    change = Change::Max; // or
  return n.reshape(scattered(n, flat, places, rows, change), sizes);
}

namespace {

template <Change change> void tensorScatter(NodeLowering &n) {
  n.give(scatteredAt(n, n.in(0), n.in(1), n.in(2), change));
}

void scatterNd(NodeLowering &n) {
  std::optional<Sizes> wanted = n.elements(2);
  std::optional<Sizes> sizes = wanted ? n.outSizes(0, *wanted) : n.outSizes(0);
  Tensor updates = n.in(1);
  if (sizes && updates)
    n.give(scatteredAt(n, n.zeros(updates.dtype, *sizes), n.in(0), updates, Change::Add));
}

// Rows in the order of their owners, and how many each has: of those, how many is data.
void dynamicPartition(NodeLowering &n) {
  Tensor data = n.in(0), given = n.in(1);
  if (!data || !given)
    return;
  int64_t parts = n.node.numOutputs();
  Size rows = n.product(given.sizes);
  Tensor owners = n.reshape(given, {rows});
  SmallVector<Tensor> dealt =
      n.call("partition", {owners}, {rows, n.size(parts)}, {},
             {n.empty(DT_INT64, {rows}), n.empty(DT_INT64, {n.size(parts)})});
  Sizes inner(ArrayRef<Size>(data.sizes).drop_front(given.rank())), whole(inner);
  whole.insert(whole.begin(), rows);
  Tensor flat = n.reshape(data, whole), order = dealt[0];
  Size first = n.size(0);
  for (int64_t part = 0; part < parts; ++part) {
    Tensor number = n.reshape(n.slice(dealt[1], {n.size(part)}, {n.size(1)}), {});
    Sizes sizes(inner);
    sizes.insert(sizes.begin(), n.readSize(number, rows));
    sizes = n.outSizes(part, sizes);
    n.give(part, n.generate(data.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
      Place dealtAt = placeOf(b, at.front()) + placeOf(b, first);
      Place row = placeOf(b, NodeLowering::read(b, order, dealtAt.value));
      SmallVector<Value> source(at);
      source.front() = clamp(row, placeOf(b, rows)).value;
      return NodeLowering::read(b, flat, source);
    }));
    first = n.add(first, sizes.front());
  }
}

// One more than the largest index of all, which is at most the number of rows where indices leave
// no gaps.
Size stitchedRows(NodeLowering &n, ArrayRef<Tensor> indices, Size bound) {
  Tensor largest;
  for (const Tensor &each : indices) {
    Tensor mine = fold(n, each, {0}, false, kGreatest);
    largest = largest ? map(n, {largest, mine}, DT_INT64,
                            [](ArrayRef<Number> x) { return maximum(x[0], x[1]); })
                      : mine;
  }
  Tensor rows =
      map(n, {largest}, DT_INT64, Sizes(), [](ArrayRef<Number> x) { return maximum(x[0] + 1, 0); });
  return n.readSize(rows, bound);
}

// The inputs are N tensors of indices, then N of data.
void dynamicStitch(NodeLowering &n) {
  unsigned pairs = n.numInputs() / 2;
  SmallVector<Tensor> indices, data;
  Sizes inner;
  Size bound = n.size(0), each;
  for (unsigned i = 0; i < pairs; ++i) {
    Tensor index = converted(n, n.in(i), DT_INT64), rows = n.in(pairs + i);
    if (!index || !rows)
      return;
    Size count = n.product(index.sizes);
    inner = Sizes(ArrayRef<Size>(rows.sizes).drop_front(index.rank()));
    each = n.product(inner);
    indices.push_back(n.reshape(index, {count}));
    data.push_back(n.reshape(rows, {count, each}));
    bound = n.add(bound, count);
  }
  Sizes sizes(inner);
  const ShapeInfo &info = n.outInfo(0);
  bool isKnown = info.ranked && info.rank() > 0 && info.dims[0].isConstant();
  sizes.insert(sizes.begin(),
               isKnown ? n.size(*info.dims[0].constant()) : stitchedRows(n, indices, bound));
  sizes = n.outSizes(0, sizes);
  Tensor whole = n.zeros(data.front().dtype, {sizes.front(), each});
  for (unsigned i = 0; i < pairs; ++i)
    whole = scattered(n, whole, indices[i], data[i], Change::Update);
  n.give(n.reshape(whole, sizes));
}

const LoweringEntry kScatter[] = {
    {"DynamicPartition", dynamicPartition},
    {"DynamicStitch", dynamicStitch},
    {"ParallelDynamicStitch", dynamicStitch},
    {"ScatterNd", scatterNd},
    {"TensorScatterAdd", tensorScatter<Change::Add>},
    {"TensorScatterMax", tensorScatter<Change::Max>},
    {"TensorScatterMin", tensorScatter<Change::Min>},
    {"TensorScatterSub", tensorScatter<Change::Subtract>},
    {"TensorScatterUpdate", tensorScatter<Change::Update>},
};

} // namespace

Lowerings scatterLowerings() { return kScatter; }

} // namespace firn::kernel
