#include "compiler/transforms/graph/Branches.h"
#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/shapes/ShapeInference.h"
#include "dialects/graph/OpTable.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_FOLDSHAPESPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

bool isPure(Node node) {
  StringRef type = node.type();
  const OpSignature *op = lookupOp({type.data(), type.size()});
  return op && op->effect == OpEffect::Pure && !op->stateful && !type.starts_with("Placeholder");
}

// The integers of a tensor that is known whatever is fed.
std::optional<SmallVector<int64_t>> knownElements(const ShapeInfo &info) {
  if (!info.hasElements || !info.ranked ||
      !llvm::all_of(info.dims, [](Dim dim) { return dim.isConstant(); }))
    return std::nullopt;
  SmallVector<int64_t> values;
  for (Dim element : info.elements) {
    if (!element.isConstant())
      return std::nullopt;
    values.push_back(element.coefficient());
  }
  return values;
}

TensorAttr tensorOf(const ShapeInfo &info, Type elementType, ArrayRef<int64_t> values) {
  SmallVector<int64_t> shape;
  for (Dim dim : info.dims)
    shape.push_back(dim.coefficient());
  return makeIntegerTensor(elementType, shape, values);
}

class ShapeFolder {
public:
  ShapeFolder(Block &block, const ShapeInference &shapes)
      : block(block), shapes(shapes), names(block), conditional(conditionalNodes(block)) {}

  void run() {
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      Node node(&op);
      // A constant runs once, whatever branch is taken.
      if (conditional.contains(&op) || node.is("Const") || !isPure(node))
        continue;
      foldOutputs(node);
      if (node.is("Reshape"))
        leaveOneOpen(node);
    }
    eraseUnreachable(block);
  }

private:
  void foldOutputs(Node node) {
    for (Value output : node.outputs()) {
      Type type = elementTypeOf(output);
      std::optional<SmallVector<int64_t>> values = knownElements(shapes.of(output));
      if (!values || output.use_empty() || !(type.isInteger(32) || type.isInteger(64)))
        continue;
      TensorAttr tensor = tensorOf(shapes.of(output), type, *values);
      if (node.numOutputs() == 1) {
        Node constant = createConstant(node, node.name(), tensor);
        return forwardTo(node, constant);
      }
      Node constant = createConstant(node, names.unique(node.name()), tensor);
      output.replaceUsesWithIf(constant.output(0),
                               [](OpOperand &use) { return !isa<FetchOp>(use.getOwner()); });
    }
  }

  // A constant of the node's name stands in its place, also where it is fetched.
  void forwardTo(Node node, Node constant) {
    node.output(0).replaceAllUsesWith(constant.output(0));
    node.control().replaceAllUsesWith(constant.control());
  }

  // The one dimension that is not known is -1: what is there already says how many there are.
  void leaveOneOpen(Node reshape) {
    const ShapeInfo &sizes = shapes.of(reshape.input(1));
    Node source = Node::of(reshape.input(1));
    if (!source || source.is("Const") || !sizes.hasElements)
      return;
    SmallVector<int64_t> values;
    unsigned open = 0;
    for (Dim size : sizes.elements) {
      open += !size.isConstant();
      if (size.isConstant() && size.coefficient() < 1)
        return;
      values.push_back(size.constant().value_or(-1));
    }
    if (open != 1)
      return;
    TensorAttr tensor = tensorOf(sizes, elementTypeOf(reshape.input(1)), values);
    reshape.operation()->setOperand(
        1,
        createConstant(reshape, names.unique((reshape.name() + "/shape").str()), tensor).output(0));
  }

  Block &block;
  const ShapeInference &shapes;
  NodeIndex names;
  NodeSet conditional;
};

struct FoldShapesPass : impl::FoldShapesPassBase<FoldShapesPass> {
  void runOnOperation() override {
    // Types may come from hints in the file; what is folded here must hold.
    ShapeOptions options;
    options.useTypes = false;
    for (GraphOp graph : getOperation().getOps<GraphOp>()) {
      ShapeInference shapes(graph.getNodes(), getOperation(), options);
      for (Block *block : shapes.blocks())
        ShapeFolder(*block, shapes).run();
    }
  }
};

} // namespace
} // namespace firn::graph
