// TopK, Unique, Where, LowerBound: order, equal elements, places of some.
#include "compiler/conversion/graph_to_kernel/ops/Plain.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

void topK(NodeLowering &n) {
  Tensor x = n.in(0), plain = toPlain(n, x);
  if (!plain)
    return;
  Size width = x.sizes.back();
  Size k = n.node.is("TopK") ? n.size(n.integer("k")) : sizeInput(n, 1, width);
  Sizes sizes = x.sizes;
  sizes.back() = k;
  sizes = n.outSizes(0, sizes);
  k = sizes.back();
  Size rows = n.product(ArrayRef<Size>(x.sizes).drop_back());
  SmallVector<Tensor> results =
      n.call(plainName("topk", plain), {plain}, {rows, width, k, n.size(n.flag("sorted"))}, {},
             {n.empty(plain.dtype, sizes), n.empty(DT_INT32, sizes),
              n.empty(DT_INT32, {n.add(k, n.size(1))})});
  n.give(0, fromPlain(n, results[0], x.dtype));
  n.give(1, converted(n, results[1], n.outDtype(1)));
}

void nthElement(NodeLowering &n) {
  Tensor x = n.in(0), plain = toPlain(n, x);
  if (!plain)
    return;
  Size width = x.sizes.back(), place = sizeInput(n, 1, width);
  if (n.flag("reverse"))
    place = n.sub(n.sub(width, n.size(1)), place);
  ArrayRef<Size> outer = ArrayRef<Size>(x.sizes).drop_back();
  SmallVector<Tensor> results =
      n.call(plainName("nth", plain), {plain}, {n.product(outer), width, place}, {},
             {n.empty(plain.dtype, outer), n.empty(plain.dtype, {width})});
  n.give(fromPlain(n, results[0], x.dtype));
}

// With `axis` in front, then the rest in order; and back.
Tensor moveToFront(NodeLowering &n, const Tensor &x, int64_t axis, bool back) {
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, x.rank()));
  int64_t from = back ? 0 : axis, to = back ? axis : 0;
  order.erase(order.begin() + from);
  order.insert(order.begin() + to, from);
  return axis == 0 ? x : n.transpose(x, order);
}

void giveUnique(NodeLowering &n, int64_t axis) {
  Tensor x = n.in(0), front = moveToFront(n, toPlain(n, x), axis, false);
  if (!front)
    return;
  Size count = front.sizes[0], each = n.product(ArrayRef<Size>(front.sizes).drop_front());
  Sizes all = {count};
  Size room = n.add(n.mul(count, n.size(2)), n.size(1));
  SmallVector<Tensor> results =
      n.call(plainName("unique", front), {front}, {count, each}, {},
             {n.empty(front.dtype, front.sizes), n.empty(DT_INT64, all), n.empty(DT_INT64, all),
              n.empty(DT_INT64, {}), n.empty(DT_INT64, {room})});
  Sizes sizes = x.sizes;
  sizes[axis] = n.readSize(results[3], count);
  Size number = n.outSizes(0, sizes)[axis];
  n.give(0, moveToFront(n, fromPlain(n, firstOf(n, results[0], number), x.dtype), axis, true));
  n.give(1, converted(n, results[1], n.outDtype(1)));
  if (n.node.numOutputs() > 2)
    n.give(2, converted(n, firstOf(n, results[2], number), n.outDtype(2)));
}

void unique(NodeLowering &n) { giveUnique(n, 0); }

void uniqueV2(NodeLowering &n) {
  Tensor x = n.in(0);
  std::optional<SmallVector<int64_t>> axes = n.constants(1);
  if (!x || !axes)
    return;
  std::optional<int64_t> axis = normalAxis(n, axes->empty() ? 0 : axes->front(), x.rank());
  if (axis)
    giveUnique(n, *axis);
}

