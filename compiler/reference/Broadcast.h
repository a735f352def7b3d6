// NumPy's broadcasting, as TensorFlow applies it.
#pragma once

#include <optional>

#include "compiler/reference/Tensor.h"

namespace firn::reference {

/// The common shape of two; nothing when a dimension differs and neither is 1.
std::optional<Shape> broadcastShapes(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

/// Walks a box of `dims` in row-major order and tells where each element lies in a buffer that has
/// `strides`.
class StridedIndex {
public:
  StridedIndex(llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<int64_t> strides)
      : dims(dims), strides(strides), counters(dims.size(), 0) {}
  int64_t position() const { return at; }
  void next();

private:
  Shape dims, strides, counters;
  int64_t at = 0;
};

/// For each element of `result`, in order, the place of the element of `operand` that it takes.
/// `operand` must broadcast to `result`.
class BroadcastIndex : public StridedIndex {
public:
  BroadcastIndex(llvm::ArrayRef<int64_t> operand, llvm::ArrayRef<int64_t> result);
};

/// Row-major strides in elements.
Shape stridesOf(llvm::ArrayRef<int64_t> shape);

} // namespace firn::reference
