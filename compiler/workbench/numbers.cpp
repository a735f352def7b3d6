#include "compiler/workbench/numbers.h"

#include <cstring>
#include <type_traits>

#include "compiler/formats/data_type.h"
#include "compiler/reference/HalfTypes.h"

namespace firn {
namespace {

using reference::BFloat16;
using reference::Half;

template <typename T> void widen(const char *bytes, absl::Span<double> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof value, sizeof value);
    if constexpr (sizeof(T) == 2)
      out[i] = static_cast<float>(value);
    else
      out[i] = value;
  }
}

template <typename T> uint64_t narrow(absl::Span<const double> values, char *bytes) {
  using Computed = std::conditional_t<sizeof(T) == 2, float, T>;
  uint64_t overflows = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = T(static_cast<Computed>(values[i]));
    std::memcpy(bytes + i * sizeof value, &value, sizeof value);
    // What is finite less itself is zero; of an infinity or NaN it is NaN.
    const Computed back = static_cast<Computed>(value);
    overflows += back - back != 0 && values[i] - values[i] == 0;
  }
  return overflows;
}

} // namespace

void toDoubles(int dtype, const char *bytes, absl::Span<double> out) {
  switch (dtype) {
  case tensorflow::DT_HALF:
    return widen<Half>(bytes, out);
  case tensorflow::DT_BFLOAT16:
    return widen<BFloat16>(bytes, out);
  case tensorflow::DT_FLOAT:
    return widen<float>(bytes, out);
  default:
    return widen<double>(bytes, out);
  }
}

uint64_t fromDoubles(int dtype, absl::Span<const double> values, char *bytes) {
  switch (dtype) {
  case tensorflow::DT_HALF:
    return narrow<Half>(values, bytes);
  case tensorflow::DT_BFLOAT16:
    return narrow<BFloat16>(values, bytes);
  case tensorflow::DT_FLOAT:
    return narrow<float>(values, bytes);
  default:
    return narrow<double>(values, bytes);
  }
}

} // namespace firn
