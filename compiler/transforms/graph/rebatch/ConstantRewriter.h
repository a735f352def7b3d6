// Constants that were written for the old size of an input, written anew.
#pragma once

#include "compiler/transforms/graph/Frames.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "compiler/transforms/graph/rebatch/InputDims.h"
#include "compiler/transforms/graph/rebatch/Rows.h"

namespace firn::graph {

/// What inference found: numbers, and what they are instead.
using Rewrites = std::map<Origin, Dim>;

/// Where the size of a tracked dimension is read when the graph runs: dimension `axis` of a tensor,
/// or the length of a list.
struct DimSource {
  mlir::Value tensor;
  std::optional<unsigned> axis;
  uint32_t symbol = 0;
};

/// Writes the constants of one inference. Sizes that become any are read from a tensor that has
/// them, in the frame and the function where they are needed.
class ConstantRewriter {
public:
  ConstantRewriter(const InputDims &dims, const ShapeInference &shapes)
      : dims(dims), shapes(shapes) {}

  /// Rewrites all. False when one can't be; `failures` then says which and why, and those that can
  /// be are rewritten nevertheless.
  bool rewrite(const Rewrites &rewrites);

  std::vector<std::string> failures;
  std::vector<Change> changes;

private:
  using Numbers = std::map<unsigned, Dim>;

  void rewriteAttribute(Node node, unsigned index, Dim dim);
  void rewriteElements(mlir::OpOperand &use, const Numbers &elements);
  void rewriteDimensions(mlir::OpOperand &use, const Numbers &sizes);
  void replace(mlir::OpOperand &use, TensorAttr value);

  // Values computed for a use of a constant; null, and a failure noted, where that can't be done.
  mlir::Value makeElements(mlir::OpOperand &use, TensorAttr old, const Numbers &elements);
  mlir::Value makeRows(mlir::OpOperand &use, reference::Tensor tensor, const Numbers &sizes);
  mlir::Value countUp(mlir::OpOperand &use, CountingRows rows, const reference::Tensor &tensor,
                      Dim dim);
  /// Repeats `rows` along the dimensions of `sizes`.
  mlir::Value tile(mlir::OpOperand &use, mlir::Value rows, size_t rank, const Numbers &sizes);
  mlir::Value reshapeTo(mlir::OpOperand &use, mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value arithmetic(mlir::OpOperand &use, llvm::StringRef op, mlir::Value a, mlir::Value b);
  /// A scalar of `type`, the size of `dim`.
  mlir::Value sizeAt(mlir::OpOperand &use, Dim dim, mlir::Type type);
  mlir::Value readSize(mlir::OpOperand &use, DimSource source, mlir::Type type);

  std::optional<DimSource> findSource(mlir::OpOperand &use, uint32_t symbol);
  mlir::Value enterFrame(mlir::Value value, llvm::StringRef frame, const Frames &frames);
  Node constantAt(mlir::OpOperand &use, llvm::StringRef name, TensorAttr value);
  Node nodeAt(mlir::OpOperand &use, NodeState state);
  NodeIndex &names(mlir::Block *block);
  void fail(mlir::OpOperand &use, const llvm::Twine &why);
  void report(mlir::OpOperand &use, const llvm::Twine &text);

  const InputDims &dims;
  const ShapeInference &shapes;
  std::map<mlir::Block *, NodeIndex> indexes;
};

} // namespace firn::graph
