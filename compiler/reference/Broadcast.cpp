#include "compiler/reference/Broadcast.h"

namespace firn::reference {

std::optional<Shape> broadcastShapes(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  Shape result(a);
  size_t offset = a.size() - b.size();
  for (size_t i = 0; i < b.size(); ++i) {
    int64_t &dim = result[offset + i];
    if (dim == 1)
      dim = b[i];
    else if (b[i] != dim && b[i] != 1)
      return std::nullopt;
  }
  return result;
}

Shape stridesOf(llvm::ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

// A dimension of 1 is read again and again.
static Shape broadcastStrides(llvm::ArrayRef<int64_t> operand, llvm::ArrayRef<int64_t> result) {
  Shape own = stridesOf(operand), strides(result.size(), 0);
  size_t offset = result.size() - operand.size();
  for (size_t i = 0; i < operand.size(); ++i)
    strides[offset + i] = operand[i] == 1 ? 0 : own[i];
  return strides;
}

BroadcastIndex::BroadcastIndex(llvm::ArrayRef<int64_t> operand, llvm::ArrayRef<int64_t> result)
    : StridedIndex(result, broadcastStrides(operand, result)) {}

void StridedIndex::next() {
  for (size_t axis = dims.size(); axis-- > 0;) {
    at += strides[axis];
    if (++counters[axis] < dims[axis])
      return;
    at -= strides[axis] * dims[axis];
    counters[axis] = 0;
  }
}

} // namespace firn::reference
