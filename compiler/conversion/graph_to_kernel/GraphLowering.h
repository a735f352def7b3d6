// The state of one conversion: what each value of the graph became, and what could not be
// converted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"
#include "compiler/conversion/graph_to_kernel/Scope.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/shapes/ShapeInference.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace firn::kernel {

/// A node that has no lowering, and why.
struct Unsupported {
  graph::Node node;
  std::string why;
};

/// Lowers nodes when something needs them. A node stands in the innermost region that it belongs
/// to: what is on a branch becomes code of that branch, what is in a loop code of its body.
class GraphLowering {
public:
  /// `main`: an empty function that the code goes into.
  GraphLowering(mlir::ModuleOp module, graph::GraphOp graph, mlir::func::FuncOp main);

  /// Converts what the fetches need; the nodes that can't be are in `unsupported()` then.
  mlir::LogicalResult run();
  llvm::ArrayRef<Unsupported> unsupported() const { return failures; }

  // For NodeLowering.
  Lowered *find(mlir::Value value);
  void set(mlir::Value value, Lowered lowered) { current->values[value] = std::move(lowered); }
  void unsupported(graph::Node node, const llvm::Twine &why);
  /// The same for a node that no lowering is for.
  void lacksLowering(graph::Node node);
  const graph::ShapeInfo &shapeOf(mlir::Value value) const { return shapes.of(value); }
  const graph::ListInfo *arrayInfo(mlir::Operation *array) const { return shapes.array(array); }
  /// The size that a dimension of shape inference is; null where none was bound.
  Size sizeOf(graph::Dim dim, mlir::ImplicitLocOpBuilder &b);
  void bind(graph::Dim dim, Size size);
  /// One value for equal arithmetic. `make` is called with `b` where both operands are known.
  Size memoized(mlir::ImplicitLocOpBuilder &b, llvm::StringRef op, Size a, Size c,
                const std::function<Size()> &make);

  // For LoopLowering and BranchLowering.
  Scope &scope() { return *current; }
  /// Lowers what `wanted` needs, each node where it stands. False when something could not be.
  bool require(mlir::ValueRange wanted);
  ControlFlow &flowOf(mlir::Block *block);
  /// The body of a function, whose results at `indices` are wanted. Null with a report when there
  /// is none, or when it calls itself.
  graph::FuncOp enterFunction(graph::Node node, mlir::Attribute name,
                              llvm::ArrayRef<unsigned> indices);
  /// Reports a value that some run of the place would not have; `given` holds besides what the
  /// scope says.
  bool expectAlways(graph::Node node, mlir::Value value,
                    llvm::ArrayRef<graph::Condition> given = {});
  /// True for a value that is made in this region, not around it.
  bool isMadeHere(mlir::Value value) const { return value.getParentBlock() == current->block; }
  mlir::ImplicitLocOpBuilder builderAt(graph::Node node);
  /// Calls `work` where `place` is what is known.
  void within(Scope &place, llvm::function_ref<void()> work);
  /// Of the counter of a loop what it stays below.
  void setEnds(mlir::Value counter, llvm::ArrayRef<Size> ends) { counters[counter] = Sizes(ends); }
  /// True for a counter that stays below `length`.
  bool isBelow(Size counter, Size length) const;
  /// True for a size that is another one in each round of a loop.
  bool dependsOnRound(Size size) const;

  /// From `enter` to `leave`, code goes into a new block and is known there only.
  class Inner {
  public:
    explicit Inner(GraphLowering &lowering)
        : scope(lowering.current, &region.emplaceBlock()), lowering(lowering) {
      enter();
    }
    void enter() { lowering.current = &scope; }
    void leave() { lowering.current = scope.parent; }
    mlir::Region region;
    Scope scope;

  private:
    GraphLowering &lowering;
  };

private:
  graph::NodeSet neededNodes();
  void makeArguments();
  void makeArgument(graph::Node node);
  mlir::DictionaryAttr portOf(llvm::StringRef node, unsigned output, int dtype);
  void lower(graph::Node node);
  void lowerHere(graph::Node node);
  void lowerCall(graph::Node node);
  mlir::LogicalResult makeReturn();
  void reportUnknownOps(mlir::ValueRange wanted);
  /// The innermost scope that a node belongs to.
  Scope *homeOf(graph::Node node);
  /// The outermost scope of the region that a size is computed in.
  Scope *homeOf(Size size);
  bool isDone(graph::Node node) const;

  mlir::ModuleOp module;
  graph::GraphOp graphOp;
  mlir::func::FuncOp main;
  mlir::OpBuilder builder;
  graph::ShapeInference shapes;
  Scope root;
  Scope *current = &root;
  llvm::DenseMap<mlir::Block *, std::unique_ptr<ControlFlow>> flows;
  llvm::DenseMap<mlir::Value, Sizes> counters;
  std::vector<Unsupported> failures;
};

/// The lowering of an op type; null when there is none.
LowerNode findLowering(llvm::StringRef op);
/// Why an op stays without one, although the interpreter has it; empty for all others.
llvm::StringRef exceptionOf(llvm::StringRef op);
/// False for an op that has no lowering of any kind.
bool isKnownOp(llvm::StringRef op);

} // namespace firn::kernel
