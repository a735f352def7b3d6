// Moving elements from tensor to tensor, whatever their dtype.
#pragma once

#include "compiler/reference/Tensor.h"

namespace firn::reference {

/// Where an index space lies in a tensor: [i,j,…] at `start` + i·strides[0] + j·strides[1] + ….
struct Strided {
  int64_t start = 0;
  Shape strides;
};

/// to[…] = from[…] for each index of `shape`. The tensors have one dtype and do not overlap; all
/// indices lie inside both.
void copyElements(const Tensor &from, const Strided &source, Tensor &to, const Strided &target,
                  llvm::ArrayRef<int64_t> shape);

/// `count` elements that lie side by side.
void copyRun(const Tensor &from, int64_t fromAt, Tensor &to, int64_t toAt, int64_t count);

/// All of `to` becomes the element of `from` at `at`.
void fillWith(const Tensor &from, int64_t at, Tensor &to);

/// A new tensor with the elements of this one, to be written.
Tensor copyOf(const Tensor &tensor);

/// The sum of an index's parts: Σ index[i]·strides[i].
int64_t offsetOf(llvm::ArrayRef<int64_t> index, llvm::ArrayRef<int64_t> strides);

/// Counts `index` on through `shape`, the last axis fastest; false after the last one.
bool nextIndex(llvm::MutableArrayRef<int64_t> index, llvm::ArrayRef<int64_t> shape);

} // namespace firn::reference
