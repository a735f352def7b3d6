// ConcatOffset, BroadcastGradientArgs: arithmetic on shapes that are data. Of shapes that are known
// before the run, ShapeValues makes the first, and constant folding both.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Plain.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

Truth truthOf(Condition condition) { return {condition.b, condition.value}; }

// Each output is 0 but along the axis, where it sums up the shapes before it.
void concatOffset(NodeLowering &n) {
  Tensor first = n.in(1);
  std::optional<int64_t> axis =
      first ? normalAxis(n, n.constant(0), constantSize(first.sizes[0]).value_or(0)) : std::nullopt;
  if (!axis)
    return;
  Tensor offsets = n.zeros(first.dtype, first.sizes);
  for (unsigned i = 1; i < n.numInputs(); ++i) {
    Tensor shape = n.in(i);
    if (!shape)
      return;
    n.give(i - 1, offsets);
    offsets =
        n.generate(first.dtype, first.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
          Number before{&b, NodeLowering::read(b, offsets, at), first.dtype};
          Number here{&b, NodeLowering::read(b, shape, at), first.dtype};
          Truth isAxis = truthOf(placeOf(b, at[0]) == *axis);
          return choose(isAxis, before + here, like(before, 0)).value;
        });
  }
}

// Whether two shapes of one rank are the same.
Truth areEqual(ImplicitLocOpBuilder &b, const Tensor &x, const Tensor &y, int64_t rank) {
  Truth all = truthOf(placeOf(b, int64_t(0)) == 0);
  for (int64_t axis = 0; axis < rank; ++axis) {
    Value at = placeOf(b, axis).value;
    all = all && Number{&b, NodeLowering::read(b, x, at), x.dtype} ==
                     Number{&b, NodeLowering::read(b, y, at), y.dtype};
  }
  return all;
}

// The axes along which one operand is repeated: it lacks them, or has 1 there.
void broadcastGradientArgs(NodeLowering &n) {
  Tensor shapes[] = {n.in(0), n.in(1)};
  if (!shapes[0] || !shapes[1])
    return;
  std::optional<int64_t> ranks[] = {constantSize(shapes[0].sizes[0]),
                                    constantSize(shapes[1].sizes[0])};
  if (!ranks[0] || !ranks[1])
    return n.fail("a shape of unknown rank");
  Size rank = n.size(std::max(*ranks[0], *ranks[1]));
  for (unsigned k : {0u, 1u}) {
    int64_t missing = *constantSize(rank) - *ranks[k];
    Tensor isRepeated = n.generate(DT_BOOL, {rank}, [&](ImplicitLocOpBuilder &b, ValueRange at) {
      Place own = placeOf(b, at[0]) - missing;
      Place inside = clamp(own, placeOf(b, shapes[k].sizes[0]));
      Number size{&b, NodeLowering::read(b, shapes[k], inside.value), shapes[k].dtype};
      Truth isOne = truthOf(own < 0) || size == like(size, 1);
      if (*ranks[0] == *ranks[1])
        isOne = isOne && !areEqual(b, shapes[0], shapes[1], *ranks[0]);
      return byteOf(isOne).value;
    });
    SmallVector<Tensor> found = n.call("where", {isRepeated}, {rank}, {},
                                       {n.empty(DT_INT64, {rank}), n.empty(DT_INT64, {})});
    Size count = n.outSizes(k, {n.readSize(found[1], rank)}).front();
    n.give(k, converted(n, firstOf(n, found[0], count), n.outDtype(k)));
  }
}

const LoweringEntry kShapeData[] = {
    {"BroadcastGradientArgs", broadcastGradientArgs},
    {"ConcatOffset", concatOffset},
};

} // namespace

Lowerings shapeDataLowerings() { return kShapeData; }

} // namespace firn::kernel
