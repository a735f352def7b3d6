// Compiled once per level.
#include "runtime/kernels/common/vector.h"
#include "runtime/kernels/math/error.h"
#include "runtime/kernels/math/inverse_trigonometric.h"
#include "runtime/kernels/math/power.h"

using namespace firn::kernels;

#define FIRN_MAP(name, suffix, type, call)                                                         \
  extern "C" void FIRN_SYMBOL(firn_map_##name##_##suffix)(                                         \
      const type *__restrict a, [[maybe_unused]] const type *__restrict b, type *__restrict y,     \
      int64_t n) {                                                                                 \
    for (int64_t i = 0; i < n; ++i)                                                                \
      y[i] = call;                                                                                 \
  }
#define FIRN_MAP_VECTORS(name, call)                                                               \
  extern "C" void FIRN_SYMBOL(firn_map_##name##_f32v)(                                             \
      const float *a, [[maybe_unused]] const float *b, float *y, int64_t n) {                      \
    for (int64_t i = 0; i < n; i += kWidth)                                                        \
      store(y + i, call);                                                                          \
  }
#define FIRN_MATH_1(name)                                                                          \
  FIRN_MAP(name, f32, float, math::name(a[i]))                                                     \
  FIRN_MAP(name, f64, double, math::name(a[i]))                                                    \
  FIRN_MAP_VECTORS(name, math::name(load(a + i)))
#define FIRN_MATH_2(name)                                                                          \
  FIRN_MAP(name, f32, float, math::name(a[i], b[i]))                                               \
  FIRN_MAP(name, f64, double, math::name(a[i], b[i]))                                              \
  FIRN_MAP_VECTORS(name, math::name(load(a + i), load(b + i)))
#define FIRN_MATH_SCALAR_1(name)
#define FIRN_MATH_SCALAR_2(name)
#define FIRN_MATH_SCALAR_3(name)
#include "runtime/kernels/math/kernels.inc"
