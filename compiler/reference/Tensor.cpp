#include "compiler/reference/Tensor.h"

#include <algorithm>
#include <cassert>

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace firn::graph;

namespace firn::reference {

int64_t countElements(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

std::string shapeText(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "[";
  llvm::interleave(shape, out, ",");
  out << "]";
  return text;
}

struct Tensor::Storage {
  std::unique_ptr<char[]> bytes;
  std::vector<std::string> strings;
  std::vector<std::shared_ptr<Object>> objects;
};

static bool holdsObjects(int dtype) { return dtype == DT_RESOURCE || dtype == DT_VARIANT; }

Tensor::Tensor(int dtype, llvm::ArrayRef<int64_t> shape)
    : type(dtype), dims(shape), count(countElements(shape)), storage(std::make_shared<Storage>()) {
  if (dtype == DT_STRING)
    storage->strings.resize(count);
  else if (holdsObjects(dtype))
    storage->objects.resize(count);
  else
    storage->bytes = std::make_unique<char[]>(count * elementBytes(dtype));
}

const void *Tensor::data() const {
  assert(storage && "an absent tensor has no elements");
  if (type == DT_STRING)
    return storage->strings.data();
  if (holdsObjects(type))
    return storage->objects.data();
  return storage->bytes.get();
}

llvm::ArrayRef<char> Tensor::bytes() const {
  return {storage->bytes.get(), static_cast<size_t>(count * elementBytes(type))};
}
llvm::MutableArrayRef<char> Tensor::mutableBytes() {
  return {storage->bytes.get(), static_cast<size_t>(count * elementBytes(type))};
}

std::string Tensor::text() const {
  return *this ? dataTypeMnemonic(type).str() + shapeText(dims) : "nothing";
}

Tensor Tensor::reshaped(llvm::ArrayRef<int64_t> shape) const {
  assert(countElements(shape) == count && "a reshape keeps the number of elements");
  Tensor other = *this;
  other.dims.assign(shape.begin(), shape.end());
  return other;
}

Tensor Tensor::retyped(int dtype) const {
  assert(elementBytes(dtype) == elementBytes(type));
  Tensor other = *this;
  other.type = dtype;
  return other;
}

Tensor makeObject(int dtype, std::shared_ptr<Object> object) {
  Tensor tensor(dtype, {});
  tensor.mutableValues<std::shared_ptr<Object>>()[0] = std::move(object);
  return tensor;
}

llvm::SmallVector<int64_t> integersOf(const Tensor &tensor) {
  llvm::SmallVector<int64_t> integers;
  dispatch(Concat<Integers, Bools>::Type{}, tensor.dtype(),
           [&](auto zero) { llvm::append_range(integers, tensor.values<decltype(zero)>()); });
  return integers;
}

Tensor makeIntegers(int dtype, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> values) {
  Tensor tensor(dtype, shape);
  dispatch(Integers{}, dtype, [&](auto zero) {
    std::copy(values.begin(), values.end(), tensor.mutableValues<decltype(zero)>().begin());
  });
  return tensor;
}

unsigned elementBytes(int dtype) {
  unsigned bytes = 0;
  dispatch(Concat<Numbers, Bools>::Type{}, dtype, [&](auto zero) { bytes = sizeof(zero); });
  return bytes;
}

template <> bool holds<float>(int dtype) { return dtype == DT_FLOAT; }
template <> bool holds<double>(int dtype) { return dtype == DT_DOUBLE; }
template <> bool holds<Half>(int dtype) { return dtype == DT_HALF; }
template <> bool holds<BFloat16>(int dtype) { return dtype == DT_BFLOAT16; }
template <> bool holds<int32_t>(int dtype) { return dtype == DT_INT32 || dtype == DT_QINT32; }
template <> bool holds<int64_t>(int dtype) { return dtype == DT_INT64; }
template <> bool holds<uint8_t>(int dtype) { return dtype == DT_UINT8 || dtype == DT_QUINT8; }
template <> bool holds<int8_t>(int dtype) { return dtype == DT_INT8 || dtype == DT_QINT8; }
template <> bool holds<int16_t>(int dtype) { return dtype == DT_INT16 || dtype == DT_QINT16; }
template <> bool holds<uint16_t>(int dtype) { return dtype == DT_UINT16 || dtype == DT_QUINT16; }
template <> bool holds<uint32_t>(int dtype) { return dtype == DT_UINT32; }
template <> bool holds<uint64_t>(int dtype) { return dtype == DT_UINT64; }
template <> bool holds<std::complex<float>>(int dtype) { return dtype == DT_COMPLEX64; }
template <> bool holds<std::complex<double>>(int dtype) { return dtype == DT_COMPLEX128; }
template <> bool holds<bool>(int dtype) { return dtype == DT_BOOL; }
template <> bool holds<std::string>(int dtype) { return dtype == DT_STRING; }
template <> bool holds<std::shared_ptr<Object>>(int dtype) { return holdsObjects(dtype); }

} // namespace firn::reference
