#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_SIMPLIFYLAYOUTPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

using Integers = SmallVector<int64_t>;

bool isIota(ArrayRef<int64_t> order) {
  return llvm::all_of(llvm::enumerate(order),
                      [](auto e) { return static_cast<int64_t>(e.index()) == e.value(); });
}

bool isPermutation(ArrayRef<int64_t> order) {
  Integers sorted(order);
  llvm::sort(sorted);
  return isIota(sorted);
}

// The one axis that the node adds or takes away, as it is written; nothing for other nodes.
std::optional<int64_t> onlyAxis(Node node) {
  if (node.is("ExpandDims") && node.numInputs() == 2) {
    std::optional<Integers> axis = constantIntegers(node.input(1));
    return axis && axis->size() == 1 ? std::optional(axis->front()) : std::nullopt;
  }
  if (!node.is("Squeeze"))
    return std::nullopt;
  Integers axes = integerList(node, "squeeze_dims");
  return axes.size() == 1 ? std::optional(axes.front()) : std::nullopt;
}

// The constant shape that `node`, of one that is reshaped to `shape`, yields; nothing where it is
// no Squeeze or ExpandDims of known axes.
std::optional<Integers> shapeBehind(Node node, Integers shape) {
  int64_t rank = shape.size();
  if (node.is("ExpandDims")) {
    std::optional<int64_t> axis = onlyAxis(node);
    if (!axis || *axis < -rank - 1 || *axis > rank)
      return std::nullopt;
    shape.insert(shape.begin() + (*axis < 0 ? *axis + rank + 1 : *axis), 1);
    return shape;
  }
  Integers axes = integerList(node, "squeeze_dims");
  if (!node.is("Squeeze") || axes.empty())
    return std::nullopt;
  for (int64_t &axis : axes) {
    axis += axis < 0 ? rank : 0;
    if (axis < 0 || axis >= rank || shape[axis] != 1)
      return std::nullopt;
  }
  Integers left;
  for (auto [i, size] : llvm::enumerate(shape))
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      left.push_back(size);
  return left;
}

/// Shortens the chains of one block.
class ChainShortener {
public:
  ChainShortener(Block &block, const NameGlobs &kept) : block(block), kept(kept), names(block) {}

  std::vector<Change> run() {
    // A chain may stand in any order in its block: until nothing is left to do.
    bool changed = true;
    while (changed) {
      changed = false;
      for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
        changed |= shorten(Node(&op));
    }
    eraseUnreachable(block);
    return std::move(changes);
  }

private:
  bool shorten(Node node) {
    if (node.numInputs() == 0 || node.numOutputs() != 1 || !node.controls().empty())
      return false;
    Node inner = Node::of(node.input(0));
    // What waits for another node stays behind it.
    if (!inner || inner == node || !inner.controls().empty() || inner.numInputs() == 0 ||
        inner.numOutputs() != 1 || kept.match(node) || kept.match(inner))
      return false;
    if (node.is("Transpose") && inner.is("Transpose"))
      return composeTransposes(node, inner);
    if (node.is("Reshape") && inner.isOneOf("Reshape", "Squeeze", "ExpandDims"))
      return takeInput(node, inner);
    if (node.isOneOf("Squeeze", "ExpandDims"))
      return removeAxes(node, inner);
    return false;
  }

  bool composeTransposes(Node node, Node inner) {
    std::optional<Integers> outer = constantIntegers(node.input(1)),
                            first = constantIntegers(inner.input(1));
    if (!outer || !first || outer->size() != first->size() || !isPermutation(*outer) ||
        !isPermutation(*first))
      return false;
    Integers order;
    for (int64_t axis : *outer)
      order.push_back((*first)[axis]);
    if (isIota(order))
      return remove(node, inner);
    node.operation()->setOperand(1, constant(node, elementTypeOf(node.input(1)), order, "order"));
    return takeInput(node, inner);
  }

  // Squeeze after ExpandDims and the reverse, or either after a Reshape.
  bool removeAxes(Node node, Node inner) {
    std::optional<int64_t> axis = onlyAxis(node);
    if (inner.isOneOf("Squeeze", "ExpandDims"))
      return node.type() != inner.type() && axis && axis == onlyAxis(inner) && remove(node, inner);
    std::optional<Integers> shape =
        inner.is("Reshape") ? constantIntegers(inner.input(1)) : std::nullopt;
    auto type = shape ? dyn_cast<RankedTensorType>(inner.input(1).getType()) : RankedTensorType();
    shape = type && type.getRank() == 1 ? shapeBehind(node, *shape) : std::nullopt;
    if (!shape)
      return false;
    Type index = elementTypeOf(inner.input(1));
    Builder builder(node.operation()->getContext());
    NodeState state("Reshape");
    state.inputs = {inner.input(0), constant(node, index, *shape, "shape")};
    state.attrs = {builder.getNamedAttr("T", TypeAttr::get(elementTypeOf(inner.input(0)))),
                   builder.getNamedAttr("Tshape", TypeAttr::get(index))};
    changes.push_back({"rewritten", node.name().str(),
                       node.type().str() + " of '" + inner.name().str() + "', as one Reshape"});
    replaceNode(node, state);
    return true;
  }

  // The node and the one before undo each other.
  bool remove(Node node, Node inner) {
    changes.push_back({"removed", node.name().str(),
                       node.type().str() + ": it undoes '" + inner.name().str() + "'"});
    Value value = inner.input(0);
    Operation *source = value.getDefiningOp();
    forwardNode(node, {value}, source ? Node(source).control() : Value());
    return true;
  }

  // Nothing that `inner` does is left in what the node yields.
  bool takeInput(Node node, Node inner) {
    changes.push_back({"rewritten", node.name().str(),
                       node.type().str() + " of what '" + inner.name().str() + "' takes"});
    node.operation()->setOperand(0, inner.input(0));
    return true;
  }

  Value constant(Node node, Type type, ArrayRef<int64_t> values, StringRef suffix) {
    reference::Tensor tensor = reference::makeIntegers(
        numberFromType(type), {static_cast<int64_t>(values.size())}, values);
    return makeConstant(node, names.unique((node.name() + "/" + suffix).str()), tensor,
                        sourcesOf(node));
  }

  static SmallVector<Value> sourcesOf(Node node) {
    SmallVector<Value> sources;
    for (Node from : {node, Node::of(node.input(0))})
      for (Value input : from.inputs().drop_front())
        sources.push_back(input);
    return sources;
  }

  Block &block;
  const NameGlobs &kept;
  NodeIndex names;
  std::vector<Change> changes;
};

struct SimplifyLayoutPass : impl::SimplifyLayoutPassBase<SimplifyLayoutPass> {
  using SimplifyLayoutPassBase::SimplifyLayoutPassBase;

  void runOnOperation() override {
    SmallVector<Block *> blocks;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      blocks.push_back(&graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      blocks.push_back(&function.getNodes());
    NameGlobs kept(SmallVector<std::string>(keep.begin(), keep.end()));
    for (Block *block : blocks)
      recordChanges(getOperation(), ChainShortener(*block, kept).run());
  }
};

} // namespace
} // namespace firn::graph
