// Arithmetic on two operands and more. A quotient of integers by zero is 0: TensorFlow refuses it.
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "compiler/transforms/graph/Constants.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// Rounds twice: the difference is a number of the operands' type.
Number squaredDifference(const Number &x, const Number &y) {
  Number difference = x - y;
  return difference * conj(difference);
}

/// `result` where `guard` is not zero, 0 where it is.
Number unlessZero(const Number &guard, const Number &result) {
  return choose(guard == like(guard, 0), like(result, 0), result);
}

Number floorQuotient(const Number &x, const Number &y) {
  if (x.isFloat())
    return floor(x / y);
  Number quotient = x / y;
  if (x.isUnsigned())
    return quotient;
  Truth isBelow = remainder(x, y) != 0 && (x < 0) != (y < 0);
  return choose(isBelow, quotient - 1, quotient);
}

// The remainder has the divisor's sign.
Number floorRemainder(const Number &x, const Number &y) {
  Number rest = remainder(x, y);
  if (x.isUnsigned())
    return rest;
  return choose(rest != 0 && (rest < 0) != (y < 0), rest + y, rest);
}

Number truncatedQuotient(const Number &x, const Number &y) { return trunc(x / y); }

// Squares and cubes, which are frequent, are products.
void power(NodeLowering &n) {
  int dtype = n.dtype();
  if (isIntegerType(dtype))
    return binary(n, integerPower);
  double exponent = 0;
  if (n.shapeRank(1) == 0)
    if (auto numbers = constantNumbers(n.source(1)))
      exponent = numbers->front();
  if (exponent == 2)
    return unary(n, [](const Number &x) { return x * x; });
  if (exponent == 3)
    return unary(n, [](const Number &x) { return x * x * x; });
  binary(n, pow);
}

// The order in which TensorFlow adds operands: the first up to nine one after the other, then eight
// at a time, which are summed by themselves.
Number sumOf(ArrayRef<Number> x) {
  size_t first = x.size() % 8 == 0 ? 8 : x.size() % 8 == 1 ? 9 : x.size() % 8;
  auto plainSum = [](ArrayRef<Number> terms) {
    Number sum = terms.front();
    for (const Number &term : terms.drop_front())
      sum = sum + term;
    return sum;
  };
  first = std::min(first, x.size());
  Number sum = plainSum(x.take_front(first));
  for (x = x.drop_front(first); !x.empty(); x = x.drop_front(8))
    sum = sum + plainSum(x.take_front(8));
  return sum;
}

void addN(NodeLowering &n) { n.give(map(n, ofOneShape(n.inputs()), n.outDtype(), sumOf)); }

void biasAdd(NodeLowering &n) {
  Tensor x = n.in(0), bias = n.in(1);
  if (!x || !bias)
    return;
  if (n.text("data_format").starts_with("NC") && x.rank() > 2) {
    Sizes sizes(x.rank() - 1, n.size(1));
    sizes[0] = bias.sizes[0];
    bias = n.reshape(bias, sizes);
  }
  n.give(map(n, {x, bias}, n.outDtype(), x.sizes, [](ArrayRef<Number> v) { return v[0] + v[1]; }));
}

using N = const Number &;

const LoweringEntry kArithmetic[] = {
    {"Add", [](NodeLowering &n) { binary(n, [](N x, N y) { return x + y; }); }},
    {"AddV2", [](NodeLowering &n) { binary(n, [](N x, N y) { return x + y; }); }},
    {"Sub", [](NodeLowering &n) { binary(n, [](N x, N y) { return x - y; }); }},
    {"Mul", [](NodeLowering &n) { binary(n, [](N x, N y) { return x * y; }); }},
    {"MulNoNan", [](NodeLowering &n) { binary(n, [](N x, N y) { return unlessZero(y, x * y); }); }},
    {"DivNoNan", [](NodeLowering &n) { binary(n, [](N x, N y) { return unlessZero(y, x / y); }); }},
    {"Div", [](NodeLowering &n) { binary(n, [](N x, N y) { return x / y; }); }},
    {"RealDiv", [](NodeLowering &n) { binary(n, [](N x, N y) { return x / y; }); }},
    {"TruncateDiv", [](NodeLowering &n) { exactBinary(n, truncatedQuotient); }},
    {"FloorDiv", [](NodeLowering &n) { exactBinary(n, floorQuotient); }},
    {"Mod", [](NodeLowering &n) { exactBinary(n, remainder); }},
    {"TruncateMod", [](NodeLowering &n) { exactBinary(n, remainder); }},
    {"FloorMod", [](NodeLowering &n) { exactBinary(n, floorRemainder); }},
    {"Xdivy", [](NodeLowering &n) { binary(n, [](N x, N y) { return unlessZero(x, x / y); }); }},
    {"Xlogy",
     [](NodeLowering &n) { exactBinary(n, [](N x, N y) { return unlessZero(x, x * log(y)); }); }},
    {"Xlog1py",
     [](NodeLowering &n) { exactBinary(n, [](N x, N y) { return unlessZero(x, x * log1p(y)); }); }},
    {"Pow", power},
    {"SquaredDifference", [](NodeLowering &n) { exactBinary(n, squaredDifference); }},
    {"Maximum", [](NodeLowering &n) { binary(n, [](N x, N y) { return maximum(x, y); }); }},
    {"Minimum", [](NodeLowering &n) { binary(n, [](N x, N y) { return minimum(x, y); }); }},
    {"Atan2", [](NodeLowering &n) { binary(n, atan2); }},
    {"NextAfter", [](NodeLowering &n) { binary(n, nextAfter); }},
    {"Complex", [](NodeLowering &n) { binary(n, complexOf); }},
    {"AddN", addN},
    {"AccumulateNV2", addN},
    {"BiasAdd", biasAdd},
    {"BiasAddV1", biasAdd},
};

} // namespace

Lowerings arithmeticLowerings() { return kArithmetic; }

} // namespace firn::kernel
