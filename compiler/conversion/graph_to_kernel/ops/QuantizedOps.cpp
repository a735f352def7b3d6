// Ops on quantised tensors: each comes with the least and the greatest number of its range.
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "compiler/conversion/graph_to_kernel/ops/Conv.h"
#include "compiler/conversion/graph_to_kernel/ops/Pool.h"
#include "compiler/conversion/graph_to_kernel/ops/QuantizedRange.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

void giveHeld(NodeLowering &n, const Tensor &tensor) {
  n.give(tensor ? n.retype(tensor, n.outDtype()) : tensor);
}

// --- Activations -------------------------------------------------------------------------------

void clampAll(NodeLowering &n, const Tensor &most, unsigned rangeAt) {
  Tensor x = heldInput(n, 0);
  RangeTensors range = rangeInput(n, rangeAt);
  if (!x || !range)
    return;
  Limits limits = limitsOf(x.dtype);
  SmallVector<Tensor> operands{x, range.least, range.most};
  if (most)
    operands.push_back(most);
  giveHeld(n, map(n, operands, x.dtype, x.sizes, [&](ArrayRef<Number> v) {
             RangeNumbers numbers{v[1], v[2]};
             Number zero = convert(quantizedNumber(like(v[1], 0), numbers, limits), x.dtype);
             Number result = maximum(v[0], zero);
             if (most)
               result = minimum(result, convert(quantizedNumber(v[3], numbers, limits), x.dtype));
             return result;
           }));
  giveRange(n, 1, range);
}

void relu(NodeLowering &n) { clampAll(n, Tensor(), 1); }
void relu6(NodeLowering &n) { clampAll(n, filled(n, DT_FLOAT, 6, {}), 1); }
void reluX(NodeLowering &n) {
  if (Tensor most = n.in(1))
    clampAll(n, n.reshape(most, {}), 2);
}

// --- Other ranges ------------------------------------------------------------------------------

// The range that the numbers of input 0 use, widened to hold 0 at its lower end.
RangeTensors usedRange(NodeLowering &n) {
  Tensor x = heldInput(n, 0);
  RangeTensors range = rangeInput(n, 1);
  if (!x || !range)
    return {};
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, x.rank()));
  Limits limits = limitsOf(x.dtype);
  auto realOf = [&](const Folding &folding, bool isLeast) {
    Tensor number = fold(n, x, all, false, folding);
    return scalarOf(n, {number, range.least, range.most}, [&](ArrayRef<Number> v) {
      Number real = realNumber(v[0], {v[1], v[2]}, limits);
      return isLeast ? minimum(real, 0) : real;
    });
  };
  return {realOf(kLeast, true), realOf(kGreatest, false)};
}

void requantizationRange(NodeLowering &n) { giveRange(n, 0, usedRange(n)); }

void giveRequantized(NodeLowering &n, const RangeTensors &to) {
  giveHeld(n, requantized(n, heldInput(n, 0), rangeInput(n, 1), heldType(n.outDtype()), to));
  giveRange(n, 1, to);
}

void requantize(NodeLowering &n) { giveRequantized(n, rangeInput(n, 3)); }
void shrinkRange(NodeLowering &n) { giveRequantized(n, usedRange(n)); }

// --- Movement ----------------------------------------------------------------------------------

void reshape(NodeLowering &n) {
  findLowering("Reshape")(n);
  giveRange(n, 1, rangeInput(n, 2));
}

// Holds 0; for int32 in its middle.
RangeTensors commonRange(NodeLowering &n, ArrayRef<RangeTensors> ranges, int dtype) {
  SmallVector<Tensor> least, most;
  for (const RangeTensors &range : ranges) {
    least.push_back(range.least);
    most.push_back(range.most);
  }
  RangeTensors common;
  common.least = scalarOf(n, least, [](ArrayRef<Number> v) {
    Number all = like(v[0], 0);
    for (const Number &each : v)
      all = minimum(all, each);
    return all;
  });
  common.most = scalarOf(n, most, [](ArrayRef<Number> v) {
    Number all = v[0];
    for (const Number &each : v.drop_front())
      all = maximum(all, each);
    return all;
  });
  if (dtype != DT_INT32)
    return common;
  auto farthest = [&](double sign) {
    return scalarOf(n, {common.least, common.most},
                    [=](ArrayRef<Number> v) { return maximum(abs(v[0]), abs(v[1])) * sign; });
  };
  return {farthest(-1), farthest(1)};
}

