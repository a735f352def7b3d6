// The elements of an axis in another order.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"

using namespace mlir;

namespace firn::kernel {
namespace {

Tensor reversed(NodeLowering &n, const Tensor &input, ArrayRef<int64_t> axes) {
  if (!input || axes.empty())
    return input;
  return n.generate(input.dtype, input.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Place> places = placesOf(b, at);
    for (int64_t axis : axes)
      places[axis] = placeOf(b, input.sizes[axis]) - 1 - places[axis];
    return NodeLowering::read(b, input, valuesOf(places));
  });
}

// A flag for each axis.
void reverse(NodeLowering &n) {
  std::optional<SmallVector<int64_t>> flags = n.constants(1);
  if (!flags)
    return;
  SmallVector<int64_t> axes;
  for (auto [axis, flag] : llvm::enumerate(*flags))
    if (flag)
      axes.push_back(axis);
  n.give(reversed(n, n.in(0), axes));
}

void reverseV2(NodeLowering &n) {
  Tensor input = n.in(0);
  std::optional<SmallVector<int64_t>> axes = n.constants(1);
  if (!input || !axes)
    return;
  for (int64_t &axis : *axes)
    axis += axis < 0 ? input.rank() : 0;
  n.give(reversed(n, input, *axes));
}

void reverseSequence(NodeLowering &n) {
  Tensor input = n.in(0), lengths = n.in(1);
  if (!input || !lengths)
    return;
  int64_t batch = n.integer("batch_dim"), axis = n.integer("seq_dim");
  batch += batch < 0 ? input.rank() : 0;
  axis += axis < 0 ? input.rank() : 0;
  n.give(n.generate(input.dtype, input.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Place> places = placesOf(b, at);
    Place length = placeOf(b, NodeLowering::read(b, lengths, places[batch].value));
    length = min(length, placeOf(b, input.sizes[axis])); // beyond it nothing can be read
    places[axis] = choose(places[axis] < length, length - 1 - places[axis], places[axis]);
    return NodeLowering::read(b, input, valuesOf(places));
  }));
}

// Element i goes to i + shift, round the end; of several shifts of an axis their sum.
void roll(NodeLowering &n) {
  Tensor input = n.in(0), shifts = n.in(1);
  std::optional<SmallVector<int64_t>> axes = n.constants(2);
  if (!input || !shifts || !axes)
    return;
  n.give(n.generate(input.dtype, input.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Place> places = placesOf(b, at);
    for (auto [i, given] : llvm::enumerate(*axes)) {
      SmallVector<Value> entry;
      if (shifts.rank() > 0)
        entry.push_back(placeOf(b, static_cast<int64_t>(i)).value);
      Place &place = places[given < 0 ? given + input.rank() : given];
      Place dim = placeOf(b, input.sizes[given < 0 ? given + input.rank() : given]);
      Place shift = placeOf(b, NodeLowering::read(b, shifts, entry)) % dim;
      place = (place - shift + dim) % dim;
    }
    return NodeLowering::read(b, input, valuesOf(places));
  }));
}

const LoweringEntry kReverse[] = {
    {"Reverse", reverse},
    {"ReverseSequence", reverseSequence},
    {"ReverseV2", reverseV2},
    {"Roll", roll},
};

} // namespace

Lowerings reverseLowerings() { return kReverse; }

} // namespace firn::kernel
