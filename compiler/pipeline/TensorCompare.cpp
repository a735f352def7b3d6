#include "compiler/pipeline/TensorCompare.h"

#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/formats/data_type.h"

using namespace firn::graph;

namespace firn {
namespace {

using reference::Tensor;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename T> constexpr bool isComplex = false;
template <typename T> constexpr bool isComplex<std::complex<T>> = true;
template <typename T>
constexpr bool isHalf =
    std::is_same_v<T, reference::Half> || std::is_same_v<T, reference::BFloat16>;

// An element as what `std::abs` and the minus of floating-point numbers take.
template <typename T> auto widened(const T &value) {
  if constexpr (isComplex<T>)
    return std::complex<double>(value);
  else if constexpr (isHalf<T>)
    return static_cast<double>(static_cast<float>(value));
  else
    return static_cast<double>(value);
}

template <typename T> double magnitude(const T &value) { return std::abs(widened(value)); }

template <typename T> double distance(const T &want, const T &got) {
  auto a = widened(want), b = widened(got);
  const double wantSize = std::abs(a), gotSize = std::abs(b);
  if (std::isnan(wantSize) && std::isnan(gotSize))
    return 0;
  const double d = std::abs(b - a);
  if (std::isnan(d) || std::isinf(d))
    return a == b ? 0 : kInfinity;
  // Integers of 64 bits that a double can't tell apart.
  if constexpr (std::is_integral_v<T>)
    return d == 0 && want != got ? 1 : d;
  return d;
}

template <> double distance(const std::string &want, const std::string &got) {
  return want == got ? 0 : kInfinity;
}
template <> double magnitude(const std::string &) { return 0; }

template <typename T> std::string valueText(const T &value) {
  if constexpr (std::is_same_v<T, std::string>)
    return absl::StrCat("\"", absl::Utf8SafeCHexEscape(value), "\"");
  else if constexpr (isComplex<T>)
    return absl::StrFormat("%g%+gj", value.real(), value.imag());
  else if constexpr (std::is_integral_v<T>)
    return std::to_string(value);
  else
    return absl::StrFormat("%g", widened(value));
}

std::vector<int64_t> indexOf(int64_t position, llvm::ArrayRef<int64_t> shape) {
  std::vector<int64_t> index(shape.size());
  for (size_t i = shape.size(); i-- > 0; position /= shape[i])
    index[i] = position % shape[i];
  return index;
}

template <typename T>
void compareElements(const Tensor &want, const Tensor &got, TensorDifference &difference) {
  llvm::ArrayRef<T> a = want.values<T>(), b = got.values<T>();
  int64_t worst = -1;
  for (size_t i = 0; i < a.size(); ++i) {
    const double size = magnitude(a[i]), d = distance(a[i], b[i]);
    if (std::isfinite(size) && size > difference.scale)
      difference.scale = size;
    difference.differing += d > 0;
    if (d > difference.largest) {
      difference.largest = d;
      worst = i;
    }
  }
  if (worst < 0)
    return;
  difference.at = indexOf(worst, want.shape());
  difference.want = valueText(a[worst]);
  difference.got = valueText(b[worst]);
}

} // namespace

TensorDifference compareTensors(const Tensor &want, const Tensor &got,
                                const VerifyOptions &options) {
  using Comparable = reference::Concat<reference::Numbers, reference::Bools>::Type;
  using Types = reference::Concat<Comparable, reference::Strings>::Type;
  TensorDifference result;
  result.dtype = want.dtype();
  result.shape.assign(want.shape().begin(), want.shape().end());
  result.elements = want.size();
  if (want.dtype() != got.dtype() || want.shape() != got.shape())
    result.mismatch =
        absl::StrCat(dataTypeName(want.dtype()), reference::shapeText(want.shape()), " and ",
                     dataTypeName(got.dtype()), reference::shapeText(got.shape()));
  else if (!reference::dispatch(Types{}, want.dtype(), [&](auto zero) {
             compareElements<decltype(zero)>(want, got, result);
           }))
    result.mismatch = absl::StrCat(dataTypeName(want.dtype()), " has no values to compare");
  result.good =
      result.mismatch.empty() && result.largest <= options.atol + options.rtol * result.scale;
  return result;
}

} // namespace firn
