// Floating-point elements of one type as another.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace firn {

/// The elements at `bytes`, as many as `out` takes, of type `dtype` (half, bfloat16, float, double)
/// as doubles, exactly.
void toDoubles(int dtype, const char *bytes, absl::Span<double> out);
/// The reverse, rounded to nearest even; half and bfloat16 by way of float, as TensorFlow's Cast
/// does. How many finite values became infinite.
uint64_t fromDoubles(int dtype, absl::Span<const double> values, char *bytes);

} // namespace firn
