// A tensor in host memory, as the interpreter computes with it.
#pragma once

#include <complex>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "compiler/reference/HalfTypes.h"
#include "dialects/graph/DataTypes.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace firn::reference {

using Shape = llvm::SmallVector<int64_t, 4>;

/// What a resource or variant element refers to: a table, a TensorArray, a list.
struct Object {
  virtual ~Object() = default;
  /// Which class it is; "" for none.
  virtual llvm::StringRef kind() const = 0;
};

int64_t countElements(llvm::ArrayRef<int64_t> shape);
/// "[2,3]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

/// Row-major and contiguous. Copies share the elements; what a kernel has given out is not written
/// again.
class Tensor {
public:
  /// No tensor: an output that was not computed.
  Tensor() = default;
  /// Zeros, false, empty strings. `dtype` is a tensorflow.DataType number.
  Tensor(int dtype, llvm::ArrayRef<int64_t> shape);

  explicit operator bool() const { return storage != nullptr; }
  int dtype() const { return type; }
  llvm::ArrayRef<int64_t> shape() const { return dims; }
  int64_t rank() const { return dims.size(); }
  int64_t dim(int64_t axis) const { return dims[axis]; }
  /// Number of elements.
  int64_t size() const { return count; }
  std::string text() const;

  /// The elements; `T` must be as wide as the dtype (`std::string` for strings).
  template <typename T> llvm::ArrayRef<T> values() const {
    return llvm::ArrayRef<T>(static_cast<const T *>(data()), static_cast<size_t>(count));
  }
  template <typename T> llvm::MutableArrayRef<T> mutableValues() {
    return llvm::MutableArrayRef<T>(static_cast<T *>(const_cast<void *>(data())),
                                    static_cast<size_t>(count));
  }
  template <typename T> T scalar() const { return values<T>().front(); }
  /// Elements of a tensor of a fixed-size dtype as bytes.
  llvm::ArrayRef<char> bytes() const;
  llvm::MutableArrayRef<char> mutableBytes();

  /// Elements of a resource or variant tensor.
  llvm::ArrayRef<std::shared_ptr<Object>> objects() const {
    return values<std::shared_ptr<Object>>();
  }

  /// The same elements under another shape of as many.
  Tensor reshaped(llvm::ArrayRef<int64_t> shape) const;
  /// The same bytes as another dtype of the same width.
  Tensor retyped(int dtype) const;

private:
  struct Storage;
  const void *data() const;

  int type = 0;
  Shape dims;
  int64_t count = 0;
  std::shared_ptr<Storage> storage;
};

/// A scalar, and a vector.
template <typename T> Tensor makeScalar(int dtype, T value) {
  Tensor tensor(dtype, {});
  tensor.mutableValues<T>()[0] = value;
  return tensor;
}
template <typename T> Tensor makeVector(int dtype, llvm::ArrayRef<T> values) {
  Tensor tensor(dtype, {static_cast<int64_t>(values.size())});
  llvm::copy(values, tensor.mutableValues<T>().begin());
  return tensor;
}
Tensor makeObject(int dtype, std::shared_ptr<Object> object);

/// Elements of an int32 or int64 (or any integer or bool) tensor.
llvm::SmallVector<int64_t> integersOf(const Tensor &tensor);
/// Integers as `dtype` (int32 or int64), scalar when `shape` is empty.
Tensor makeIntegers(int dtype, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> values);

/// Bytes of one element; 0 for strings, resources and variants.
unsigned elementBytes(int dtype);

// Lists of element types, for kernels that are written once for several.
template <typename... Ts> struct TypeList {};
template <typename A, typename B> struct Concat;
template <typename... A, typename... B> struct Concat<TypeList<A...>, TypeList<B...>> {
  using Type = TypeList<A..., B...>;
};
using Floats = TypeList<float, double, Half, BFloat16>;
using Integers = TypeList<int32_t, int64_t, uint8_t, int8_t, int16_t, uint16_t, uint32_t, uint64_t>;
using Complexes = TypeList<std::complex<float>, std::complex<double>>;
using Reals = Concat<Floats, Integers>::Type;
using Numbers = Concat<Reals, Complexes>::Type;
using Bools = TypeList<bool>;
using Strings = TypeList<std::string>;
using Objects = TypeList<std::shared_ptr<Object>>;
using Everything = Concat<Concat<Numbers, Bools>::Type, Concat<Strings, Objects>::Type>::Type;

template <typename T>
constexpr bool isShortFloat = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <typename T> constexpr bool isComplex = false;
template <typename T> constexpr bool isComplex<std::complex<T>> = true;
template <typename T> constexpr bool isFloat = std::is_floating_point_v<T> || isShortFloat<T>;

/// What elements of `T` are computed in: the 16-bit floats in float, others as they are.
template <typename T> using Wide = std::conditional_t<isShortFloat<T>, float, T>;

/// True when elements of `dtype` are held as `T`; quantised types are held as their integers.
template <typename T> bool holds(int dtype);

template <typename F> bool dispatch(TypeList<>, int, F &&) { return false; }
/// Calls `function(T{})` with the type of the list that holds `dtype`; false when there is none.
template <typename T, typename... Ts, typename F>
bool dispatch(TypeList<T, Ts...>, int dtype, F &&function) {
  if (holds<T>(dtype)) {
    function(T{});
    return true;
  }
  return dispatch(TypeList<Ts...>{}, dtype, function);
}

} // namespace firn::reference
