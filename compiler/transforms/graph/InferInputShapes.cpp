#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/shapes/UseShapes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_INFERINPUTSHAPESPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct InferInputShapesPass : impl::InferInputShapesPassBase<InferInputShapesPass> {
  using InferInputShapesPassBase::InferInputShapesPassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>()) {
      // A shape that was found tells more about the others.
      while (findShapes(graph))
        ;
      takeWritten(graph);
    }
  }

private:
  // Placeholders of unknown rank that --input-shape does not speak of.
  SmallVector<Node> openInputs(GraphOp graph, const ShapeInference &shapes) const {
    SmallVector<Node> open;
    for (Operation &op : graph.getNodes().without_terminator())
      if (Node node(&op); isPlaceholder(node) && !shapes.of(node.output(0)).ranked &&
                          !llvm::is_contained(given, node.name()))
        open.push_back(node);
    return open;
  }

  static bool hasOpenInputs(GraphOp graph) {
    return llvm::any_of(graph.getNodes().without_terminator(), [](Operation &op) {
      Node node(&op);
      return isPlaceholder(node) && !cast<TensorType>(node.output(0).getType()).hasRank();
    });
  }

  bool findShapes(GraphOp graph) {
    if (!hasOpenInputs(graph))
      return false;
    ShapeInference shapes(graph.getNodes(), getOperation());
    UseShapes uses(shapes);
    bool any = false;
    for (Node node : openInputs(graph, shapes))
      if (std::optional<UseShapes::Sizes> sizes = uses.of(node.output(0))) {
        setShape(node, *sizes);
        any = true;
      }
    return any;
  }

  // Where a graph does not say which producer wrote it, `shape {}` may be that of an old one, for
  // which it meant any shape. Nothing being known, it is taken by its word.
  void takeWritten(GraphOp graph) {
    if (!hasOpenInputs(graph) ||
        (graph.getVersionsAttr() && graph.getVersionsAttr().get("producer")))
      return;
    ShapeInference shapes(graph.getNodes(), getOperation());
    for (Node node : openInputs(graph, shapes))
      if (auto shape = node.attr<ShapeAttr>("shape"); shape && !shape.getUnknownRank())
        setShape(node, shape.getDims());
  }

  void setShape(Node node, ArrayRef<int64_t> sizes) {
    Value output = node.output(0);
    output.setType(RankedTensorType::get(sizes, elementTypeOf(output)));
    node.setAttr("shape", ShapeAttr::get(&getContext(), /*unknownRank=*/false, sizes));
  }
};

} // namespace
} // namespace firn::graph
