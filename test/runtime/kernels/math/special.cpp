// The functions of runtime/kernels/math/special.h at every level of this machine against values
// that were computed with 40 digits.
#include "runtime/kernels/common/native.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#define FIRN_SCALAR_1(name, level)                                                                 \
  extern "C" float firn_##name##_f32_v##level(float);                                              \
  extern "C" double firn_##name##_f64_v##level(double);
#define FIRN_SCALAR_2(name, level)                                                                 \
  extern "C" float firn_##name##_f32_v##level(float, float);                                       \
  extern "C" double firn_##name##_f64_v##level(double, double);
#define FIRN_SCALAR_3(name, level)                                                                 \
  extern "C" float firn_##name##_f32_v##level(float, float, float);                                \
  extern "C" double firn_##name##_f64_v##level(double, double, double);
#define FIRN_MATH_1(name)
#define FIRN_MATH_2(name)
#define FIRN_MATH_SCALAR_1(name)                                                                   \
  FIRN_SCALAR_1(name, 2) FIRN_SCALAR_1(name, 3) FIRN_SCALAR_1(name, 4)
#define FIRN_MATH_SCALAR_2(name)                                                                   \
  FIRN_SCALAR_2(name, 2) FIRN_SCALAR_2(name, 3) FIRN_SCALAR_2(name, 4)
#define FIRN_MATH_SCALAR_3(name)                                                                   \
  FIRN_SCALAR_3(name, 2) FIRN_SCALAR_3(name, 3) FIRN_SCALAR_3(name, 4)
#include "runtime/kernels/math/kernels.inc"
#undef FIRN_MATH_SCALAR_1
#undef FIRN_MATH_SCALAR_2
#undef FIRN_MATH_SCALAR_3

