// What is known of a tensor before it is computed.
#pragma once

#include <memory>
#include <vector>

#include "compiler/transforms/graph/shapes/Dim.h"
#include "mlir/IR/Types.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir {
class Operation;
}

namespace firn::graph {

using Dims = llvm::SmallVector<Dim, 4>;

struct ListInfo;

struct ShapeInfo {
  /// Larger integer tensors are no shapes; their elements are not looked at.
  static constexpr int64_t kMaxElements = 64;

  bool ranked = false;
  Dims dims;
  /// Of a small integer tensor the elements, in order; one that is not known is a symbol.
  bool hasElements = false;
  Dims elements;
  /// Of a handle: the TensorArray node that made it.
  mlir::Operation *array = nullptr;
  /// Of a TensorList: what it holds.
  std::shared_ptr<const ListInfo> list;

  static ShapeInfo unknown() { return {}; }
  static ShapeInfo scalar() { return of({}); }
  static ShapeInfo of(llvm::ArrayRef<Dim> dims);
  /// A scalar, or a vector, of these elements.
  static ShapeInfo element(Dim value);
  static ShapeInfo vector(llvm::ArrayRef<Dim> values);

  size_t rank() const { return dims.size(); }
  bool hasRank(size_t rank) const { return ranked && dims.size() == rank; }
  /// Dimensions, origins and elements alike.
  bool isIdentical(const ShapeInfo &o) const;
};

using Infos = std::vector<ShapeInfo>;

/// The elements of a list share a shape where `item` is ranked.
struct ListInfo {
  ShapeInfo item;
  Dim length;
};

} // namespace firn::graph
