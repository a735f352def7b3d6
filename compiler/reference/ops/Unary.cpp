// Neg, Exp, Relu and the like: one operand.
#include <cmath>

#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using FloatsAndComplexes = Concat<Floats, Complexes>::Type;

/// result[i] = function(x[i]) with `Result` elements of `dtype`.
template <typename T, typename Result, typename F> void map(Evaluation &e, int dtype, F function) {
  Tensor result = e.make(0, dtype, e.input(0).shape());
  llvm::transform(e.input(0).values<T>(), result.mutableValues<Result>().begin(), function);
}

/// An op that yields its operand's dtype; `F::of` takes and yields the type that is computed in.
template <typename List, typename F> void unary(Evaluation &e) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    map<T, T>(e, e.dtype(),
              [](const T &x) { return static_cast<T>(F::of(static_cast<Wide<T>>(x))); });
  });
}

/// An op that yields bool.
template <typename F> void predicate(Evaluation &e) {
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    map<T, bool>(e, DT_BOOL, [](const T &x) { return F::of(static_cast<Wide<T>>(x)); });
  });
}

// Functions of the standard library, for float, double and, where it has them, complex.
#define FIRN_FUNCTION(NAME, EXPRESSION)                                                            \
  struct NAME {                                                                                    \
    template <typename T> static auto of(const T &x) { return EXPRESSION; }                        \
  };
FIRN_FUNCTION(Sqrt, std::sqrt(x))
FIRN_FUNCTION(Rsqrt, T(1) / std::sqrt(x))
FIRN_FUNCTION(Exp, std::exp(x))
FIRN_FUNCTION(Expm1, std::expm1(x))
FIRN_FUNCTION(Log, std::log(x))
FIRN_FUNCTION(Log1p, std::log1p(x))
FIRN_FUNCTION(Sin, std::sin(x))
FIRN_FUNCTION(Cos, std::cos(x))
FIRN_FUNCTION(Tan, std::tan(x))
FIRN_FUNCTION(Asin, std::asin(x))
FIRN_FUNCTION(Acos, std::acos(x))
FIRN_FUNCTION(Atan, std::atan(x))
FIRN_FUNCTION(Sinh, std::sinh(x))
FIRN_FUNCTION(Cosh, std::cosh(x))
FIRN_FUNCTION(Tanh, std::tanh(x))
FIRN_FUNCTION(Asinh, std::asinh(x))
FIRN_FUNCTION(Acosh, std::acosh(x))
FIRN_FUNCTION(Atanh, std::atanh(x))
FIRN_FUNCTION(Erf, std::erf(x))
FIRN_FUNCTION(Erfc, std::erfc(x))
FIRN_FUNCTION(Lgamma, std::lgamma(x))
FIRN_FUNCTION(Floor, std::floor(x))
FIRN_FUNCTION(Ceil, std::ceil(x))
FIRN_FUNCTION(Rint, std::nearbyint(x)) // half to even
FIRN_FUNCTION(Sigmoid, T(1) / (T(1) + std::exp(-x)))
FIRN_FUNCTION(Reciprocal, T(1) / x)
FIRN_FUNCTION(IsNan, std::isnan(x))
FIRN_FUNCTION(IsInf, std::isinf(x))
FIRN_FUNCTION(IsFinite, std::isfinite(x))
FIRN_FUNCTION(Relu, x < T(0) ? T(0) : x) // a NaN stays
FIRN_FUNCTION(Relu6, x<T(0) ? T(0) : x> T(6) ? T(6) : x)
FIRN_FUNCTION(Elu, x < T(0) ? std::expm1(x) : x)
FIRN_FUNCTION(Softsign, x / (T(1) + std::fabs(x)))
#undef FIRN_FUNCTION

struct Negate {
  template <typename T> static T of(const T &x) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(-static_cast<std::make_unsigned_t<T>>(x));
    else
      return -x;
  }
};
struct Absolute {
  template <typename T> static T of(const T &x) {
    if constexpr (std::is_integral_v<T>)
      return x < T(0) ? Negate::of(x) : x;
    else
      return std::fabs(x);
  }
};
struct Sign {
  template <typename T> static T of(const T &x) {
    if constexpr (IsComplex<T>::value)
      return x == T(0) ? T(0) : x / std::abs(x);
    else
      return x != x ? x : T((x > T(0)) - (x < T(0)));
  }
};
struct Square {
  template <typename T> static T of(const T &x) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<uint64_t>(x) * static_cast<uint64_t>(x));
    else
      return x * x;
  }
};
struct Selu {
  template <typename T> static T of(const T &x) {
    const T scale = T(1.0507009873554804934193349852946),
            alpha = T(1.7580993408473768599402175208123);
    return x < T(0) ? alpha * std::expm1(x) : scale * x;
  }
};
struct Softplus {
  template <typename T> static T of(const T &x) {
    // Beyond this the other term is lost in rounding.
    const T threshold = std::log(std::numeric_limits<T>::epsilon()) + T(2);
    return x > -threshold ? x : x < threshold ? std::exp(x) : std::log1p(std::exp(x));
  }
};
// The derivative of lgamma: recurrence up to where the asymptotic series holds.
struct Digamma {
  template <typename T> static T of(const T &given) {
    double x = given;
    if (x <= 0 && x == std::floor(x))
      return std::numeric_limits<T>::quiet_NaN();
    double result = 0;
    if (x < 0) {
      result = -M_PI / std::tan(M_PI * x);
      x = 1 - x;
    }
    for (; x < 10; ++x)
      result -= 1 / x;
    double s = 1 / (x * x);
    double series = s * (1.0 / 12 - s * (1.0 / 120 - s * (1.0 / 252 - s * (1.0 / 240 - s / 132))));
    return static_cast<T>(result + std::log(x) - 0.5 / x - series);
  }
};

