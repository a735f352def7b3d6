// The entries of the family.
#include "runtime/kernels/common/vector.h"
#include "runtime/kernels/math/half.h"
#include "runtime/kernels/math/inverse_trigonometric.h"
#include "runtime/kernels/math/special.h"

using firn::kernels::V;
namespace math = firn::kernels::math;

#define FIRN_MATH_1_OF(name, type, suffix)                                                         \
  extern "C" type FIRN_SYMBOL(firn_##name##_##suffix)(type x) { return math::name(x); }
#define FIRN_MATH_2_OF(name, type, suffix)                                                         \
  extern "C" type FIRN_SYMBOL(firn_##name##_##suffix)(type x, type y) { return math::name(x, y); }

#define FIRN_MATH_1(name)                                                                          \
  FIRN_MATH_1_OF(name, float, f32)                                                                 \
  FIRN_MATH_1_OF(name, double, f64) FIRN_MATH_1_OF(name, V, f32v)
#define FIRN_MATH_2(name)                                                                          \
  FIRN_MATH_2_OF(name, float, f32)                                                                 \
  FIRN_MATH_2_OF(name, double, f64) FIRN_MATH_2_OF(name, V, f32v)
#define FIRN_MATH_3_OF(name, type, suffix)                                                         \
  extern "C" type FIRN_SYMBOL(firn_##name##_##suffix)(type x, type y, type z) {                    \
    return math::name(x, y, z);                                                                    \
  }
#define FIRN_MATH_SCALAR_1(name) FIRN_MATH_1_OF(name, float, f32) FIRN_MATH_1_OF(name, double, f64)
#define FIRN_MATH_SCALAR_2(name) FIRN_MATH_2_OF(name, float, f32) FIRN_MATH_2_OF(name, double, f64)
#define FIRN_MATH_SCALAR_3(name) FIRN_MATH_3_OF(name, float, f32) FIRN_MATH_3_OF(name, double, f64)
#include "runtime/kernels/math/kernels.inc"

// Halves are 16-bit integers here.
extern "C" uint16_t FIRN_SYMBOL(firn_f32_to_f16)(float x) { return math::f32ToF16(x); }
extern "C" float FIRN_SYMBOL(firn_f16_to_f32)(uint16_t x) { return math::f16ToF32(x); }
extern "C" uint16_t FIRN_SYMBOL(firn_f32_to_bf16)(float x) { return math::f32ToBf16(x); }
extern "C" float FIRN_SYMBOL(firn_bf16_to_f32)(uint16_t x) { return math::bf16ToF32(x); }
