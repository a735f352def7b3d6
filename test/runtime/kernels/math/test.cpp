// The math functions at every level of this machine against the C library in extended precision.
#include "runtime/kernels/common/native.h"
#include "test/runtime/kernels/math/arrays.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#define FIRN_HALVES_AT(level)                                                                      \
  extern "C" uint16_t firn_f32_to_f16_v##level(float);                                             \
  extern "C" float firn_f16_to_f32_v##level(uint16_t);                                             \
  extern "C" uint16_t firn_f32_to_bf16_v##level(float);                                            \
  extern "C" float firn_bf16_to_f32_v##level(uint16_t);
FIRN_HALVES_AT(2)
FIRN_HALVES_AT(3)
FIRN_HALVES_AT(4)

namespace firn::kernels {
namespace {

using Real = long double;

Real sigmoid(Real x, Real) { return 1 / (1 + std::exp(-x)); }
Real softplus(Real x, Real) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
Real floormod(Real x, Real y) {
  Real rest = std::fmod(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

/// A function's reference and the error that it may have, in units of the last place.
struct Expected {
  const char *name;
  Real (*reference)(Real, Real);
  double floats, doubles;
};
void PrintTo(const Expected &expected, std::ostream *out) { *out << expected.name; }

#define FIRN_CALL(name) [](Real x, Real) -> Real { return std::name(x); }
#define FIRN_CALL_2(name) [](Real x, Real y) -> Real { return std::name(x, y); }
const Expected kExpected[] = {
    {"exp", FIRN_CALL(exp), 1, 1},
    {"expm1", FIRN_CALL(expm1), 1.5, 2},
    {"log", FIRN_CALL(log), 1, 1},
    {"log1p", FIRN_CALL(log1p), 1.5, 1.5},
    {"log2", FIRN_CALL(log2), 0.6, 2},
    {"sigmoid", sigmoid, 2.1, 2.5},
    {"softplus", softplus, 2, 2},
    {"tanh", FIRN_CALL(tanh), 1.5, 3},
    {"sinh", FIRN_CALL(sinh), 0.6, 3},
    {"cosh", FIRN_CALL(cosh), 0.6, 2},
    {"asinh", FIRN_CALL(asinh), 0.6, 3},
    {"acosh", FIRN_CALL(acosh), 0.6, 3},
    {"atanh", FIRN_CALL(atanh), 0.6, 3},
    {"erf", FIRN_CALL(erf), 1.5, 2},
    {"erfc", FIRN_CALL(erfc), 0.6, 4},
    {"sin", FIRN_CALL(sin), 1.5, 1},
    {"cos", FIRN_CALL(cos), 1.5, 1},
    {"tan", FIRN_CALL(tan), 0.6, 3},
    {"asin", FIRN_CALL(asin), 0.6, 2.5},
    {"acos", FIRN_CALL(acos), 0.6, 2},
    {"atan", FIRN_CALL(atan), 0.6, 2},
    {"atan2", FIRN_CALL_2(atan2), 0.6, 2},
    {"pow", FIRN_CALL_2(pow), 0.6, 1.5},
    {"rsqrt", [](Real x, Real) -> Real { return 1 / std::sqrt(x); }, 1.5, 1.5},
    {"floor", FIRN_CALL(floor), 0, 0},
    {"ceil", FIRN_CALL(ceil), 0, 0},
    {"trunc", FIRN_CALL(trunc), 0, 0},
    {"rint", FIRN_CALL(nearbyint), 0, 0},
    {"round", FIRN_CALL(round), 0, 0},
    {"fmod", FIRN_CALL_2(fmod), 0, 0},
    {"floormod", floormod, 0.5, 0.5},
};

/// Pairs of operands; the second is used by functions of two.
template <typename T> struct Operands {
  std::vector<T> a, b;

  void add(T x, T y) {
    a.push_back(x);
    b.push_back(y);
  }
};

template <typename T> Operands<T> operandsOf(size_t count) {
  using Limits = std::numeric_limits<T>;
  Operands<T> all;
  const T special[] = {0,
                       1,
                       2,
                       3,
                       T(0.5),
                       T(2.5),
                       T(1) / 3,
                       Limits::min(),
                       Limits::denorm_min(),
                       Limits::max(),
                       Limits::infinity(),
                       Limits::quiet_NaN(),
                       100,
                       1000,
                       1 + Limits::epsilon(),
                       1 - Limits::epsilon() / 2};
  for (T x : special)
    for (T y : special)
      for (int signs = 0; signs < 4; ++signs)
        all.add(signs & 1 ? -x : x, signs & 2 ? -y : y);
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(0, 4);
  while (all.a.size() < count / 2) { // every exponent is as probable as every other
    uint64_t bits = random();
    T x;
    std::memcpy(&x, &bits, sizeof x);
    all.add(x, static_cast<T>(normal(random)));
  }
  while (all.a.size() < count)
    all.add(static_cast<T>(normal(random)), static_cast<T>(normal(random)));
  return all;
}

/// How far `got` is from `want`, in units of the last place of `want`; infinite where one of them
/// is no number or has another sign.
template <typename T> double distance(T got, Real want) {
  using Limits = std::numeric_limits<T>;
  T rounded = static_cast<T>(want);
  if (std::isnan(want) || std::isnan(got))
    return std::isnan(want) && std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(rounded) || std::isinf(got)) { // just over the largest number
    Real edge = std::isinf(want) ? 0 : std::fabs(want) / Limits::max();
    bool near = edge > 1 - 8 * Limits::epsilon() && edge < 1 + 8 * Limits::epsilon();
    return got == rounded || near ? 0 : INFINITY;
  }
  if (got == 0 && rounded == 0)
    return std::signbit(got) == std::signbit(rounded) ? 0 : INFINITY;
  int exponent = std::max(want == 0 ? -20000 : std::ilogb(want), Limits::min_exponent - 1);
  return std::fabs((got - want) / std::ldexp(Real(1), exponent - Limits::digits + 1));
}

struct Worst {
  double error = 0;
  size_t at = 0;
};

template <typename T>
Worst measure(Map<T> map, const Operands<T> &in, const std::vector<Real> &want) {
  std::vector<T> got(in.a.size());
  map(in.a.data(), in.b.data(), got.data(), got.size());
  Worst worst;
  for (size_t i = 0; i < got.size(); ++i)
    if (double error = distance(got[i], want[i]); error > worst.error)
      worst = {error, i};
  return worst;
}

template <typename T>
void check(const Expected &expected, Map<T> MathFunction::*form, const char *what, double bound,
           size_t count) {
  const Operands<T> in = operandsOf<T>(count);
  std::vector<Real> want(count);
  for (size_t i = 0; i < count; ++i)
    want[i] = expected.reference(in.a[i], in.b[i]);
  for (const MathFunction &function : kMathFunctions) {
    if (std::string(function.name) != expected.name || !machineHas(function.level))
      continue;
    Worst worst = measure(function.*form, in, want);
    printf("%-9s %-5s v%d %8.3f ulp at %.9g, %.9g\n", function.name, what, function.level,
           worst.error, double(in.a[worst.at]), double(in.b[worst.at]));
    EXPECT_LE(worst.error, bound) << function.name << " of " << what << " at v" << function.level
                                  << ": " << in.a[worst.at] << ", " << in.b[worst.at];
  }
}

constexpr size_t kCount = 1 << 17;

class Math : public testing::TestWithParam<Expected> {};

TEST_P(Math, Floats) {
  check(GetParam(), &MathFunction::ofFloats, "f32", GetParam().floats, kCount);
}
TEST_P(Math, Vectors) {
  check(GetParam(), &MathFunction::ofVectors, "f32v", GetParam().floats, kCount);
}
TEST_P(Math, Doubles) {
  check(GetParam(), &MathFunction::ofDoubles, "f64", GetParam().doubles, kCount);
}

/// Conversions of one level.
struct Halves {
  int level;
  uint16_t (*toHalf)(float);
  float (*fromHalf)(uint16_t);
  uint16_t (*toBfloat)(float);
  float (*fromBfloat)(uint16_t);
};
#define FIRN_HALVES(level)                                                                         \
  {level, firn_f32_to_f16_v##level, firn_f16_to_f32_v##level, firn_f32_to_bf16_v##level,           \
   firn_bf16_to_f32_v##level},
const Halves kHalves[] = {FIRN_HALVES(2) FIRN_HALVES(3) FIRN_HALVES(4)};

/// The value of a finite half or bfloat16 with so many digits behind the point.
double valueOf(uint16_t bits, int digits) {
  int bias = (1 << (14 - digits)) - 1, exponent = (bits & 0x7fff) >> digits;
  int fraction = bits & ((1 << digits) - 1);
  double size = exponent ? std::ldexp(fraction + (1 << digits), exponent - bias - digits)
                         : std::ldexp(fraction, 1 - bias - digits);
  return bits & 0x8000 ? -size : size;
}

/// Every number of 16 bits comes back, and what lies between two of them goes to the nearer, in
/// the middle to the even one.
void checkHalves(uint16_t (*narrow)(float), float (*widen)(uint16_t), int digits) {
  const int infinity = 0x7fff >> digits << digits;
  for (int bits = 0; bits <= 0xffff; ++bits) {
    if ((bits & 0x7fff) > infinity) {
      EXPECT_TRUE(std::isnan(widen(bits))) << bits;
      EXPECT_GT(narrow(widen(bits)) & 0x7fff, infinity) << bits;
      continue;
    }
    ASSERT_EQ(bits, narrow(widen(bits)));
    if ((bits & 0x7fff) == infinity) {
      EXPECT_TRUE(std::isinf(widen(bits)));
      continue;
    }
    ASSERT_EQ(valueOf(bits, digits), widen(bits)) << bits;
    float middle = static_cast<float>((valueOf(bits, digits) + valueOf(bits + 1, digits)) / 2);
    ASSERT_EQ(bits + (bits & 1), narrow(middle)) << bits;
    ASSERT_EQ(bits, narrow(std::nextafter(middle, 0.0f))) << bits;
    ASSERT_EQ(bits + 1, narrow(std::nextafter(middle, bits & 0x8000 ? -INFINITY : INFINITY)));
  }
}

TEST(Halves, RoundToNearestEven) {
  for (const Halves &halves : kHalves) {
    if (!machineHas(halves.level))
      continue;
    SCOPED_TRACE(halves.level);
    checkHalves(halves.toHalf, halves.fromHalf, 10);
    checkHalves(halves.toBfloat, halves.fromBfloat, 7);
    EXPECT_EQ(0x7c00, halves.toHalf(1e30f));
    EXPECT_EQ(0xfc00, halves.toHalf(-INFINITY));
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, Math, testing::ValuesIn(kExpected),
                         [](const auto &function) { return std::string(function.param.name); });

} // namespace
} // namespace firn::kernels
