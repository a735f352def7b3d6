#include "compiler/reference/ops/Special.h"

#include <cmath>
#include <limits>

#include "compiler/reference/ops/Elementwise.h"

namespace firn::reference {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kPi = 3.14159265358979323846;

double lgamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}

// Reflected to positive numbers, moved up by the recurrence, then the asymptotic series.
double digamma(double x) {
  if (x <= 0)
    return x == std::floor(x) ? kNan : digamma(1 - x) - kPi / std::tan(kPi * x);
  double sum = 0;
  for (; x < 10; ++x)
    sum -= 1 / x;
  if (std::isinf(x))
    return x;
  double s = 1 / (x * x);
  double series =
      s * (1.0 / 12 -
           s * (1.0 / 120 - s * (1.0 / 252 - s * (1.0 / 240 - s * (1.0 / 132 - s * 691 / 32760)))));
  return sum + std::log(x) - 0.5 / x - series;
}

// The tail of the zeta sum from a on, by Euler and Maclaurin.
static double zetaTail(double x, double a) {
  // (2k)! / B(2k), k = 1, 2, …
  constexpr double kRatios[] = {12.0,          -720.0,
                                30240.0,       -1209600.0,
                                47900160.0,    -1.8924375803183791606e9,
                                7.47242496e10, -2.950130727918164224e12};
  double power = std::pow(a, -x);
  double tail = power * a / (x - 1) + power / 2;
  double factor = x * power / a;
  for (int k = 0; k < 8; ++k) {
    tail += factor / kRatios[k];
    factor *= (x + 2 * k + 1) * (x + 2 * k + 2) / (a * a);
  }
  return tail;
}

double zeta(double x, double q) {
  if (x == 1)
    return kInfinity;
  if (!(x > 1) || std::isnan(q))
    return kNan;
  if (std::isinf(q))
    return q > 0 ? 0 : kNan;
  if (q <= 0 && q == std::floor(q))
    return std::fmod(x, 2) == 0 ? kInfinity : kNan;
  if (q <= 0 && x != std::floor(x)) // a complex power
    return kNan;
  double sum = 0;
  double last = std::max(q + 10, 10.0);
  for (; q < last; ++q) {
    double term = std::pow(q, -x);
    sum += term;
    if (q > 0 && std::abs(term) < kEpsilon * std::abs(sum))
      return sum;
  }
  return sum + zetaTail(x, q);
}

double polygamma(double n, double x) {
  if (n < 0 || n != std::floor(n))
    return kNan;
  if (n == 0)
    return digamma(x);
  double size = std::exp(lgamma(n + 1)) * zeta(n + 1, x);
  return std::fmod(n, 2) == 0 ? -size : size;
}

// x^a e^-x / gamma(a), which both expansions are multiples of.
static double gammaFactor(double a, double x) { return std::exp(a * std::log(x) - x - lgamma(a)); }

// The power series of the lower function; it converges well where x < a + 1.
static double igammaSeries(double a, double x) {
  double term = 1 / a, sum = term;
  for (double n = a + 1; term > sum * kEpsilon; ++n)
    sum += term *= x / n;
  return sum * gammaFactor(a, x);
}

// A step of Lentz's evaluation of a continued fraction whose terms are `a` over `b`.
struct Fraction {
  double value, c, d;
  explicit Fraction(double first) : value(first), c(first), d(0) {}
  /// True while the value still moves.
  bool step(double a, double b) {
    constexpr double kTiny = 1e-300;
    d = b + a * d;
    d = 1 / (d == 0 ? kTiny : d);
    c = b + a / c;
    c = c == 0 ? kTiny : c;
    value *= c * d;
    return std::abs(c * d - 1) > 2 * kEpsilon;
  }
};
constexpr int kMostSteps = 100000;

// The continued fraction of the upper function; it converges well where x > a + 1.
static double igammacFraction(double a, double x) {
  Fraction fraction(x + 1 - a);
  for (int n = 1; n < kMostSteps && fraction.step(n * (a - n), x + 2 * n + 1 - a); ++n)
    ;
  return gammaFactor(a, x) / fraction.value;
}

static bool isOutsideGamma(double a, double x) {
  return std::isnan(a) || std::isnan(x) || x < 0 || a <= 0;
}

double igamma(double a, double x) {
  if (x == 0)
    return 0;
  if (isOutsideGamma(a, x))
    return kNan;
  if (std::isinf(a) || std::isinf(x))
    return std::isinf(a) ? 0 : 1;
  return x > a + 1 ? 1 - igammacFraction(a, x) : igammaSeries(a, x);
}

