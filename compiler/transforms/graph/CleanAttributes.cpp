#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_CLEANATTRIBUTESPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct CleanAttributesPass : impl::CleanAttributesPassBase<CleanAttributesPass> {
  using CleanAttributesPassBase::CleanAttributesPassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      clean(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      clean(function.getNodes());
  }

  void clean(Block &block) {
    NodeIndex index(block);
    for (Operation &op : block.without_terminator()) {
      Node node(&op);
      op.removeAttr(kOutputShapesAttr);
      op.removeAttr("_gradient_op_type");
      if (!keepDevices)
        op.removeAttr(kDeviceAttr);
      if (auto locations = node.attr<ArrayAttr>(kClassAttr))
        keepKnown(node, locations, index);
    }
  }

  // Keeps the entries that are no colocation, or one with a node that is there.
  void keepKnown(Node node, ArrayAttr locations, const NodeIndex &index) {
    SmallVector<Attribute> kept;
    for (Attribute location : locations) {
      auto text = dyn_cast<StringAttr>(location);
      StringRef target = text ? text.getValue() : StringRef();
      if (!target.consume_front("loc:@") || index.find(target))
        kept.push_back(location);
    }
    if (kept.empty())
      node.removeAttr(kClassAttr);
    else
      node.setAttr(kClassAttr, ArrayAttr::get(&getContext(), kept));
  }
};

} // namespace
} // namespace firn::graph
