// The math functions over arrays, at each level: over the scalar form in a loop that is to
// vectorise, as in the compiler's generated code, and over the level's vector.
#pragma once

#include <cstdint>

#define FIRN_MAPS_AT(name, level)                                                                  \
  extern "C" void firn_map_##name##_f32_v##level(const float *, const float *, float *, int64_t);  \
  extern "C" void firn_map_##name##_f32v_v##level(const float *, const float *, float *, int64_t); \
  extern "C" void firn_map_##name##_f64_v##level(const double *, const double *, double *, int64_t);
#define FIRN_MATH_1(name) FIRN_MAPS_AT(name, 2) FIRN_MAPS_AT(name, 3) FIRN_MAPS_AT(name, 4)
#define FIRN_MATH_2(name) FIRN_MATH_1(name)
#define FIRN_MATH_SCALAR_1(name)
#define FIRN_MATH_SCALAR_2(name)
#define FIRN_MATH_SCALAR_3(name)
#include "runtime/kernels/math/kernels.inc"
#undef FIRN_MATH_1

namespace firn::kernels {

/// y[i] = function(a[i], b[i]) for i < n, a multiple of 16; `b` is not read for one operand.
template <typename T> using Map = void (*)(const T *a, const T *b, T *y, int64_t n);

/// A function at one level.
struct MathFunction {
  const char *name;
  int level;
  Map<float> ofFloats, ofVectors;
  Map<double> ofDoubles;
};

#define FIRN_ROW(name, level)                                                                      \
  {#name, level, firn_map_##name##_f32_v##level, firn_map_##name##_f32v_v##level,                  \
   firn_map_##name##_f64_v##level},
const MathFunction kMathFunctions[] = {
#define FIRN_MATH_1(name) FIRN_ROW(name, 2) FIRN_ROW(name, 3) FIRN_ROW(name, 4)
#include "runtime/kernels/math/kernels.inc"
#undef FIRN_MATH_1
#undef FIRN_MATH_2
#undef FIRN_MATH_SCALAR_1
#undef FIRN_MATH_SCALAR_2
#undef FIRN_MATH_SCALAR_3
#undef FIRN_ROW
};

} // namespace firn::kernels
