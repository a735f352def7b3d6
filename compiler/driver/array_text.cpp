#include "compiler/driver/array_text.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/tensor_slices.h"
#include "compiler/driver/tensor_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

constexpr int64_t kShownWhole = 100;

// Of numbers that are ordered; "" for others, and for a single one, which is shown itself.
std::string rangeText(const NpyArray &array) {
  const size_t size = dataTypeSize(array.dtype);
  const bool complex =
      array.dtype == tensorflow::DT_COMPLEX64 || array.dtype == tensorflow::DT_COMPLEX128;
  if (size == 0 || complex || array.bytes.size() <= size)
    return "";
  double least = INFINITY, most = -INFINITY, sum = 0;
  uint64_t nans = 0;
  const uint64_t count = array.bytes.size() / size;
  for (uint64_t i = 0; i < count; ++i) {
    const double value = elementValue(array.dtype, array.bytes.data() + i * size);
    if (std::isnan(value)) {
      ++nans;
      continue;
    }
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
  }
  std::string text;
  if (nans < count)
    text = absl::StrFormat("  min %g  mean %g  max %g", least, sum / (count - nans), most);
  if (nans)
    absl::StrAppend(&text, "  ", countText(nans), " NaN");
  return text;
}

} // namespace

std::string arrayText(const std::string &name, const NpyArray &array) {
  std::string text = absl::StrCat(name, "  ", dataTypeName(array.dtype), " ",
                                  shapeText(array.shape), rangeText(array), "\n");
  if (dataTypeSize(array.dtype) || array.dtype == tensorflow::DT_STRING)
    absl::StrAppend(&text, tensorText(shownArray(array, kShownWhole)), "\n");
  return text;
}

} // namespace firn
