// ConcatOffset, BroadcastArgs: arithmetic on shapes that are data. What is known of them before the
// run is made by ShapeValues.
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

/// Two shapes of known ranks that broadcast.
struct Operands {
  Tensor shapes[2];
  int64_t ranks[2] = {0, 0};

  int64_t rank() const { return std::max(ranks[0], ranks[1]); }
  /// What operand `k` has along axis `at` of the common shape: 1 where it lacks the axis.
  Number sizeAt(ImplicitLocOpBuilder &b, unsigned k, Value at) const {
    Place own = placeOf(b, at) - (rank() - ranks[k]);
    Value inside = max(own, placeOf(b, int64_t(0))).value;
    Number size{&b, NodeLowering::read(b, shapes[k], inside), shapes[k].dtype};
    return choose(truthOf(own < 0), like(size, 1), size);
  }
};

std::optional<Operands> operandsOf(NodeLowering &n) {
  Operands both;
  for (unsigned k : {0u, 1u}) {
    both.shapes[k] = n.in(k);
    if (!both.shapes[k])
      return std::nullopt;
    std::optional<int64_t> rank = constantSize(both.shapes[k].sizes[0]);
    if (!rank) {
      n.fail("a shape of unknown rank");
      return std::nullopt;
    }
    both.ranks[k] = *rank;
  }
  return both;
}

void broadcastArgs(NodeLowering &n) {
  std::optional<Operands> both = operandsOf(n);
  if (!both)
    return;
  Sizes sizes = n.outSizes(0, {n.size(both->rank())});
  n.give(n.generate(n.outDtype(), sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Number first = both->sizeAt(b, 0, at[0]), second = both->sizeAt(b, 1, at[0]);
    return choose(first == 1, second, first).value;
  }));
}

// The axes along which one operand is repeated: it lacks them, or has 1 there.
void broadcastGradientArgs(NodeLowering &n) {
  std::optional<Operands> both = operandsOf(n);
  if (!both)
    return;
  Size rank = n.size(both->rank());
  for (unsigned k : {0u, 1u}) {
    Tensor isRepeated = n.generate(DT_BOOL, {rank}, [&](ImplicitLocOpBuilder &b, ValueRange at) {
      Truth isOne = both->sizeAt(b, k, at[0]) == 1;
      if (both->ranks[0] == both->ranks[1])
        isOne = isOne && !areEqual(b, both->shapes[0], both->shapes[1], both->rank());
      return byteOf(isOne).value;
    });
    SmallVector<Tensor> found = n.call("where", {isRepeated}, {rank}, {},
                                       {n.empty(DT_INT64, {rank}), n.empty(DT_INT64, {})});
    Size count = n.outSizes(k, {n.readSize(found[1], rank)}).front();
    n.give(k, converted(n, firstOf(n, found[0], count), n.outDtype(k)));
  }
}

const LoweringEntry kShapeData[] = {
    {"BroadcastArgs", broadcastArgs},
    {"BroadcastGradientArgs", broadcastGradientArgs},
    {"ConcatOffset", concatOffset},
};

} // namespace

Lowerings shapeDataLowerings() { return kShapeData; }

} // namespace firn::kernel
