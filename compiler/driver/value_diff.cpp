#include "compiler/driver/value_diff.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/tensor_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

bool isComplex(int dtype) {
  return dtype == tensorflow::DT_COMPLEX64 || dtype == tensorflow::DT_COMPLEX128;
}

double distance(int dtype, const char *a, const char *b) {
  const double real = elementValue(dtype, a) - elementValue(dtype, b);
  if (!isComplex(dtype))
    return std::abs(real);
  return std::hypot(real, elementValue(dtype, a, 1) - elementValue(dtype, b, 1));
}

double magnitude(int dtype, const char *bytes) {
  const double real = elementValue(dtype, bytes);
  return isComplex(dtype) ? std::hypot(real, elementValue(dtype, bytes, 1)) : std::abs(real);
}

bool isNear(int dtype, const char *a, const char *b, double d, const Tolerance &tolerance) {
  const double left = magnitude(dtype, a), right = magnitude(dtype, b);
  if (std::isnan(left) || std::isnan(right))
    return std::isnan(left) && std::isnan(right);
  return std::isfinite(right) && d <= tolerance.atol + tolerance.rtol * right;
}

void compare(int dtype, absl::string_view a, absl::string_view b, const Tolerance &tolerance,
             ValueDiff &diff) {
  const int64_t size = dataTypeSize(dtype);
  diff.elements += a.size() / size;
  if (a == b)
    return;
  for (size_t at = 0; at + size <= a.size(); at += size) {
    const char *left = a.data() + at, *right = b.data() + at;
    if (std::memcmp(left, right, size) == 0)
      continue;
    const double d = distance(dtype, left, right);
    if (!tolerance.exact() && isNear(dtype, left, right, d, tolerance))
      continue;
    ++diff.differing;
    if (std::isnan(d) || d > diff.largest)
      diff.largest = d;
  }
}

} // namespace

std::string ValueDiff::text() const {
  if (!differing)
    return "";
  std::string text =
      absl::StrCat(countText(differing), " of ", countText(elements), " elements differ");
  return largest == 0 ? text : absl::StrCat(text, ", max |d| ", absl::StrFormat("%.3g", largest));
}

absl::StatusOr<ValueDiff> diffNumbers(int dtype, TensorReader a, TensorReader b,
                                      const Tolerance &tolerance) {
  if (a.size() != b.size())
    return absl::DataLossError(
        absl::StrCat("expected as many bytes in both, got ", a.size(), " and ", b.size()));
  constexpr uint64_t kPiece = 1 << 20;
  std::string x, y;
  ValueDiff diff;
  for (uint64_t left = a.size(); left > 0; left -= x.size()) {
    x.resize(std::min(left, kPiece));
    y.resize(x.size());
    absl::Status status = a.read(absl::MakeSpan(x.data(), x.size()));
    status.Update(b.read(absl::MakeSpan(y.data(), y.size())));
    if (!status.ok())
      return status;
    compare(dtype, x, y, tolerance, diff);
  }
  return diff;
}

ValueDiff diffStrings(const std::vector<std::string> &a, const std::vector<std::string> &b) {
  ValueDiff diff;
  diff.elements = std::max(a.size(), b.size());
  diff.differing = diff.elements - std::min(a.size(), b.size());
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    diff.differing += a[i] != b[i];
  return diff;
}

} // namespace firn
