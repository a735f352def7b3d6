// A shape that may be known in part: what the elements of a TensorArray or a list have in common.
#pragma once

#include "compiler/reference/Inputs.h"
#include "compiler/reference/Tensor.h"

namespace firn::reference {

class PartialShape {
public:
  /// Anything.
  PartialShape() = default;
  /// Negative dimensions are unknown.
  explicit PartialShape(llvm::ArrayRef<int64_t> dims);
  /// Of a shape attribute; anything where it is missing.
  explicit PartialShape(mlir::Attribute attr);

  bool hasRank() const { return ranked; }
  /// -1 for an unknown one.
  llvm::ArrayRef<int64_t> dims() const { return sizes; }
  bool isFull() const;
  bool allows(llvm::ArrayRef<int64_t> shape) const;
  /// What fits both; nothing when no shape does.
  std::optional<PartialShape> merged(const PartialShape &other) const;
  /// Without the first dimension, or with it unknown.
  PartialShape dropFirst() const;
  PartialShape openFirst() const;
  std::string text() const;

private:
  bool ranked = false;
  Shape sizes;
};

/// A shape given as an input: -1 alone allows anything.
std::optional<PartialShape> partialShapeInput(Evaluation &e, unsigned index);

} // namespace firn::reference