double igammac(double a, double x) {
  if (isOutsideGamma(a, x))
    return kNan;
  if (x == 0)
    return 1;
  if (std::isinf(a) || std::isinf(x))
    return std::isinf(x) ? 0 : 1;
  return x > a + 1 ? igammacFraction(a, x) : 1 - igammaSeries(a, x);
}

// The continued fraction that converges well where x < (a + 1) / (a + b + 2).
static double betaincFraction(double a, double b, double x) {
  Fraction fraction(1);
  for (int n = 0; n < kMostSteps; ++n) {
    double at = a + 2 * n;
    bool moves = fraction.step(-(a + n) * (a + b + n) * x / (at * (at + 1)), 1);
    int m = n + 1;
    moves |= fraction.step(m * (b - m) * x / ((at + 1) * (at + 2)), 1);
    if (!moves)
      break;
  }
  double logFactor = a * std::log(x) + b * std::log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b);
  return std::exp(logFactor) / (a * fraction.value);
}

double betainc(double a, double b, double x) {
  if (!(a > 0) || !(b > 0) || std::isinf(a) || std::isinf(b) || !(x >= 0) || x > 1)
    return kNan;
  if (x == 0 || x == 1)
    return x;
  if (x > (a + 1) / (a + b + 2))
    return 1 - betaincFraction(b, a, 1 - x);
  return betaincFraction(a, b, x);
}

// Newton steps: near the middle on erf, in the tail on erfc from a rational start.
static double ndtriMiddle(double p) {
  double x = 2 * p - 1, y = x * std::sqrt(kPi) / 2;
  for (int i = 0; i < 6; ++i)
    y -= (std::erf(y) - x) * std::exp(y * y) * std::sqrt(kPi) / 2;
  return y * std::sqrt(2);
}
static double ndtriTail(double p) {
  double t = std::sqrt(-2 * std::log(p));
  double x = (2.515517 + t * (0.802853 + t * 0.010328)) /
                 (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
             t;
  for (int i = 0; i < 4; ++i) {
    double density = std::exp(-x * x / 2) / std::sqrt(2 * kPi);
    x -= (std::erfc(-x / std::sqrt(2)) / 2 - p) / density;
  }
  return x;
}

double ndtri(double p) {
  if (!(p >= 0 && p <= 1))
    return kNan;
  if (p == 0 || p == 1)
    return p == 0 ? -kInfinity : kInfinity;
  if (std::abs(p - 0.5) < 0.25)
    return ndtriMiddle(p);
  return p > 0.5 ? -ndtriTail(1 - p) : ndtriTail(p);
}

namespace {

using Doubles = TypeList<float, double>;
using LgammaTypes = TypeList<float, double, Half>;

template <double (*function)(double), typename List> void special(Evaluation &e) {
  unary<List>(e, [](auto x) { return decltype(x)(function(x)); });
}
template <double (*function)(double, double)> void special2(Evaluation &e) {
  binary<Doubles>(e, [](auto x, auto y) { return decltype(x)(function(x, y)); });
}

// By way of ndtri, whose argument is rounded to the operand's type.
void erfinv(Evaluation &e) {
  unary<Doubles>(e, [](auto x) {
    using T = decltype(x);
    return T(ndtri((x + T(1)) / T(2)) / std::sqrt(2));
  });
}

// Operands of one shape; scalars go with any.
void betaincOp(Evaluation &e) {
  Shape shape;
  for (const Tensor &tensor : e.inputs())
    if (tensor.rank() > 0)
      shape.assign(tensor.shape().begin(), tensor.shape().end());
  for (const Tensor &tensor : e.inputs())
    if (tensor.rank() > 0 && tensor.shape() != llvm::ArrayRef<int64_t>(shape))
      return e.fail("expected operands of one shape, got " + shapeText(shape) + " and " +
                    shapeText(tensor.shape()));
  dispatch(e, Doubles{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, e.dtype(), shape);
    auto out = result.mutableValues<T>();
    auto at = [&](unsigned input, size_t i) {
      auto values = e.input(input).template values<T>();
      return e.input(input).rank() == 0 ? values[0] : values[i];
    };
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = T(betainc(at(0, i), at(1, i), at(2, i)));
  });
}

constexpr KernelEntry kKernels[] = {
    {"Lgamma", special<lgamma, LgammaTypes>},
    {"Digamma", special<digamma, LgammaTypes>},
    {"Erfinv", erfinv},
    {"Ndtri", special<ndtri, Doubles>},
    {"Polygamma", special2<polygamma>},
    {"Zeta", special2<zeta>},
    {"Igamma", special2<igamma>},
    {"Igammac", special2<igammac>},
    {"Betainc", betaincOp},
};

} // namespace

KernelList specialKernels() { return kKernels; }

} // namespace firn::reference
