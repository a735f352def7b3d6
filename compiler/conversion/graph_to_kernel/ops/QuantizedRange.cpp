#include "compiler/conversion/graph_to_kernel/ops/QuantizedRange.h"

#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

int heldType(int dtype) {
  switch (dtype) {
  case DT_QINT8:
    return DT_INT8;
  case DT_QUINT8:
    return DT_UINT8;
  case DT_QINT16:
    return DT_INT16;
  case DT_QUINT16:
    return DT_UINT16;
  case DT_QINT32:
    return DT_INT32;
  default:
    return dtype;
  }
}

Tensor heldInput(NodeLowering &n, unsigned index) {
  Tensor tensor = n.in(index);
  return tensor ? n.retype(tensor, heldType(tensor.dtype)) : tensor;
}

RangeTensors rangeInput(NodeLowering &n, unsigned least, unsigned most) {
  auto scalar = [&](unsigned index) {
    Tensor tensor = n.in(index);
    return tensor ? n.reshape(tensor, {}) : tensor;
  };
  return {scalar(least), scalar(most)};
}

void giveRange(NodeLowering &n, unsigned index, const RangeTensors &range) {
  n.give(index, range.least);
  n.give(index + 1, range.most);
}

Tensor scalarOf(NodeLowering &n, ArrayRef<Tensor> from, const NumberBody &body) {
  return map(n, from, DT_FLOAT, ArrayRef<Size>(), body);
}

Limits limitsOf(int dtype) {
  switch (dtype) {
  case DT_INT8:
    return {-128, 127};
  case DT_UINT8:
    return {0, 255};
  case DT_INT16:
    return {-32768, 32767};
  case DT_UINT16:
    return {0, 65535};
  default:
    return {-2147483648.0, 2147483647.0};
  }
}

namespace {

Number asDouble(const Number &x) { return convert(x, DT_DOUBLE); }
Number asFloat(const Number &x) { return convert(x, DT_FLOAT); }

// A number that int64 holds.
Number saturating(const Number &x) { return minimum(maximum(x, -1e18), 1e18); }

Truth isEmpty(const RangeNumbers &range) { return range.least == range.most; }

// The width of all steps of the type. It is worked out in f32 first.
Number fullWidth(const RangeNumbers &range, Limits limits) {
  return asDouble(range.most - range.least) * (limits.levels() / (limits.levels() - 1));
}

} // namespace

Number unboundedQuantized(const Number &value, const RangeNumbers &range, Limits limits) {
  Number scale = limits.levels() / fullWidth(range, limits);
  Number steps = round(asDouble(value) * scale) - round(asDouble(range.least) * scale);
  Number whole = convert(saturating(steps), DT_INT64) + limits.lowest;
  return choose(isEmpty(range), like(whole, limits.lowest), whole);
}

Number quantizedNumber(const Number &value, const RangeNumbers &range, Limits limits) {
  return minimum(maximum(unboundedQuantized(value, range, limits), limits.lowest), limits.highest);
}

Number realNumber(const Number &value, const RangeNumbers &range, Limits limits) {
  Number step = fullWidth(range, limits) / limits.levels(), shortStep = asFloat(step);
  Number least = asDouble(round(range.least / shortStep) * shortStep);
  Number real = asFloat(least + (asDouble(value) - limits.lowest) * step);
  return choose(isEmpty(range), range.least, real);
}

namespace {

// Single numbers are converted in double and tensors in float, as TensorFlow does it: the last
// digits differ.
Number elementToReal(const Number &value, const RangeNumbers &range, Limits limits) {
  Number step = (range.most - range.least) / (limits.levels() - 1);
  Number least = choose(isEmpty(range), range.least, round(range.least / step) * step);
  Number zero = least - like(step, limits.lowest) * step;
  return zero + asFloat(value) * step;
}

Number elementFromReal(const Number &value, const RangeNumbers &range, Limits limits, int dtype) {
  Number width = range.most - range.least;
  Number scale = choose(isEmpty(range), like(width, 0), (limits.levels() - 1) / width);
  Number least = round(range.least * scale) - limits.lowest;
  // The greatest float below 2^31: an int32's maximum is none.
  double most = std::min(limits.highest, 2147483520.0);
  Number moved = round(value * scale) - least;
  Number bounded = choose(moved > limits.lowest, minimum(moved, most), like(moved, limits.lowest));
  return convert(bounded, dtype);
}

// From int32 to uint8 in fixed point, 16 bits behind the point, as TensorFlow does it: the products
// may wrap around.
Number narrowed(const Number &value, const RangeNumbers &from, const RangeNumbers &to) {
  constexpr double kOne = 1 << 16;
  Number inWidth = from.most - from.least, outWidth = to.most - to.least;
  Truth isNone = outWidth == 0;
  auto whole = [&](const Number &x) {
    Number number = convert(saturating(x), DT_INT64);
    return choose(isNone, like(number, 0), number);
  };
  Number perUnit = asFloat(255.0 / asDouble(outWidth));
  Number middle = asFloat((asDouble(from.least) + asDouble(from.most)) / 2.0);
  Number scale = whole(asDouble(inWidth) * (255.0 * kOne) / asDouble(outWidth));
  Number lower = round(asDouble(to.least) * 255.0 * kOne / asDouble(outWidth));
  Number offset = whole(asDouble(middle * perUnit * kOne)) - whole(lower) + (1 << 15);
  Number product = convert(value, DT_INT64) * scale;
  Number number = shiftRight(shiftRight(product, like(product, 32)) + offset, like(product, 16));
  return convert(minimum(maximum(number, 0), 255), DT_UINT8);
}

} // namespace

Tensor requantized(NodeLowering &n, const Tensor &tensor, const RangeTensors &from, int dtype,
                   const RangeTensors &to) {
  if (!tensor || !from || !to)
    return {};
  return map(n, {tensor, from.least, from.most, to.least, to.most}, dtype, tensor.sizes,
             [&](ArrayRef<Number> x) {
               RangeNumbers own{x[1], x[2]}, other{x[3], x[4]};
               if (tensor.dtype == DT_INT32 && dtype == DT_UINT8)
                 return narrowed(x[0], own, other);
               Number real = elementToReal(x[0], own, limitsOf(tensor.dtype));
               return elementFromReal(real, other, limitsOf(dtype), dtype);
             });
}

} // namespace firn::kernel
