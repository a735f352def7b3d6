// Ops on one operand: signs, powers, rounding, elementary functions, tests of numbers.
#include <cmath>

#include "compiler/reference/ops/Elementwise.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using Inexact = Concat<Floats, Complexes>::Type;
using SignedIntegers = TypeList<int8_t, int16_t, int32_t, int64_t>;
using SignedNumbers = Concat<Inexact, SignedIntegers>::Type;
using SignedReals = Concat<Floats, SignedIntegers>::Type;

struct Sign {
  template <typename T> T operator()(T x) const {
    if constexpr (isComplex<T>)
      return x == T(0) ? T(0) : x / std::abs(x);
    else
      return x != x ? x : T((x > T(0)) - (x < T(0)));
  }
};

// The smallest integer stays itself.
struct Absolute {
  template <typename T> T operator()(T x) const {
    if constexpr (std::is_integral_v<T>)
      return x < 0 ? T(0 - Modular<T>(x)) : x;
    else
      return std::abs(Wide<T>(x));
  }
};

// Halves go to the even neighbour.
struct Round {
  template <typename T> T operator()(T x) const {
    if constexpr (std::is_integral_v<T>)
      return x;
    else
      return std::nearbyint(x);
  }
};

struct ExpMinusOne {
  template <typename T> T operator()(T x) const {
    if constexpr (!isComplex<T>)
      return std::expm1(x);
    else // without cancellation in the real part
      return T(std::expm1(x.real()) * std::cos(x.imag()) -
                   2 * std::sin(x.imag() / 2) * std::sin(x.imag() / 2),
               std::exp(x.real()) * std::sin(x.imag()));
  }
};

template <typename F> void test(Evaluation &e, F function) {
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    mapElements<T, bool>(e, DT_BOOL, [&](const T &x) -> bool { return function(Wide<T>(x)); });
  });
}

/// An op on complex numbers that yields reals.
template <typename F> void part(Evaluation &e, F function) {
  dispatch(e, Complexes{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    mapElements<T, typename T::value_type>(e, e.type("Tout"), function);
  });
}

void populationCount(Evaluation &e) {
  dispatch(e, Integers{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    mapElements<T, uint8_t>(
        e, DT_UINT8, [](T x) { return llvm::popcount(static_cast<std::make_unsigned_t<T>>(x)); });
  });
}

constexpr KernelEntry kKernels[] = {
    {"Neg", [](Evaluation &e) { modularUnary<SignedNumbers>(e, [](auto x) { return -x; }); }},
    {"Abs", [](Evaluation &e) { exactUnary<SignedReals>(e, Absolute()); }},
    {"Square", [](Evaluation &e) { modularUnary<Numbers>(e, [](auto x) { return x * x; }); }},
    {"Sign", [](Evaluation &e) { unary<SignedNumbers>(e, Sign()); }},
    {"Conj", [](Evaluation &e) { unary<Complexes>(e, [](auto x) { return std::conj(x); }); }},
    {"Reciprocal",
     [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return decltype(x)(1) / x; }); }},
    {"Inv", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return decltype(x)(1) / x; }); }},
    {"Sqrt", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::sqrt(x); }); }},
    {"Rsqrt",
     [](Evaluation &e) {
       unary<Inexact>(e, [](auto x) { return decltype(x)(1) / std::sqrt(x); });
     }},
    {"Exp", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::exp(x); }); }},
    {"Expm1", [](Evaluation &e) { unary<Inexact>(e, ExpMinusOne()); }},
    {"Log", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::log(x); }); }},
    {"Log1p", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return logOnePlus(x); }); }},
    {"Sin", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::sin(x); }); }},
    {"Cos", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::cos(x); }); }},
    {"Tan", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::tan(x); }); }},
    {"Asin", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::asin(x); }); }},
    {"Acos", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::acos(x); }); }},
    {"Atan", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::atan(x); }); }},
    {"Sinh", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::sinh(x); }); }},
    {"Cosh", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::cosh(x); }); }},
    {"Tanh", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::tanh(x); }); }},
    {"Asinh", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::asinh(x); }); }},
    {"Acosh", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::acosh(x); }); }},
    {"Atanh", [](Evaluation &e) { unary<Inexact>(e, [](auto x) { return std::atanh(x); }); }},
    {"Erf", [](Evaluation &e) { unary<Floats>(e, [](auto x) { return std::erf(x); }); }},
    {"Erfc", [](Evaluation &e) { unary<Floats>(e, [](auto x) { return std::erfc(x); }); }},
    {"Floor", [](Evaluation &e) { unary<Floats>(e, [](auto x) { return std::floor(x); }); }},
    {"Ceil", [](Evaluation &e) { unary<Floats>(e, [](auto x) { return std::ceil(x); }); }},
    {"Round", [](Evaluation &e) { unary<SignedReals>(e, Round()); }},
    {"Rint", [](Evaluation &e) { unary<Floats>(e, Round()); }},
    {"IsNan", [](Evaluation &e) { test(e, [](auto x) { return std::isnan(x); }); }},
    {"IsInf", [](Evaluation &e) { test(e, [](auto x) { return std::isinf(x); }); }},
    {"IsFinite", [](Evaluation &e) { test(e, [](auto x) { return std::isfinite(x); }); }},
    {"Real", [](Evaluation &e) { part(e, [](auto x) { return x.real(); }); }},
    {"Imag", [](Evaluation &e) { part(e, [](auto x) { return x.imag(); }); }},
    {"Angle", [](Evaluation &e) { part(e, [](auto x) { return std::arg(x); }); }},
    {"ComplexAbs", [](Evaluation &e) { part(e, [](auto x) { return std::abs(x); }); }},
    {"PopulationCount", populationCount},
};

} // namespace

KernelList unaryKernels() { return kKernels; }

} // namespace firn::reference
