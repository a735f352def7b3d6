// The math functions over arrays, at each level: over the scalar form in a loop that is to
// vectorise, as in the compiler's generated code, and over the level's vector.
#pragma once

#include <cstdint>

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

} // namespace firn::kernels
