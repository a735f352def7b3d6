// Sparse tensors as their ops take and give them: a matrix of indices, a vector of values, a shape.
#pragma once

#include "compiler/reference/Evaluation.h"

namespace firn::reference {

struct SparseTensor {
  llvm::SmallVector<int64_t> indices; // `rank()` for each value
  Tensor values;
  Shape shape;

  int64_t rank() const { return shape.size(); }
  int64_t size() const { return values.size(); }
  llvm::ArrayRef<int64_t> index(int64_t i) const {
    return llvm::ArrayRef<int64_t>(indices).slice(i * rank(), rank());
  }
  /// Numbers of the values in the order of their indices; equal ones stay as they are.
  std::vector<int64_t> order() const;
};

/// True where `a` is the index that comes first.
bool isBefore(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

/// Of three inputs; every index lies inside the shape. Nothing after a failure.
std::optional<SparseTensor> sparseInput(Evaluation &e, unsigned indices, unsigned values,
                                        unsigned shape);
std::optional<SparseTensor> sparseInput(Evaluation &e);

/// The values `which` under their indices as outputs `first` and `first + 1`.
void giveEntries(Evaluation &e, unsigned first, const SparseTensor &sparse,
                 llvm::ArrayRef<int64_t> which);
void giveShape(Evaluation &e, unsigned index, llvm::ArrayRef<int64_t> shape);

/// The number of elements of a shape that comes from data; nothing, and a failure, for one that
/// has negative dimensions or more elements than an int64 counts.
std::optional<int64_t> countInput(Evaluation &e, llvm::ArrayRef<int64_t> shape);

} // namespace firn::reference
