#include "compiler/pipeline/FeedValues.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "compiler/formats/data_type.h"
#include "compiler/pipeline/Arrays.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/BindPlaceholders.h"
#include "dialects/graph/Graph.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/MathExtras.h"

using namespace firn::graph;

namespace firn {
namespace {

using RealsAndBools = reference::Concat<reference::Reals, reference::Bools>::Type;

// Wide enough for every element of a real type, 64-bit integers included.
using Wide = long double;
using Load = Wide (*)(const char *bytes);
/// False where the type can't hold the value; `exact` is cleared where it is rounded.
using Store = bool (*)(Wide value, char *bytes, bool &exact);

template <typename T> constexpr bool isFloating = !std::numeric_limits<T>::is_integer;

template <typename T> Wide load(const char *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  if constexpr (sizeof(T) == 2 && isFloating<T>)
    return static_cast<float>(value);
  else
    return value;
}

template <typename T> bool store(Wide wide, char *bytes, bool &exact) {
  T value;
  if constexpr (isFloating<T>) {
    value = T(static_cast<std::conditional_t<sizeof(T) == 8, double, float>>(wide));
  } else {
    using Limits = std::numeric_limits<T>;
    if (!(wide >= Limits::min() && wide <= Limits::max()) || wide != std::trunc(wide))
      return false;
    value = static_cast<T>(wide);
  }
  std::memcpy(bytes, &value, sizeof(value));
  exact &= std::isnan(wide) || load<T>(bytes) == wide;
  return true;
}

Load loadOf(int dtype) {
  Load result = nullptr;
  reference::dispatch(RealsAndBools{}, dtype, [&](auto zero) { result = load<decltype(zero)>; });
  return result;
}

Store storeOf(int dtype) {
  Store result = nullptr;
  reference::dispatch(RealsAndBools{}, dtype, [&](auto zero) { result = store<decltype(zero)>; });
  return result;
}

bool isFloatingType(int dtype) {
  bool floating = false;
  reference::dispatch(reference::Floats{}, dtype, [&](auto) { floating = true; });
  return floating;
}

// A sequence of well mixed bits (splitmix64 of G. Steele, D. Lea and C. Flood, 2014), one for each
// index.
uint64_t mixedBits(uint64_t key, uint64_t index) {
  uint64_t bits = key + (index + 1) * 0x9e3779b97f4a7c15;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
  return bits ^ bits >> 31;
}

// FNV-1a.
uint64_t keyOf(const std::string &name, uint64_t seed) {
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : name)
    hash = (hash ^ c) * 0x100000001b3;
  return mixedBits(hash, seed);
}

// Box-Muller: (0,1] twice to one number of the normal distribution.
Wide normal(uint64_t key, uint64_t index) {
  auto uniform = [&](uint64_t i) { return std::ldexp((mixedBits(key, i) >> 11) + 1.0, -53); };
  const double radius = std::sqrt(-2 * std::log(uniform(2 * index)));
  return radius * std::cos(2 * 3.14159265358979323846 * uniform(2 * index + 1));
}

absl::StatusOr<uint64_t> byteCount(int dtype, const std::vector<int64_t> &shape) {
  constexpr uint64_t kMost = uint64_t{1} << 36;
  uint64_t bytes = dataTypeSize(dtype);
  for (int64_t dim : shape) {
    bool overflow = false;
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, dim, &overflow);
    if (overflow || bytes > kMost)
      return absl::InvalidArgumentError("expected a shape of at most 64 GiB");
  }
  return bytes;
}

} // namespace

absl::StatusOr<NpyArray> literalArray(const std::string &text, int dtype) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<GraphDialect>();
  std::string why;
  TensorAttr value = parseTensorLiteral(text, typeFromNumber(&context, dtype), why);
  std::optional<reference::Tensor> tensor;
  if (value)
    tensor = reference::tensorOf(value, nullptr, why);
  if (!tensor)
    return absl::InvalidArgumentError(why);
  return arrayOf(*tensor);
}

absl::StatusOr<NpyArray> convertArray(const NpyArray &array, int dtype, bool &rounded) {
  rounded = false;
  if (holdsDtype(array, dtype))
    return array;
  const Load read = loadOf(array.dtype);
  const Store write = storeOf(dtype);
  const size_t from = dataTypeSize(array.dtype), to = dataTypeSize(dtype);
  const bool mayRound = isFloatingType(array.dtype) && isFloatingType(dtype);
  bool fits = read && write, exact = true;
  NpyArray result{dtype, array.shape, "", {}};
  if (fits)
    result.bytes.resize(array.bytes.size() / from * to);
  for (size_t i = 0; fits && i < result.bytes.size() / to; ++i)
    fits = write(read(array.bytes.data() + i * from), result.bytes.data() + i * to, exact) &&
           (exact || mayRound);
  if (!fits)
    return absl::InvalidArgumentError(absl::StrCat("expected ", dataTypeName(dtype), ", got ",
                                                   dataTypeName(array.dtype),
                                                   " that it can't hold without loss"));
  rounded = !exact;
  return result;
}

absl::StatusOr<NpyArray> randomArray(int dtype, const std::vector<int64_t> &shape,
                                     const std::string &name, uint64_t seed) {
  const bool complex = dtype == DT_COMPLEX64 || dtype == DT_COMPLEX128;
  const int part = dtype == DT_COMPLEX64 ? DT_FLOAT : dtype == DT_COMPLEX128 ? DT_DOUBLE : dtype;
  const Store write = storeOf(part);
  if (!write)
    return absl::InvalidArgumentError(
        absl::StrCat("there are no random values of type ", dataTypeName(dtype)));
  absl::StatusOr<uint64_t> bytes = byteCount(dtype, shape);
  if (!bytes.ok())
    return bytes.status();
  NpyArray array{dtype, shape, std::string(*bytes, '\0'), {}};
  const uint64_t key = keyOf(name, seed);
  const size_t size = dataTypeSize(part);
  const bool floating = complex || isFloatingType(dtype);
  bool exact;
  for (uint64_t i = 0; i < *bytes / size; ++i)
    write(floating ? normal(key, i) : Wide(mixedBits(key, i) >> 63), array.bytes.data() + i * size,
          exact);
  return array;
}

} // namespace firn
