#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/shapes/ShapeInference.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_INFERSHAPESPASS
#include "compiler/transforms/graph/Passes.h.inc"

void setShapes(ModuleOp module, bool useTypes) {
  ShapeOptions options;
  options.useTypes = useTypes;
  for (GraphOp graph : module.getOps<GraphOp>()) {
    ShapeInference shapes(graph.getNodes(), module, options);
    for (Block *block : shapes.blocks())
      for (Operation &op : block->without_terminator())
        for (Value output : Node(&op).outputs())
          output.setType(typeOf(shapes.of(output), elementTypeOf(output)));
  }
}

namespace {

struct InferShapesPass : impl::InferShapesPassBase<InferShapesPass> {
  void runOnOperation() override { setShapes(getOperation(), /*useTypes=*/true); }
};

} // namespace
} // namespace firn::graph
