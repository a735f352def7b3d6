// Slices that are picked by index. An index outside of its axis picks the nearest slice, so that
// nothing outside of the tensor is read.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace firn::kernel {
namespace {

Sizes joined(ArrayRef<Size> a, ArrayRef<Size> b, ArrayRef<Size> c = {}) {
  Sizes sizes(a);
  sizes.append(b.begin(), b.end());
  sizes.append(c.begin(), c.end());
  return sizes;
}

/// output[b…, o…, i…, r…] = params[b…, o…, indices[b…, i…], r…]: the first `batch` axes are
/// shared, `axis` is picked from.
void gatherAlong(NodeLowering &n, int64_t axis, int64_t batch) {
  Tensor params = n.in(0), indices = n.in(1);
  if (!params || !indices)
    return;
  ArrayRef<Size> from = params.sizes, by = indices.sizes;
  int64_t picks = indices.rank() - batch;
  Sizes sizes = joined(from.take_front(axis), by.drop_front(batch), from.drop_front(axis + 1));
  sizes = n.outSizes(0, sizes);
  n.give(n.generate(params.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> index(at.take_front(batch)), source(at.take_front(axis));
    llvm::append_range(index, at.slice(axis, picks));
    Place picked = placeOf(b, NodeLowering::read(b, indices, index));
    source.push_back(clamp(picked, placeOf(b, from[axis])).value);
    llvm::append_range(source, at.drop_front(axis + picks));
    return NodeLowering::read(b, params, source);
  }));
}

void gather(NodeLowering &n) { gatherAlong(n, 0, 0); }

void gatherV2(NodeLowering &n) {
  Tensor params = n.in(0), indices = n.in(1);
  std::optional<int64_t> axis = n.constant(2);
  if (!params || !indices || !axis)
    return;
  int64_t batch = n.integer("batch_dims");
  gatherAlong(n, *axis < 0 ? *axis + params.rank() : *axis,
              batch < 0 ? batch + indices.rank() : batch);
}

void gatherNd(NodeLowering &n) {
  Tensor params = n.in(0), indices = n.in(1);
  if (!params || !indices)
    return;
  std::optional<int64_t> depth = constantSize(indices.sizes.back());
  if (!depth)
    return n.fail("indices of unknown depth");
  ArrayRef<Size> from = params.sizes;
  int64_t rows = indices.rank() - 1;
  Sizes sizes = joined(ArrayRef<Size>(indices.sizes).drop_back(), from.drop_front(*depth));
  sizes = n.outSizes(0, sizes);
  n.give(n.generate(params.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> index(at.take_front(rows)), source;
    index.push_back({});
    for (int64_t axis = 0; axis < *depth; ++axis) {
      index.back() = placeOf(b, axis).value;
      Place picked = placeOf(b, NodeLowering::read(b, indices, index));
      source.push_back(clamp(picked, placeOf(b, from[axis])).value);
    }
    llvm::append_range(source, at.drop_front(rows));
    return NodeLowering::read(b, params, source);
  }));
}

void invertPermutation(NodeLowering &n) {
  Tensor order = n.in(0);
  if (!order)
    return;
  n.give(n.generate(order.dtype, order.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Value found =
        foldRange(placeOf(b, int64_t(0)), placeOf(b, order.sizes[0]), zeroOf(b, b.getIndexType()),
                  [&](ImplicitLocOpBuilder &inner, Place i, Value so_far) {
                    Place target = placeOf(inner, NodeLowering::read(inner, order, i.value));
                    return choose(target == placeOf(inner, at[0]), i.value, so_far);
                  });
    return b.create<arith::IndexCastOp>(order.elementType(), found).getResult();
  }));
}

const LoweringEntry kGather[] = {
    {"Gather", gather},
    {"GatherNd", gatherNd},
    {"GatherV2", gatherV2},
    {"InvertPermutation", invertPermutation},
};

} // namespace

Lowerings gatherLowerings() { return kGather; }

} // namespace firn::kernel
