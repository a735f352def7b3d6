#include "compiler/workbench/numbers.h"

#include <cmath>
#include <cstring>

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

template <typename T> void narrow(absl::Span<const double> values, char *bytes) {
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    if constexpr (sizeof(T) == 2)
      value = T(static_cast<float>(values[i]));
    else
      value = static_cast<T>(values[i]);
    std::memcpy(bytes + i * sizeof value, &value, sizeof value);
  }
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

void fromDoubles(int dtype, absl::Span<const double> values, char *bytes) {
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

uint64_t countOverflows(int dtype, absl::Span<const double> values, const char *bytes) {
  std::vector<double> back(values.size());
  toDoubles(dtype, bytes, absl::MakeSpan(back));
  uint64_t count = 0;
  for (size_t i = 0; i < values.size(); ++i)
    count += std::isinf(back[i]) && std::isfinite(values[i]);
  return count;
}

} // namespace firn
