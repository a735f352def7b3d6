// The state of one conversion: what each value of the graph became, and what could not be
// converted.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"
#include "compiler/transforms/graph/shapes/ShapeInference.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace firn::kernel {

/// A node that has no lowering, and why.
struct Unsupported {
  graph::Node node;
  std::string why;
};

class GraphLowering {
public:
  /// `main`: an empty function that the code goes into.
  GraphLowering(mlir::ModuleOp module, graph::GraphOp graph, mlir::func::FuncOp main);

  /// Converts what the fetches need; the nodes that can't be are in `unsupported()` then.
  mlir::LogicalResult run();
  llvm::ArrayRef<Unsupported> unsupported() const { return failures; }

  // For NodeLowering.
  Lowered *find(mlir::Value value);
  void set(mlir::Value value, Lowered lowered) { values[value] = std::move(lowered); }
  void unsupported(graph::Node node, const llvm::Twine &why) {
    failures.push_back({node, why.str()});
  }
  const graph::ShapeInfo &shapeOf(mlir::Value value) const { return shapes.of(value); }
  /// The size that a dimension of shape inference is; null where none was bound.
  Size sizeOf(graph::Dim dim, mlir::ImplicitLocOpBuilder &b);
  void bind(graph::Dim dim, Size size);
  /// One value for equal arithmetic.
  Size memoized(llvm::StringRef op, Size a, Size c, const std::function<Size()> &make);

private:
  std::vector<graph::Node> orderedNodes();
  mlir::LogicalResult makeArguments(llvm::ArrayRef<graph::Node> order);
  void makeArgument(graph::Node node);
  mlir::DictionaryAttr portOf(llvm::StringRef node, unsigned output, int dtype);
  void lower(graph::Node node);
  mlir::LogicalResult makeReturn();

  mlir::ModuleOp module;
  graph::GraphOp graphOp;
  mlir::func::FuncOp main;
  mlir::OpBuilder builder;
  graph::ShapeInference shapes;
  llvm::DenseMap<mlir::Value, Lowered> values;
  std::vector<std::pair<graph::Dim, Size>> symbols;
  std::map<std::tuple<std::string, void *, void *>, Size> memo;
  std::vector<Unsupported> failures;
};

/// The lowering of an op type; null when there is none.
LowerNode findLowering(llvm::StringRef op);

} // namespace firn::kernel