// The greatest ends of all ranges follow the tensors, the lower ones first.
void concat(NodeLowering &n) {
  auto count = static_cast<unsigned>(n.integer("N"));
  std::optional<int64_t> axis = n.constant(0);
  SmallVector<Tensor> parts;
  SmallVector<RangeTensors> ranges;
  for (unsigned i = 0; i < count; ++i) {
    parts.push_back(heldInput(n, 1 + i));
    ranges.push_back(rangeInput(n, 1 + count + i, 1 + 2 * count + i));
    if (!parts.back() || !ranges.back())
      return;
  }
  if (!axis)
    return;
  RangeTensors common = commonRange(n, ranges, parts.front().dtype);
  for (auto [part, range] : llvm::zip(parts, ranges)) {
    Tensor moved = requantized(n, part, range, part.dtype, common);
    // Numbers of the same range stay as they are.
    part = map(n, {part, moved, range.least, range.most, common.least, common.most}, part.dtype,
               part.sizes,
               [](ArrayRef<Number> v) { return choose(v[2] == v[4] && v[3] == v[5], v[0], v[1]); });
  }
  giveHeld(n, n.concat(parts, *axis < 0 ? *axis + parts.front().rank() : *axis));
  giveRange(n, 1, common);
}

// --- Pooling -----------------------------------------------------------------------------------

void maxPool(NodeLowering &n) {
  giveHeld(n,
           pooled(n, heldInput(n, 0), n.integers("ksize"), n.integers("strides"), PoolKind::Max));
  giveRange(n, 1, rangeInput(n, 1));
}

// Means are rounded towards zero.
void averagePool(NodeLowering &n) {
  Tensor x = heldInput(n, 0);
  Tensor wide = converted(n, x, DT_INT32);
  Tensor means = pooled(n, wide, n.integers("ksize"), n.integers("strides"), PoolKind::Average);
  giveHeld(n, means ? converted(n, means, x.dtype) : Tensor());
  giveRange(n, 1, rangeInput(n, 1));
}

// --- Sums and products: int32 numbers in a range that holds them -------------------------------

struct Operands {
  Tensor left, right;
  RangeTensors a, b;
  explicit operator bool() const { return left && right && a && b; }
};
Operands operandsOf(NodeLowering &n) {
  return {heldInput(n, 0), heldInput(n, 1), rangeInput(n, 2), rangeInput(n, 4)};
}

// The range of sums: wide enough for 2^`spare` of them, with 0 in its middle.
RangeTensors rangeOfSum(NodeLowering &n, const Operands &operands, int spare) {
  auto end = [&](double sign) {
    return scalarOf(n, {operands.a.least, operands.a.most, operands.b.least, operands.b.most},
                    [=](ArrayRef<Number> v) {
                      return maximum(maximum(v[1], -v[0]), maximum(v[3], -v[2])) * (1 << spare) *
                             sign;
                    });
  };
  return {end(-1), end(1)};
}

RangeTensors rangeOfProduct(NodeLowering &n, const Operands &operands) {
  Limits left = limitsOf(operands.left.dtype), right = limitsOf(operands.right.dtype);
  auto end = [&](double number) {
    return scalarOf(n, {operands.a.least, operands.a.most, operands.b.least, operands.b.most},
                    [=](ArrayRef<Number> v) {
                      Number a = (v[1] - v[0]) / (left.levels() - 1),
                             b = (v[3] - v[2]) / (right.levels() - 1);
                      return a * b * number;
                    });
  };
  return {end(-2147483648.0), end(2147483647.0)};
}

// The numbers of a tensor, counted from the one that stands for 0.
Tensor fromZero(NodeLowering &n, const Tensor &x, const RangeTensors &range) {
  Limits limits = limitsOf(x.dtype);
  return map(n, {x, range.least, range.most}, DT_INT32, x.sizes, [&](ArrayRef<Number> v) {
    Number zero = unboundedQuantized(like(v[1], 0), {v[1], v[2]}, limits);
    return convert(v[0], DT_INT32) - convert(zero, DT_INT32);
  });
}

// The numbers of a tensor in the range of the sums: of a scalar the nearest, of a tensor those on
// the line of whole numbers through what 0 and 1 become.
Tensor numbersIn(NodeLowering &n, const Tensor &x, const RangeTensors &from,
                 const RangeTensors &to) {
  Limits limits = limitsOf(x.dtype), wide = limitsOf(DT_INT32);
  return map(n, {x, from.least, from.most, to.least, to.most}, DT_INT32, x.sizes,
             [&](ArrayRef<Number> v) {
               RangeNumbers own{v[1], v[2]}, sums{v[3], v[4]};
               if (x.rank() == 0)
                 return quantizedNumber(realNumber(v[0], own, limits), sums, wide);
               auto become = [&](double number) {
                 return unboundedQuantized(realNumber(like(v[0], number), own, limits), sums, wide);
               };
               Number first = become(0);
               Number step = convert(convert(become(1) - first, DT_INT32), DT_INT64);
               Number moved = first + convert(v[0], DT_INT64) * step;
               return minimum(maximum(moved, wide.lowest), wide.highest);
             });
}

using Combine = Number (*)(const Number &, const Number &);