namespace firn::kernels {
namespace {

/// A function at one level, of up to three operands.
struct Function {
  const char *name;
  int level;
  float (*ofFloats)(const double *x);
  double (*ofDoubles)(const double *x);
};
#define FIRN_FUNCTION(name, level, ...)                                                            \
  {#name, level, [](const double *x) -> float { return firn_##name##_f32_v##level(__VA_ARGS__); }, \
   [](const double *x) -> double { return firn_##name##_f64_v##level(__VA_ARGS__); }},
#define FIRN_FUNCTIONS(name, ...)                                                                  \
  FIRN_FUNCTION(name, 2, __VA_ARGS__)                                                              \
  FIRN_FUNCTION(name, 3, __VA_ARGS__) FIRN_FUNCTION(name, 4, __VA_ARGS__)
const Function kFunctions[] = {
#define FIRN_MATH_SCALAR_1(name) FIRN_FUNCTIONS(name, x[0])
#define FIRN_MATH_SCALAR_2(name) FIRN_FUNCTIONS(name, x[0], x[1])
#define FIRN_MATH_SCALAR_3(name) FIRN_FUNCTIONS(name, x[0], x[1], x[2])
#include "runtime/kernels/math/kernels.inc"
};

struct Value {
  const char *name;
  double x[3];
  double result;
};
const double kNone = std::numeric_limits<double>::quiet_NaN();
const double kInfinite = std::numeric_limits<double>::infinity();
const Value kValues[] = {
    {"lgamma", {1e-20, 0.0, 0.0}, 46.051701859880914},
    {"lgamma", {0.3, 0.0, 0.0}, 1.0957979948180756},
    {"lgamma", {0.9999, 0.0, 0.0}, 5.7729791561193866e-05},
    {"lgamma", {1.25, 0.0, 0.0}, -0.09827183642181316},
    {"lgamma", {2.001, 0.0, 0.0}, 0.000423106734800117},
    {"lgamma", {2.49, 0.0, 0.0}, 0.2776758614151702},
    {"lgamma", {2.51, 0.0, 0.0}, 0.29173891549286796},
    {"lgamma", {5.5, 0.0, 0.0}, 3.9578139676187165},
    {"lgamma", {7.99, 0.0, 0.0}, 8.50501160608848},
    {"lgamma", {8.01, 0.0, 0.0}, 8.545324429747733},
    {"lgamma", {30.0, 0.0, 0.0}, 71.25703896716801},
    {"lgamma", {100000.0, 0.0, 0.0}, 1051287.7089736569},
    {"lgamma", {1e+20, 0.0, 0.0}, 4.505170185988091e+21},
    {"lgamma", {-0.5, 0.0, 0.0}, 1.2655121234846454},
    {"lgamma", {-1.75, 0.0, 0.0}, 1.0160888092144358},
    {"lgamma", {-2.0001, 0.0, 0.0}, 8.517100927455314},
    {"lgamma", {-30.3, 0.0, 0.0}, -74.32837301253049},
    {"lgamma", {-100.7, 0.0, 0.0}, -365.61225576180533},
    {"digamma", {1e-05, 0.0, 0.0}, -100000.57719921567},
    {"digamma", {0.3, 0.0, 0.0}, -3.502524222200133},
    {"digamma", {1.46, 0.0, 0.0}, -0.0015805619870834522},
    {"digamma", {1.9, 0.0, 0.0}, 0.35618416116405965},
    {"digamma", {9.99, 0.0, 0.0}, 2.250700372831201},
    {"digamma", {10.01, 0.0, 0.0}, 2.2528037003181356},
    {"digamma", {100000000.0, 0.0, 0.0}, 18.420680738952367},
    {"digamma", {-0.25, 0.0, 0.0}, 2.9141391202135276},
    {"digamma", {-1.6, 0.0, 0.0}, -0.2697178779184504},
    {"digamma", {-20.1, 0.0, 0.0}, 12.694217212892514},
    {"ndtri", {1e-300, 0.0, 0.0}, -37.0470962993612},
    {"ndtri", {1e-20, 0.0, 0.0}, -9.262340089798407},
    {"ndtri", {1e-05, 0.0, 0.0}, -4.264890793922825},
    {"ndtri", {0.1, 0.0, 0.0}, -1.2815515655446004},
    {"ndtri", {0.2499, 0.0, 0.0}, -0.67480447011061},
    {"ndtri", {0.2501, 0.0, 0.0}, -0.674175097074659},
    {"ndtri", {0.5000001, 0.0, 0.0}, 2.506628273311648e-07},
    {"ndtri", {0.7, 0.0, 0.0}, 0.5244005127080407},
    {"ndtri", {0.76, 0.0, 0.0}, 0.7063025628400875},
    {"ndtri", {0.999, 0.0, 0.0}, 3.090232306167813},
    {"erfinv", {-0.99, 0.0, 0.0}, -1.8213863677184494},
    {"erfinv", {-0.5, 0.0, 0.0}, -0.4769362762044699},
    {"erfinv", {0.125, 0.0, 0.0}, 0.11123545184094996},
    {"erfinv", {0.25, 0.0, 0.0}, 0.2253120550121781},
    {"erfinv", {0.5, 0.0, 0.0}, 0.4769362762044699},
    {"erfinv", {0.9, 0.0, 0.0}, 1.1630871536766743},
    {"zeta", {1.1, 0.3, 0.0}, 13.925622630916047},
    {"zeta", {2.0, 1.0, 0.0}, 1.6449340668482264},
    {"zeta", {3.5, 10.0, 0.0}, 0.0014322106437178635},
    {"zeta", {20.0, 0.5, 0.0}, 1048576.0003007397},
    {"zeta", {4.0, -1.5, 0.0}, 32.432379369864606},
    {"zeta", {3.0, -2.25, 0.0}, -61.94847488703008},
    {"zeta", {1.5, 1000000.0, 0.0}, 0.002000000500000125},
    {"polygamma", {0.0, 1.5, 0.0}, 0.03648997397857652},
    {"polygamma", {1.0, 0.3, 0.0}, 12.245364546107732},
    {"polygamma", {2.0, 4.5, 0.0}, -0.061556821321027695},
    {"polygamma", {3.0, 20.0, 0.0}, 0.0002693742213396389},
    {"polygamma", {6.0, 2.0, 0.0}, -6.011479714984436},
    {"igamma", {0.1, 0.01, 0.0}, 0.6626212599544798},
    {"igammac", {0.1, 0.01, 0.0}, 0.3373787400455202},
    {"igamma", {0.5, 3.0, 0.0}, 0.9856941215645704},
    {"igammac", {0.5, 3.0, 0.0}, 0.01430587843542964},
    {"igamma", {3.0, 2.5, 0.0}, 0.45618688411667047},
    {"igammac", {3.0, 2.5, 0.0}, 0.5438131158833295},
    {"igamma", {3.0, 4.1, 0.0}, 0.7761860186992143},
    {"igammac", {3.0, 4.1, 0.0}, 0.2238139813007857},
    {"igamma", {20.0, 18.0, 0.0}, 0.34908387201929825},
    {"igammac", {20.0, 18.0, 0.0}, 0.6509161279807018},
    {"igamma", {20.0, 30.0, 0.0}, 0.9781265315586092},
    {"igammac", {20.0, 30.0, 0.0}, 0.021873468441390854},
    {"igamma", {200.0, 190.0, 0.0}, 0.2433474271006238},
    {"igammac", {200.0, 190.0, 0.0}, 0.7566525728993762},
    {"igamma", {200.0, 215.0, 0.0}, 0.8551262439557168},
    {"igammac", {200.0, 215.0, 0.0}, 0.14487375604428318},
    {"igamma", {10000.0, 10100.0, 0.0}, 0.8413487504471796},
    {"igammac", {10000.0, 10100.0, 0.0}, 0.15865124955282037},
    {"igamma", {5.0, 100.0, 0.0}, 1.0},
    {"igammac", {5.0, 100.0, 0.0}, 1.6139305336977305e-37},
    {"betainc", {0.5, 0.5, 0.25}, 0.3333333333333333},
    {"betainc", {2.0, 3.0, 0.4}, 0.5248},
    {"betainc", {2.0, 3.0, 0.95}, 0.99951875},
    {"betainc", {10.0, 0.3, 0.99}, 0.45864670959774334},
    {"betainc", {50.0, 60.0, 0.45}, 0.4642352914306036},
    {"betainc", {50.0, 60.0, 0.5}, 0.8309072939016694},
    {"betainc", {1000.0, 1000.0, 0.51}, 0.8144473405684886},
    {"lgamma", {1, 0, 0}, 0},
    {"lgamma", {2, 0, 0}, 0},
    {"lgamma", {0, 0, 0}, kInfinite},
    {"lgamma", {-3, 0, 0}, kInfinite},
    {"lgamma", {-kInfinite, 0, 0}, kInfinite},
    {"digamma", {-2, 0, 0}, kNone},
    {"ndtri", {0, 0, 0}, -kInfinite},
    {"ndtri", {1, 0, 0}, kInfinite},
    {"ndtri", {-0.5, 0, 0}, kNone},
    {"erfinv", {1, 0, 0}, kInfinite},
    {"zeta", {1, 3, 0}, kInfinite},
    {"zeta", {0.5, 3, 0}, kNone},
    {"zeta", {2, -3, 0}, kInfinite},
    {"zeta", {2.5, -1.5, 0}, kNone},
    {"polygamma", {0.5, 3, 0}, kNone},
    {"igamma", {2, 0, 0}, 0},
    {"igamma", {-1, 2, 0}, kNone},
    {"igammac", {2, 0, 0}, 1},
    {"igammac", {2, kInfinite, 0}, 0},
    {"betainc", {2, 3, 0}, 0},
    {"betainc", {2, 3, 1}, 1},
    {"betainc", {2, 3, 1.5}, kNone},
};

void expectNear(double expected, double got, double relative) {
  if (std::isnan(expected))
    EXPECT_TRUE(std::isnan(got)) << got;
  else if (std::isinf(expected))
    EXPECT_EQ(expected, got);
  else
    EXPECT_NEAR(expected, got, relative * std::abs(expected) + 1e-300);
}

TEST(Special, Values) {
  for (const Function &function : kFunctions)
    for (const Value &value : kValues) {
      if (std::string(function.name) != value.name || !machineHas(function.level))
        continue;
      SCOPED_TRACE(testing::Message() << value.name << "(" << value.x[0] << ", " << value.x[1]
                                      << ", " << value.x[2] << ") at v" << function.level);
      expectNear(value.result, function.ofDoubles(value.x), 1e-12);
      // Operands that are floats: else their rounding shows.
      const double x[] = {float(value.x[0]), float(value.x[1]), float(value.x[2])};
      expectNear(float(function.ofDoubles(x)), function.ofFloats(x), 3e-7);
    }
}

} // namespace
} // namespace firn::kernels
