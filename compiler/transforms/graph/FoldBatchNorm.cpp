#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/channels/LinearNode.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// What follows a node one by one, each the only user of the one before; none of it is kept.
struct Chain {
  struct Link {
    Node node;
    unsigned operand; // that takes what comes before
  };
  SmallVector<Link> links; // those that are part of the map; others stay where they are
  ChannelMap map;
  ChannelAxis axis; // of the last link's output
};

bool isUsedBeyondFirstOutput(Node node) {
  return llvm::any_of(node.outputs().drop_front(), [](Value v) { return !v.use_empty(); });
}

Chain chainBehind(const LinearNode &linear, const NameGlobs &kept) {
  Chain chain{{}, ChannelMap(linear.axis.channels), linear.axis};
  ChannelAxis axis = linear.axis;
  Value value = Node(linear.node).output(0);
  while (value.hasOneUse() && Node::isNode(*value.user_begin())) {
    Node next(*value.user_begin());
    if (kept.match(next))
      break;
    unsigned operand = value.use_begin()->getOperandNumber();
    if (std::optional<ChannelMap> map = channelMapOf(next, operand, axis)) {
      if (isUsedBeyondFirstOutput(next))
        break;
      chain.map.then(*map);
      chain.links.push_back({next, operand});
      chain.axis = axis;
    } else {
      std::optional<ChannelAxis> behind = operand == 0 ? channelsBehind(next, axis) : std::nullopt;
      if (!behind)
        break;
      axis = *behind;
    }
    value = next.output(0);
  }
  return chain;
}

/// Folds one block.
class BatchNormFolder {
public:
  BatchNormFolder(Block &block, const NameGlobs &kept) : block(block), kept(kept), names(block) {}

  std::vector<Change> run() {
    // Chains are of other nodes: none of these goes away.
    SmallVector<Node> linears;
    for (Operation &op : block.without_terminator())
      if (linearNode(Node(&op)) && !kept.match(Node(&op)))
        linears.push_back(Node(&op));
    for (Node node : linears)
      foldInto(*linearNode(node));
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
      if (Node node(&op); isInferenceBatchNorm(node) && !isUsedBeyondFirstOutput(node))
        expand(node);
    eraseUnreachable(block);
    return std::move(changes);
  }

private:
  void foldInto(const LinearNode &linear) {
    Chain chain = chainBehind(linear, kept);
    if (!chain.map.scales || !chain.map.isFinite())
      return;
    std::optional<reference::Tensor> scaled = scaledWeights(linear, chain.map.scale);
    if (!scaled)
      return;
    Node node = linear.node;
    Value weights = node.input(linear.weights);
    SmallVector<Value> sources = chain.map.sources;
    sources.push_back(weights);
    std::string name = names.unique((constantNode(weights).name() + "/folded").str());
    node.operation()->setOperand(linear.weights, makeConstant(node, name, *scaled, sources));
    for (Chain::Link link : chain.links)
      changes.push_back(
          {"folded", link.node.name().str(), "into the weights of '" + node.name().str() + "'"});
    for (Chain::Link link : ArrayRef(chain.links).drop_back())
      takeOut(link, chain.links.back().node);
    finish(chain, scaled->dtype());
  }

  // What waited for the link waits for what it stood behind; `heir` waits for what it waited for.
  void takeOut(Chain::Link link, Node heir) {
    for (Value control : SmallVector<Value>(link.node.controls()))
      addControl(heir, control);
    Value before = link.node.input(link.operand);
    SmallVector<Value> values(link.node.numOutputs());
    values[0] = before;
    forwardNode(link.node, values, Node::of(before).control());
  }

  // The last link adds what is left of all.
  void finish(const Chain &chain, int dtype) {
    Chain::Link last = chain.links.back();
    bool keepsName = isFetched(last.node) && last.node.numOutputs() > 1;
    if (!chain.map.hasOffset() && !keepsName)
      return takeOut(last, Node::of(last.node.input(last.operand)));
    bool biasAdd = chain.axis.isLast() || chain.axis.rank == 4;
    SmallVector<int64_t> shape{chain.axis.channels};
    if (!biasAdd)
      shape = chain.axis.constantShape();
    Value bias = makeConstant(last.node, names.unique((last.node.name() + "/bias").str()),
                              tensorOfNumbers(dtype, shape, chain.map.offset), chain.map.sources);
    Builder builder(bias.getContext());
    NodeState state = binary(biasAdd ? "BiasAdd" : "Add", last, bias);
    if (biasAdd)
      state.attrs.push_back(builder.getNamedAttr(
          "data_format", builder.getStringAttr(chain.axis.isLast() ? "NHWC" : "NCHW")));
    replaceNode(last.node, state);
  }

  NodeState binary(StringRef type, Chain::Link link, Value constant) {
    Value x = link.node.input(link.operand);
    NodeState state(type);
    state.inputs = {x, constant};
    llvm::append_range(state.controls, link.node.controls());
    state.outputs = {link.node.output(0).getType()};
    Builder builder(x.getContext());
    state.attrs = {builder.getNamedAttr("T", TypeAttr::get(elementTypeOf(x)))};
    return state;
  }

  // A batch norm that nothing takes in: x * scale + offset.
  void expand(Node node) {
    std::optional<ChannelAxis> axis = batchNormAxis(node);
    std::optional<ChannelMap> map = axis ? channelMapOf(node, 0, *axis) : std::nullopt;
    int dtype = numberFromType(elementTypeOf(node.input(0)));
    // Of narrow types batch norms keep their constants, and compute, in float.
    if (!map || !map->isFinite() || (dtype != DT_FLOAT && dtype != DT_DOUBLE))
      return;
    std::string name = node.name().str();
    SmallVector<int64_t> shape = axis->constantShape();
    auto constant = [&](StringRef suffix, ArrayRef<double> numbers) {
      return makeConstant(node, names.unique(name + suffix.str()),
                          tensorOfNumbers(dtype, shape, numbers), map->sources);
    };
    Value scale = constant("/scale", map->scale), offset = constant("/offset", map->offset);
    NodeState mul = binary("Mul", {node, 0}, scale);
    mul.name = names.unique(name + "/mul");
    mul.device = node.operation()->getAttrOfType<StringAttr>(kDeviceAttr);
    OpBuilder builder(node.operation());
    Node product = createNode(builder, node.operation()->getLoc(), mul);
    NodeState add = binary("Add", {node, 0}, offset);
    add.inputs[0] = product.output(0);
    replaceNode(node, add);
    changes.push_back({"rewritten", name, "a batch norm, as a product and a sum of constants"});
  }

  Block &block;
  const NameGlobs &kept;
  NodeIndex names;
  std::vector<Change> changes;
};

struct FoldBatchNormPass : impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  using FoldBatchNormPassBase::FoldBatchNormPassBase;

  void runOnOperation() override {
    SmallVector<Block *> blocks;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      blocks.push_back(&graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      blocks.push_back(&function.getNodes());
    NameGlobs kept(SmallVector<std::string>(keep.begin(), keep.end()));
    for (Block *block : blocks)
      recordChanges(getOperation(), BatchNormFolder(*block, kept).run());
  }
};

} // namespace
} // namespace firn::graph