void leakyRelu(Evaluation &e) {
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T alpha = static_cast<T>(e.real("alpha"));
    map<T, T>(e, e.dtype(), [&](const T &x) { return x < T(0) ? T(x * alpha) : x; });
  });
}

void roundOp(Evaluation &e) {
  if (dispatch(Integers{}, e.dtype(), [](auto) {}))
    return e.give(e.input(0));
  unary<Floats, Rint>(e);
}

void logicalNot(Evaluation &e) {
  map<bool, bool>(e, DT_BOOL, [](bool x) { return !x; });
}

void invert(Evaluation &e) {
  dispatch(e, Integers{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    map<T, T>(e, e.dtype(), [](T x) { return static_cast<T>(~x); });
  });
}

/// Real, Imag, Angle, ComplexAbs: a real number of each complex one.
template <typename F> void part(Evaluation &e) {
  dispatch(e, Complexes{}, e.dtype(), [&](auto zero) {
    using C = decltype(zero);
    using R = typename C::value_type;
    map<C, R>(e, sizeof(R) == 4 ? DT_FLOAT : DT_DOUBLE, [](const C &x) { return F::of(x); });
  });
}
struct RealPart {
  template <typename C> static auto of(const C &x) { return x.real(); }
};
struct ImaginaryPart {
  template <typename C> static auto of(const C &x) { return x.imag(); }
};
struct Angle {
  template <typename C> static auto of(const C &x) { return std::arg(x); }
};
struct Modulus {
  template <typename C> static auto of(const C &x) { return std::abs(x); }
};

void conjugate(Evaluation &e) {
  dispatch(e, Complexes{}, e.dtype(), [&](auto zero) {
    using C = decltype(zero);
    map<C, C>(e, e.dtype(), [](const C &x) { return std::conj(x); });
  });
}

constexpr KernelEntry kKernels[] = {
    {"Neg", unary<Numbers, Negate>},
    {"Abs", unary<Reals, Absolute>},
    {"Sign", unary<Numbers, Sign>},
    {"Square", unary<Numbers, Square>},
    {"Sqrt", unary<FloatsAndComplexes, Sqrt>},
    {"Rsqrt", unary<FloatsAndComplexes, Rsqrt>},
    {"Exp", unary<FloatsAndComplexes, Exp>},
    {"Expm1", unary<Floats, Expm1>},
    {"Log", unary<FloatsAndComplexes, Log>},
    {"Log1p", unary<Floats, Log1p>},
    {"Sin", unary<FloatsAndComplexes, Sin>},
    {"Cos", unary<FloatsAndComplexes, Cos>},
    {"Tan", unary<FloatsAndComplexes, Tan>},
    {"Asin", unary<FloatsAndComplexes, Asin>},
    {"Acos", unary<FloatsAndComplexes, Acos>},
    {"Atan", unary<FloatsAndComplexes, Atan>},
    {"Sinh", unary<FloatsAndComplexes, Sinh>},
    {"Cosh", unary<FloatsAndComplexes, Cosh>},
    {"Tanh", unary<FloatsAndComplexes, Tanh>},
    {"Asinh", unary<FloatsAndComplexes, Asinh>},
    {"Acosh", unary<FloatsAndComplexes, Acosh>},
    {"Atanh", unary<FloatsAndComplexes, Atanh>},
    {"Sigmoid", unary<FloatsAndComplexes, Sigmoid>},
    {"Reciprocal", unary<FloatsAndComplexes, Reciprocal>},
    {"Inv", unary<FloatsAndComplexes, Reciprocal>},
    {"Erf", unary<Floats, Erf>},
    {"Erfc", unary<Floats, Erfc>},
    {"Lgamma", unary<Floats, Lgamma>},
    {"Digamma", unary<Floats, Digamma>},
    {"Floor", unary<Floats, Floor>},
    {"Ceil", unary<Floats, Ceil>},
    {"Rint", unary<Floats, Rint>},
    {"Round", roundOp},
    {"Relu", unary<Reals, Relu>},
    {"Relu6", unary<Reals, Relu6>},
    {"LeakyRelu", leakyRelu},
    {"Elu", unary<Floats, Elu>},
    {"Selu", unary<Floats, Selu>},
    {"Softplus", unary<Floats, Softplus>},
    {"Softsign", unary<Floats, Softsign>},
    {"IsNan", predicate<IsNan>},
    {"IsInf", predicate<IsInf>},
    {"IsFinite", predicate<IsFinite>},
    {"LogicalNot", logicalNot},
    {"Invert", invert},
    {"Real", part<RealPart>},
    {"Imag", part<ImaginaryPart>},
    {"Angle", part<Angle>},
    {"ComplexAbs", part<Modulus>},
    {"Conj", conjugate},
};

} // namespace

KernelList unaryKernels() { return kKernels; }

} // namespace firn::reference
