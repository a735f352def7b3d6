// Backwards: the shape that a tensor must have for its uses to work.
#pragma once

#include <optional>

#include "compiler/transforms/graph/shapes/ShapeInference.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseSet.h"

namespace firn::graph {

/// Looks at what uses a tensor whose rank is not known, up to the ops that take one rank only.
class UseShapes {
public:
  explicit UseShapes(const ShapeInference &shapes) : shapes(shapes) {}

  /// ShapedType::kDynamic for a size that uses leave open; nothing where they leave the rank open.
  using Sizes = llvm::SmallVector<int64_t>;
  std::optional<Sizes> of(mlir::Value value);

private:
  std::optional<Sizes> ofUse(mlir::OpOperand &use);
  std::optional<Sizes> ofBroadcast(Node node, unsigned index);
  std::optional<Sizes> ofPart(Node node);
  std::optional<Sizes> ofMatrix(Node node, unsigned index) const;
  std::optional<Sizes> ofImage(Node node, unsigned index) const;
  int64_t sizeOf(mlir::Value value, unsigned rank, unsigned axis) const;

  const ShapeInference &shapes;
  llvm::DenseSet<mlir::Value> visiting;
};

} // namespace firn::graph
