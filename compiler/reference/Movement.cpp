#include "compiler/reference/Movement.h"

#include <algorithm>

using namespace firn::graph;

namespace firn::reference {
namespace {

// An index space with its place in two tensors, without axes of one and with neighbours joined
// where both tensors hold them as one axis.
struct Walk {
  Shape shape, from, to;

  Walk(llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<int64_t> source,
       llvm::ArrayRef<int64_t> target) {
    for (size_t i = 0; i < dims.size(); ++i) {
      if (dims[i] == 1)
        continue;
      if (!shape.empty() && from.back() == source[i] * dims[i] &&
          to.back() == target[i] * dims[i]) {
        shape.back() *= dims[i];
        from.back() = source[i];
        to.back() = target[i];
        continue;
      }
      shape.push_back(dims[i]);
      from.push_back(source[i]);
      to.push_back(target[i]);
    }
    if (shape.empty()) {
      shape = {1};
      from = to = {1};
    }
  }
};

template <typename T> void copyRow(const T *from, int64_t step, T *to, int64_t toStep, int64_t n) {
  if (step == 1 && toStep == 1) {
    std::copy_n(from, n, to);
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    to[i * toStep] = from[i * step];
}

template <typename T>
void copyAll(const T *from, T *to, const Walk &walk, int64_t fromStart, int64_t toStart) {
  size_t last = walk.shape.size() - 1;
  Shape index(last, 0);
  llvm::ArrayRef<int64_t> outer = llvm::ArrayRef<int64_t>(walk.shape).drop_back();
  do
    copyRow(from + fromStart + offsetOf(index, walk.from), walk.from[last],
            to + toStart + offsetOf(index, walk.to), walk.to[last], walk.shape[last]);
  while (nextIndex(index, outer));
}

// 16 bytes: a complex128.
using Wide = std::complex<double>;

// Calls `function(T{})` with a type as wide as the elements of `dtype`.
template <typename F> void dispatchWidth(int dtype, F &&function) {
  switch (elementBytes(dtype)) {
  case 0:
    if (dtype == DT_STRING)
      return function(std::string());
    return function(std::shared_ptr<Object>());
  case 1:
    return function(uint8_t());
  case 2:
    return function(uint16_t());
  case 4:
    return function(uint32_t());
  case 8:
    return function(uint64_t());
  default:
    return function(Wide());
  }
}

} // namespace

int64_t offsetOf(llvm::ArrayRef<int64_t> index, llvm::ArrayRef<int64_t> strides) {
  int64_t offset = 0;
  for (size_t i = 0; i < index.size(); ++i)
    offset += index[i] * strides[i];
  return offset;
}

bool nextIndex(llvm::MutableArrayRef<int64_t> index, llvm::ArrayRef<int64_t> shape) {
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (++index[axis] < shape[axis])
      return true;
    index[axis] = 0;
  }
  return false;
}

void copyElements(const Tensor &from, const Strided &source, Tensor &to, const Strided &target,
                  llvm::ArrayRef<int64_t> shape) {
  if (countElements(shape) == 0)
    return;
  Walk walk(shape, source.strides, target.strides);
  dispatchWidth(to.dtype(), [&](auto zero) {
    using T = decltype(zero);
    copyAll(from.values<T>().data(), to.mutableValues<T>().data(), walk, source.start,
            target.start);
  });
}

void copyRun(const Tensor &from, int64_t fromAt, Tensor &to, int64_t toAt, int64_t count) {
  if (unsigned width = elementBytes(to.dtype())) {
    std::copy_n(from.bytes().begin() + fromAt * width, count * width,
                to.mutableBytes().begin() + toAt * width);
    return;
  }
  copyElements(from, {fromAt, {1}}, to, {toAt, {1}}, {count});
}

void fillWith(const Tensor &from, int64_t at, Tensor &to) {
  copyElements(from, {at, {0}}, to, {0, {1}}, {to.size()});
}

Tensor copyOf(const Tensor &tensor) {
  Tensor copy(tensor.dtype(), tensor.shape());
  copyRun(tensor, 0, copy, 0, tensor.size());
  return copy;
}

} // namespace firn::reference