void combined(NodeLowering &n, const Tensor &a, const Tensor &b, Combine combine) {
  giveHeld(n, map(n, {a, b}, DT_INT32, [=](ArrayRef<Number> v) { return combine(v[0], v[1]); }));
}

void add(NodeLowering &n) {
  Operands operands = operandsOf(n);
  if (!operands)
    return;
  RangeTensors range = rangeOfSum(n, operands, 14);
  combined(n, numbersIn(n, operands.left, operands.a, range),
           numbersIn(n, operands.right, operands.b, range),
           [](const Number &x, const Number &y) { return x + y; });
  giveRange(n, 1, range);
}

void multiply(NodeLowering &n) {
  Operands operands = operandsOf(n);
  if (!operands)
    return;
  combined(n, fromZero(n, operands.left, operands.a), fromZero(n, operands.right, operands.b),
           [](const Number &x, const Number &y) { return x * y; });
  giveRange(n, 1, rangeOfProduct(n, operands));
}

void biasAdd(NodeLowering &n) {
  Operands operands = operandsOf(n);
  if (!operands)
    return;
  RangeTensors range = rangeOfSum(n, operands, 17);
  combined(n, requantized(n, operands.left, operands.a, DT_INT32, range),
           requantized(n, operands.right, operands.b, DT_INT32, range),
           [](const Number &x, const Number &y) { return x + y; });
  giveRange(n, 1, range);
}

void matMul(NodeLowering &n) {
  Operands operands = operandsOf(n);
  if (!operands)
    return;
  Tensor left = fromZero(n, operands.left, operands.a);
  if (n.flag("transpose_a"))
    left = n.transpose(left, {1, 0});
  giveHeld(n, matrixProduct(n, left, fromZero(n, operands.right, operands.b), n.flag("transpose_b"),
                            DT_INT32));
  giveRange(n, 1, rangeOfProduct(n, operands));
}

// The windows lie as TensorFlow's kernel lays them: what strides leave over, or what they skip, is
// split between both ends, under VALID too. False where sizes are not constant.
bool placeLikeKernel(NodeLowering &n, WindowAxes &axes) {
  for (WindowAxis &axis : axes) {
    std::optional<int64_t> in = constantSize(axis.in), out = constantSize(axis.out);
    if (!in || !out)
      return axis.stride == 1; // nothing is left over
    int64_t odd = n.text("padding") == "VALID" ? 1 : 0;
    int64_t missing = (*out - 1) * axis.stride + axis.window - *in;
    int64_t before = (missing + odd) / 2;
    axis.before = n.size(before);
    axis.behind = n.size(std::max<int64_t>(missing - before, 0));
  }
  return true;
}

// Elements before the first window.
Tensor withoutSkipped(NodeLowering &n, const Tensor &image, WindowAxes &axes) {
  Sizes offsets = n.repeated(0, image.rank()), sizes = image.sizes;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t skipped = std::max<int64_t>(-constantSize(axis.before).value_or(0), 0);
    offsets[1 + i] = n.size(skipped);
    sizes[1 + i] = axis.in = n.sub(sizes[1 + i], n.size(skipped));
    if (skipped)
      axis.before = n.size(0);
  }
  return n.slice(image, offsets, sizes);
}

void conv(NodeLowering &n) {
  Operands operands = operandsOf(n);
  if (!operands)
    return;
  if (!operands.right.type().hasStaticShape())
    return n.fail("filters of unknown sizes");
  ImageFormat format;
  std::optional<WindowAxes> axes =
      placeWindows(n, format, operands.left.sizes, operands.right.type().getShape().take_front(2));
  if (!axes)
    return;
  imageSizes(n, format, operands.left.sizes[0], *axes, operands.right.sizes[3]);
  if (!placeLikeKernel(n, *axes))
    return n.fail("strides over images whose size is not constant (--input-shape gives it one)");
  Tensor image = withoutSkipped(n, fromZero(n, operands.left, operands.a), *axes);
  giveHeld(n, convolved(n, image, fromZero(n, operands.right, operands.b), *axes));
  giveRange(n, 1, rangeOfProduct(n, operands));
}

const LoweringEntry kQuantizedOps[] = {
    {"QuantizeDownAndShrinkRange", shrinkRange},
    {"QuantizedAdd", add},
    {"QuantizedAvgPool", averagePool},
    {"QuantizedBiasAdd", biasAdd},
    {"QuantizedConcat", concat},
    {"QuantizedConv2D", conv},
    {"QuantizedMatMul", matMul},
    {"QuantizedMaxPool", maxPool},
    {"QuantizedMul", multiply},
    {"QuantizedRelu", relu},
    {"QuantizedRelu6", relu6},
    {"QuantizedReluX", reluX},
    {"QuantizedReshape", reshape},
    {"RequantizationRange", requantizationRange},
    {"Requantize", requantize},
};

} // namespace

Lowerings quantizedOpLowerings() { return kQuantizedOps; }

} // namespace firn::kernel
