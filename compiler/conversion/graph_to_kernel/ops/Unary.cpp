// Functions of one operand: signs, rounding, elementary functions, tests, special functions.
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"

using namespace mlir;

namespace firn::kernel {
namespace {

Number square(const Number &x) { return x * x; }

Number sign(const Number &x) {
  if (x.isComplex()) {
    Number size = convert(abs(x), x.dtype);
    return choose(x == like(x, 0), like(x, 0), x / size);
  }
  Number zero = like(x, 0), one = like(x, 1);
  if (x.isUnsigned())
    return choose(x == zero, zero, one);
  // Zeros and NaN stay.
  return choose(x > 0, one, choose(x < 0, like(x, -1), x));
}

Number reciprocal(const Number &x) { return like(x, 1) / x; }
Number rsqrt(const Number &x) { return like(x, 1) / sqrt(x); }

Truth isInfinite(const Number &x) { return abs(x) == std::numeric_limits<double>::infinity(); }
Truth isFinite(const Number &x) { return abs(x) < std::numeric_limits<double>::infinity(); }

// By way of ndtri, whose argument is rounded to the operand's type.
Number erfinv(const Number &x) { return callMath("ndtri", (x + 1) / 2) * 0.70710678118654752440; }

// Functions of the math kernels by their names.
template <typename... T> Number callAll(StringRef name, const T &...x) {
  return callMath(name, {x...});
}

void betainc(NodeLowering &n) {
  n.give(
      map(n, n.inputs(), n.outDtype(), [](ArrayRef<Number> x) { return callMath("betainc", x); }));
}

using N = const Number &;

const LoweringEntry kUnary[] = {
    {"Neg", [](NodeLowering &n) { unary(n, [](N x) { return -x; }); }},
    {"Abs", [](NodeLowering &n) { unary(n, abs); }},
    {"ComplexAbs", [](NodeLowering &n) { unary(n, abs); }},
    {"Square", [](NodeLowering &n) { unary(n, square); }},
    {"Sign", [](NodeLowering &n) { unary(n, sign); }},
    {"Conj", [](NodeLowering &n) { unary(n, conj); }},
    {"Real", [](NodeLowering &n) { unary(n, real); }},
    {"Imag", [](NodeLowering &n) { unary(n, imag); }},
    {"Angle", [](NodeLowering &n) { unary(n, arg); }},
    {"Reciprocal", [](NodeLowering &n) { unary(n, reciprocal); }},
    {"Inv", [](NodeLowering &n) { unary(n, reciprocal); }},
    {"Sqrt", [](NodeLowering &n) { unary(n, sqrt); }},
    {"Rsqrt", [](NodeLowering &n) { unary(n, rsqrt); }},
    {"Exp", [](NodeLowering &n) { unary(n, exp); }},
    {"Expm1", [](NodeLowering &n) { unary(n, expm1); }},
    {"Log", [](NodeLowering &n) { unary(n, log); }},
    {"Log1p", [](NodeLowering &n) { unary(n, log1p); }},
    {"Sin", [](NodeLowering &n) { unary(n, sin); }},
    {"Cos", [](NodeLowering &n) { unary(n, cos); }},
    {"Tan", [](NodeLowering &n) { unary(n, tan); }},
    {"Asin", [](NodeLowering &n) { unary(n, asin); }},
    {"Acos", [](NodeLowering &n) { unary(n, acos); }},
    {"Atan", [](NodeLowering &n) { unary(n, atan); }},
    {"Sinh", [](NodeLowering &n) { unary(n, sinh); }},
    {"Cosh", [](NodeLowering &n) { unary(n, cosh); }},
    {"Tanh", [](NodeLowering &n) { unary(n, tanh); }},
    {"Asinh", [](NodeLowering &n) { unary(n, asinh); }},
    {"Acosh", [](NodeLowering &n) { unary(n, acosh); }},
    {"Atanh", [](NodeLowering &n) { unary(n, atanh); }},
    {"Erf", [](NodeLowering &n) { unary(n, erf); }},
    {"Erfc", [](NodeLowering &n) { unary(n, [](N x) { return callAll("erfc", x); }); }},
    {"Floor", [](NodeLowering &n) { unary(n, floor); }},
    {"Ceil", [](NodeLowering &n) { unary(n, ceil); }},
    {"Round", [](NodeLowering &n) { unary(n, rint); }},
    {"Rint", [](NodeLowering &n) { unary(n, rint); }},
    {"IsNan", [](NodeLowering &n) { unary(n, isNan); }},
    {"IsInf", [](NodeLowering &n) { unary(n, isInfinite); }},
    {"IsFinite", [](NodeLowering &n) { unary(n, isFinite); }},
    {"Invert", [](NodeLowering &n) { unary(n, [](N x) { return x ^ like(x, -1); }); }},
    {"PopulationCount", [](NodeLowering &n) { unary(n, bitCount); }},
    {"Lgamma", [](NodeLowering &n) { unary(n, [](N x) { return callAll("lgamma", x); }); }},
    {"Digamma", [](NodeLowering &n) { unary(n, [](N x) { return callAll("digamma", x); }); }},
    {"Ndtri", [](NodeLowering &n) { unary(n, [](N x) { return callAll("ndtri", x); }); }},
    {"Erfinv", [](NodeLowering &n) { unary(n, erfinv); }},
    {"Polygamma",
     [](NodeLowering &n) { binary(n, [](N a, N x) { return callAll("polygamma", a, x); }); }},
    {"Zeta", [](NodeLowering &n) { binary(n, [](N x, N q) { return callAll("zeta", x, q); }); }},
    {"Igamma",
     [](NodeLowering &n) { binary(n, [](N a, N x) { return callAll("igamma", a, x); }); }},
    {"Igammac",
     [](NodeLowering &n) { binary(n, [](N a, N x) { return callAll("igammac", a, x); }); }},
    {"Betainc", betainc},
};

} // namespace

Lowerings unaryLowerings() { return kUnary; }

} // namespace firn::kernel
