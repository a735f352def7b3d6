// Shapes of all values of a graph, with symbols for what is not known.
#pragma once

#include <map>
#include <memory>
#include <tuple>

#include "compiler/transforms/graph/shapes/ShapeInfo.h"
#include "dialects/graph/Node.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

namespace firn::graph {

/// Where a constant number of a shape was written down. Constants are told apart by their uses: two
/// nodes that share one may mean different things by it.
struct Origin {
  enum Kind {
    Element,   // element `index` of the Const that `use` takes
    Dimension, // dimension `index` of that Const's own shape
    Attribute, // dimension `index` of the attribute of `node` that is a shape, or is a number
  };
  Kind kind;
  mlir::OpOperand *use = nullptr;
  mlir::Operation *node = nullptr;
  unsigned index = 0;

  bool operator<(const Origin &o) const {
    return std::tie(kind, use, node, index) < std::tie(o.kind, o.use, o.node, o.index);
  }
};

struct ShapeOptions {
  /// Shapes in place of those that placeholders declare.
  llvm::DenseMap<mlir::Operation *, ShapeInfo> placeholders;
  /// Take from the types of results what can't be inferred.
  bool useTypes = true;
  /// The numbers that the tracked symbols stand for in the graph as it is written. With any,
  /// constants get origins, and conflicts with tracked dimensions are collected.
  llvm::SmallVector<int64_t> trackedValues;
  /// What constants are taken to be instead of what they say.
  std::map<Origin, Dim> rewrites;
};

/// Two numbers that have to be the same and are not.
struct Conflict {
  Node node;
  /// The one that is a constant or, where neither is, either.
  Dim written;
  Dim other;
  /// False where there is another reading by which the numbers fit.
  bool isProved = true;
};

class BlockShapes;
class ShapeState;

/// Infers the shapes of a block's values, and of those of the functions that it calls, by the
/// arguments that they are called with. Loops are followed until nothing changes any more: a
/// dimension that differs between rounds becomes a symbol of its own. Changes nothing.
class ShapeInference {
public:
  explicit ShapeInference(mlir::Block &block, mlir::ModuleOp module,
                          ShapeOptions options = ShapeOptions());
  ~ShapeInference();

  /// Of a value of the block, or of a function that is called in one place. Unknown for others.
  const ShapeInfo &of(mlir::Value value) const;
  /// What a TensorArray node's array holds, as far as all that is written says; null for one that
  /// was not reached.
  const ListInfo *array(mlir::Operation *node) const;
  /// Blocks that `of` knows: the graph's and those of functions that are called in one place.
  llvm::SmallVector<mlir::Block *> blocks() const;

  /// In the order of the nodes, those of called functions included.
  llvm::SmallVector<Conflict> conflicts() const;
  const Origin &origin(uint32_t id) const;
  /// What `dim` was in the graph as it is written; nothing when that is not known.
  std::optional<int64_t> writtenValue(Dim dim) const;

private:
  std::unique_ptr<ShapeState> state;
  std::unique_ptr<BlockShapes> top;
  /// Of each block that is called in one place; null for others.
  llvm::DenseMap<mlir::Block *, BlockShapes *> unique;
};

/// Gives the results of all nodes the types that inference finds. Without `useTypes` the types that
/// they have count for nothing.
void setShapes(mlir::ModuleOp module, bool useTypes);

/// The type that says as much as a type can: unknown dimensions and ranks are dynamic.
mlir::Type typeOf(const ShapeInfo &info, mlir::Type elementType);

} // namespace firn::graph