void listDiff(NodeLowering &n) {
  Tensor x = n.in(0), plain = toPlain(n, x), others = toPlain(n, n.in(1));
  if (!plain || !others)
    return;
  Size count = x.sizes[0], room = n.add(n.mul(others.sizes[0], n.size(2)), n.size(1));
  SmallVector<Tensor> results =
      n.call(plainName("list_diff", plain), {plain, others}, {count, others.sizes[0]}, {},
             {n.empty(plain.dtype, {count}), n.empty(DT_INT64, {count}), n.empty(DT_INT64, {}),
              n.empty(DT_INT64, {room})});
  Size number = n.outSizes(0, {n.readSize(results[2], count)}).front();
  n.give(0, fromPlain(n, firstOf(n, results[0], number), x.dtype));
  n.outSizes(1, {number});
  n.give(1, converted(n, firstOf(n, results[1], number), n.outDtype(1)));
}

// Places as numbers of elements, then as an index of each dimension.
void where(NodeLowering &n) {
  Tensor x = n.in(0);
  if (!x)
    return;
  Tensor bytes = map(n, {x}, DT_BOOL, x.sizes,
                     [](ArrayRef<Number> v) { return byteOf(v[0] != like(v[0], 0)); });
  Size count = n.product(x.sizes);
  SmallVector<Tensor> results =
      n.call("where", {bytes}, {count}, {}, {n.empty(DT_INT64, {count}), n.empty(DT_INT64, {})});
  Sizes sizes = n.outSizes(0, {n.readSize(results[1], count), n.size(x.rank())});
  if (x.rank() == 1)
    return n.give(n.reshape(firstOf(n, results[0], sizes[0]), sizes));
  SmallVector<Value> strides, lengths;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    strides.push_back(n.value(n.product(ArrayRef<Size>(x.sizes).drop_front(axis + 1))));
    lengths.push_back(n.value(x.sizes[axis]));
  }
  n.give(n.generate(DT_INT64, sizes, [&](ImplicitLocOpBuilder &b, ValueRange place) -> Value {
    Number element{&b, NodeLowering::read(b, results[0], place[0]), DT_INT64};
    Number index = like(element, 0);
    for (int64_t axis = 0; axis < x.rank(); ++axis) {
      Number stride = fromIndex(b, strides[axis], DT_INT64),
             length = fromIndex(b, lengths[axis], DT_INT64);
      Truth isHere = fromIndex(b, place[1], DT_INT64) == static_cast<double>(axis);
      index = choose(isHere, remainder(element / stride, length), index);
    }
    return index.value;
  }));
}

// For each value, how many of its row come before it; `orEqual` counts equal ones too.
void bound(NodeLowering &n, bool orEqual) {
  Tensor sorted = n.in(0), values = n.in(1);
  if (!sorted || !values)
    return;
  Value width = n.value(sorted.sizes[1]);
  n.give(n.generate(
      n.outDtype(), values.sizes, [&](ImplicitLocOpBuilder &b, ValueRange place) -> Value {
        Value zero = b.create<arith::ConstantIndexOp>(0), one = b.create<arith::ConstantIndexOp>(1);
        Value value = NodeLowering::read(b, values, place);
        auto loop = b.create<scf::ForOp>(
            zero, width, one, zero,
            [&](OpBuilder &inner, Location loc, Value index, ValueRange count) {
              ImplicitLocOpBuilder body(loc, inner);
              Number each{&body, NodeLowering::read(body, sorted, {place[0], index}), sorted.dtype};
              Number wanted{&body, value, values.dtype};
              Truth isBefore = orEqual ? each <= wanted : each < wanted;
              Value next = body.create<arith::AddIOp>(count[0], one);
              Value kept = body.create<arith::SelectOp>(isBefore.value, next, count[0]);
              body.create<scf::YieldOp>(kept);
            });
        return fromIndex(b, loop.getResult(0), n.outDtype()).value;
      }));
}

const LoweringEntry kOrder[] = {
    {"ListDiff", listDiff},
    {"LowerBound", [](NodeLowering &n) { bound(n, false); }},
    {"NthElement", nthElement},
    {"TopK", topK},
    {"TopKV2", topK},
    {"Unique", unique},
    {"UniqueV2", uniqueV2},
    {"UniqueWithCounts", unique},
    {"UniqueWithCountsV2", uniqueV2},
    {"UpperBound", [](NodeLowering &n) { bound(n, true); }},
    {"Where", where},
};

} // namespace

Lowerings orderLowerings() { return kOrder; }

} // namespace firn::kernel
