// Parts of tensors: Slice, StridedSlice, and a tensor with such a part replaced.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "compiler/conversion/graph_to_kernel/ops/StridedSpec.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace firn::kernel {
namespace {

// A begin that is data stays inside of the input, wherever it points.
Tensor sliceByData(NodeLowering &n, const Tensor &input, const Tensor &begin,
                   ArrayRef<Size> sizes) {
  return n.generate(input.dtype, sizes, [&](ImplicitLocOpBuilder &body, ValueRange at) -> Value {
    SmallVector<Place> places;
    for (auto [axis, place] : llvm::enumerate(placesOf(body, at))) {
      Place entry = placeOf(body, static_cast<int64_t>(axis));
      Place first = placeOf(body, NodeLowering::read(body, begin, entry.value));
      places.push_back(clamp(first + place, placeOf(body, input.sizes[axis])));
    }
    return NodeLowering::read(body, input, valuesOf(places));
  });
}

void slice(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  std::optional<Sizes> begin = n.elements(1), wanted = n.elements(2);
  if (wanted && begin)
    for (auto [axis, size] : llvm::enumerate(*wanted))
      if (constantSize(size) == int64_t(-1))
        size = n.sub(input.sizes[axis], (*begin)[axis]);
  bool isKnown =
      wanted && llvm::none_of(*wanted, [](Size size) { return constantSize(size) == int64_t(-1); });
  std::optional<Sizes> sizes = isKnown ? n.outSizes(0, *wanted) : n.outSizes(0);
  if (!sizes)
    return;
  if (begin) {
    for (auto [axis, first] : llvm::enumerate(*begin))
      if (!constantSize(first)) // as many elements have to follow
        first = n.inside(first, n.add(n.sub(input.sizes[axis], (*sizes)[axis]), n.size(1)));
    return n.give(n.slice(input, *begin, *sizes));
  }
  Tensor data = n.in(1);
  if (data)
    n.give(sliceByData(n, input, data, *sizes));
}

Tensor taken(NodeLowering &n, const Tensor &input, const StridedRange &range) {
  if (!range.hasData() && range.isForward()) {
    Sizes offsets, strides;
    for (const StridedAxis &axis : range.axes) {
      offsets.push_back(axis.first);
      strides.push_back(n.size(axis.step));
    }
    if (llvm::all_of(range.axes, [](const StridedAxis &axis) { return axis.step == 1; }))
      return n.slice(input, offsets, range.counts());
    return n.slice(input, offsets, range.counts(), strides);
  }
  Tensor begin = range.hasData() ? n.in(1) : input;
  if (!begin)
    return {};
  return n.generate(
      input.dtype, range.counts(), [&](ImplicitLocOpBuilder &body, ValueRange at) -> Value {
        SmallVector<Place> places = firstPlaces(n, body, range, input, begin);
        for (auto [place, axis, along] : llvm::zip(places, range.axes, placesOf(body, at)))
          place = place + along * axis.step;
        return NodeLowering::read(body, input, valuesOf(places));
      });
}

void stridedSlice(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  if (std::optional<StridedRange> range = resolveRange(n, input))
    n.give(n.reshape(taken(n, input, *range), range->result));
}

// Backward steps store the mirrored value forward.
Tensor mirrored(NodeLowering &n, const Tensor &value, const StridedRange &range) {
  if (range.isForward())
    return value;
  return n.generate(value.dtype, value.sizes,
                    [&](ImplicitLocOpBuilder &body, ValueRange at) -> Value {
                      SmallVector<Place> places = placesOf(body, at);
                      for (auto [place, axis] : llvm::zip(places, range.axes))
                        if (axis.step < 0)
                          place = placeOf(body, axis.count) - 1 - place;
                      return NodeLowering::read(body, value, valuesOf(places));
                    });
}

// Data as a size that lies within the axis.
Size firstByData(NodeLowering &n, const StridedRange &range, const Tensor &input, unsigned axis) {
  Tensor begin = n.in(1);
  if (!begin)
    return n.size(0);
  Size last = n.max(n.sub(input.sizes[axis], n.size(1)), n.size(0));
  Tensor first = n.generate(begin.dtype, {}, [&](ImplicitLocOpBuilder &body, ValueRange) -> Value {
    Place place = firstPlaces(n, body, range, input, begin)[axis];
    return body.create<arith::IndexCastOp>(begin.elementType(), place.value);
  });
  return n.readSize(first, last);
}

void stridedSliceUpdate(NodeLowering &n) {
  Tensor input = n.in(0), value = n.in(4);
  if (!input || !value)
    return;
  std::optional<StridedRange> range = resolveRange(n, input);
  if (!range)
    return;
  Tensor part = n.reshape(n.broadcast(value, range->result), range->counts());
  Sizes offsets, strides;
  for (auto [i, axis] : llvm::enumerate(range->axes)) {
    Size first = axis.first ? axis.first : firstByData(n, *range, input, i);
    if (axis.step < 0) // of the last element that a backward slice reaches
      first =
          n.max(n.add(first, n.mul(n.sub(axis.count, n.size(1)), n.size(axis.step))), n.size(0));
    offsets.push_back(first);
    strides.push_back(n.size(std::abs(axis.step)));
  }
  n.give(n.insert(mirrored(n, part, *range), input, offsets, strides));
}

const LoweringEntry kSlice[] = {
    {"Slice", slice},
    {"StridedSlice", stridedSlice},
    {"TensorStridedSliceUpdate", stridedSliceUpdate},
};

} // namespace

Lowerings sliceLowerings() { return kSlice; }

} // namespace firn::kernel
