#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/mode/Averages.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_STOREDSTATISTICSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

/// A batch norm that uses statistics of the batch. `mean` and `variance` are what is averaged from.
struct Layer {
  Node node; // the FusedBatchNorm, or the reduction that yields the mean
  Value mean, variance;
  bool fused = false;
};

/// Turns the layers of one block to stored statistics.
class StatisticsRewriter {
public:
  StatisticsRewriter(Block &block, const NameGlobs &kept, bool bestEffort,
                     std::vector<Change> &changes)
      : block(block), kept(kept), bestEffort(bestEffort), changes(changes), names(block),
        needed(nodesBehind(block.getTerminator()->getOperands())) {}

  LogicalResult run() {
    SmallVector<Layer> layers = findLayers();
    SmallVector<std::pair<Layer, std::pair<Average, Average>>> found;
    for (const Layer &layer : layers) {
      if (kept.match(layer.node)) {
        changes.push_back({"kept", layer.node.name().str(), "statistics of the batch, as asked"});
        continue;
      }
      std::optional<Average> mean = averageOf(layer, layer.mean, "mean");
      std::optional<Average> variance = averageOf(layer, layer.variance, "variance");
      if (mean && variance)
        found.push_back({layer, {*mean, *variance}});
      else if (mean || variance)
        onlyOne(layer, bool(mean));
      else
        unmatched.push_back(layer.node);
    }
    if (!found.empty())
      for (Node node : unmatched)
        problems.push_back(("'" + node.name() + "' (" + node.type() +
                            "): no moving average of its batch statistics was found")
                               .str());
    if (failed(settleProblems(/*onlySome=*/!found.empty())))
      return failure();
    for (auto &[layer, averages] : found)
      rewrite(layer, averages.first, averages.second);
    for (Node node : found.empty() ? unmatched : SmallVector<Node>())
      emitWarning(node.operation()->getLoc())
          << "'" << node.name() << "' (" << node.type()
          << ") uses statistics of the batch, and no moving average of them was found: they stay";
    return success();
  }

private:
  SmallVector<Layer> findLayers() {
    SmallVector<Layer> layers;
    for (Operation &op : block.without_terminator()) {
      Node node(&op);
      if (!needed.contains(&op))
        continue;
      if (isTrainingBatchNorm(node))
        layers.push_back({node, node.output(1), node.output(2), true});
      else if (reducesBatch(node))
        if (Value variance = varianceAbout(node))
          layers.push_back({node, node.output(0), variance, false});
    }
    return layers;
  }

  // The variance about the mean that `reduction` yields: the mean of squared differences from it,
  // or the mean of squares less its square. Null when there is none that the fetches need.
  Value varianceAbout(Node reduction) {
    SmallVector<Value> worklist{reduction.output(0)};
    for (size_t i = 0; i < worklist.size() && i < kMaxSteps; ++i)
      for (Operation *user : worklist[i].getUsers()) {
        Node node(user);
        if (!needed.contains(user))
          continue;
        if (node.is("SquaredDifference") || isSquareOfDifference(node)) {
          if (Value variance = reductionOf(node))
            return variance;
        } else if (node.is("Sub") && isMeanOfSquares(node.input(0), reduction)) {
          return node.output(0);
        } else if (isForward(node) || node.isOneOf("Mul", "Add", "AddV2", "Sub", "Square")) {
          // tf.nn.moments of old releases shifts its data first.
          worklist.push_back(node.output(0));
        }
      }
    return {};
  }
  static constexpr size_t kMaxSteps = 32;

  // What is squared, of a Square or of a product of a value with itself; null for other nodes.
  static Value squared(Node node) {
    bool isProduct = node && node.is("Mul") && node.input(0) == node.input(1);
    return isProduct || (node && node.is("Square")) ? node.input(0) : Value();
  }

  static bool isSquareOfDifference(Node node) {
    Value value = squared(node);
    Node difference = value ? Node::of(value) : Node();
    return difference && difference.is("Sub");
  }

  Value reductionOf(Node squares) {
    for (Operation *next : squares.output(0).getUsers())
      if (needed.contains(next) && reducesBatch(Node(next)))
        return Node(next).output(0);
    return {};
  }

  static bool isMeanOfSquares(Value value, Node mean) {
    Node node = Node::of(value);
    Value of = node && reducesBatch(node) ? squared(Node::of(node.input(0))) : Value();
    return of && of == mean.input(0);
  }

  std::optional<Average> averageOf(const Layer &layer, Value source, StringRef what) {
    SmallVector<Average> averages = averagesOf(source);
    std::optional<Average> only;
    for (const Average &average : averages) {
      if (only && only->variable != average.variable) {
        problems.push_back(("'" + layer.node.name() + "': its " + what + " is averaged by '" +
                            Node::of(only->variable).name() + "' and by '" +
                            Node::of(average.variable).name() + "'")
                               .str());
        return std::nullopt;
      }
      only = average;
    }
    return only;
  }

  void onlyOne(const Layer &layer, bool mean) {
    problems.push_back(("'" + layer.node.name() + "': a moving average of its " +
                        (mean ? "mean" : "variance") + " was found, none of its " +
                        (mean ? "variance" : "mean"))
                           .str());
  }

  LogicalResult settleProblems(bool onlySome) {
    if (problems.empty())
      return success();
    if (bestEffort) {
      for (const std::string &problem : problems)
        emitWarning(block.getParentOp()->getLoc())
            << problem << "; it keeps the statistics of the batch";
      return success();
    }
    InFlightDiagnostic error =
        emitError(block.getParentOp()->getLoc())
        << "expected batch norms whose moving averages can be told"
        << (onlySome ? ", of all or of none" : "")
        << "; --keep-batch-statistics NAME leaves a layer as it is, --best-effort all of these";
    for (const std::string &problem : problems)
      error.attachNote() << problem;
    return error;
  }

  void rewrite(const Layer &layer, const Average &mean, const Average &variance) {
    std::string name = layer.node.name().str();
    if (layer.fused) {
      rewriteFused(layer.node, mean, variance);
    } else {
      replaceStatistic(mean);
      replaceStatistic(variance);
    }
    changes.push_back({"rewritten", name,
                       ("batch statistics became '" + Node::of(mean.variable).name() + "' and '" +
                        Node::of(variance.variable).name() + "'")
                           .str()});
  }

  void rewriteFused(Node node, const Average &mean, const Average &variance) {
    NodeState state;
    std::string type = node.type().str();
    state.type = type;
    state.inputs.append({node.input(0), node.input(1), node.input(2), readOf(mean.variable, node),
                         readOf(variance.variable, node)});
    llvm::append_range(state.controls, node.controls());
    for (NamedAttribute attr : node.operation()->getAttrs())
      if (StringRef name = toNodeAttr(attr.getName());
          !name.empty() && name != "is_training" && name != "exponential_avg_factor")
        state.attrs.emplace_back(StringAttr::get(node.operation()->getContext(), name),
                                 attr.getValue());
    Builder builder(node.operation()->getContext());
    state.attrs.push_back(builder.getNamedAttr("is_training", builder.getBoolAttr(false)));
    replaceNode(node, state);
  }

  // A read of the variable, before `user`.
  Value readOf(Value variable, Node user) {
    if (Value value = reads.lookup(variable))
      return value;
    OpBuilder builder(user.operation());
    Type element = valueType(elementTypeOf(variable));
    bool handle = isResource(element);
    if (handle)
      element = variableElementType(Node::of(variable));
    NodeState state(handle ? "ReadVariableOp" : "Identity");
    state.name = names.unique((Node::of(variable).name() + "/stored").str());
    state.inputs = {variable};
    ShapeAttr shape = variableShape(Node::of(variable));
    if (shape && !shape.getUnknownRank())
      state.outputs = {RankedTensorType::get(shape.getDims(), element)};
    else
      state.outputs = {UnrankedTensorType::get(element)};
    state.attrs = {builder.getNamedAttr(handle ? "dtype" : "T", TypeAttr::get(element))};
    return reads[variable] = createNode(builder, user.operation()->getLoc(), state).output(0);
  }

  // The value from which the statistic differs by its shape only becomes the variable.
  void replaceStatistic(const Average &average) {
    Node node = Node::of(average.statistic);
    while (isForward(node) && Node::of(node.input(0)))
      node = Node::of(node.input(0));
    if (!needed.contains(node.operation()))
      return;
    Value value = readOf(average.variable, node);
    OpBuilder builder(node.operation());
    Type element = node.elementType(0), stored = elementTypeOf(value);
    if (element != stored)
      value = cast(builder, node, value, element);
    NodeState state;
    Node reduction = node.is("Sub") ? Node::of(node.input(0)) : node;
    auto keepDims = reduction.attr<BoolAttr>("keep_dims");
    Value shape = keepDims && keepDims.getValue() ? keptShape(builder, reduction) : Value();
    state.type = shape ? "Reshape" : "Identity";
    state.inputs = {value};
    state.attrs = {builder.getNamedAttr("T", TypeAttr::get(element))};
    if (shape) {
      state.inputs.push_back(shape);
      state.attrs.push_back(builder.getNamedAttr("Tshape", TypeAttr::get(builder.getI32Type())));
    }
    replaceNode(node, state);
  }

  Value cast(OpBuilder &builder, Node node, Value value, Type element) {
    NodeState state("Cast");
    state.name = names.unique((node.name() + "/stored").str());
    state.inputs = {value};
    state.outputs = {withElementType(value.getType(), element)};
    state.attrs = {builder.getNamedAttr("SrcT", TypeAttr::get(elementTypeOf(value))),
                   builder.getNamedAttr("DstT", TypeAttr::get(element))};
    return createNode(builder, node.operation()->getLoc(), state).output(0);
  }

  // [1, 1, 1, -1] for a reduction over dimensions 0 to 2 of four that keeps them.
  Value keptShape(OpBuilder &builder, Node reduction) {
    TensorAttr axes = Node::of(reduction.input(1)).constantValue();
    SmallVector<int64_t> list = *integerElements(axes);
    SmallVector<int64_t> shape(list.size() + 1, 1);
    for (size_t i = 0; i < shape.size(); ++i)
      if (!llvm::is_contained(list, static_cast<int64_t>(i)) &&
          !llvm::is_contained(list, static_cast<int64_t>(i) - static_cast<int64_t>(shape.size())))
        shape[i] = -1;
    Type type = builder.getI32Type();
    NodeState state("Const");
    state.name = names.unique((reduction.name() + "/shape").str());
    int64_t rank = shape.size();
    state.outputs = {RankedTensorType::get({rank}, type)};
    state.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(type)),
                   builder.getNamedAttr("value", makeIntegerTensor(type, {rank}, shape))};
    return createNode(builder, reduction.operation()->getLoc(), state).output(0);
  }

  Block &block;
  const NameGlobs &kept;
  bool bestEffort;
  std::vector<Change> &changes;
  NodeIndex names;
  NodeSet needed;
  llvm::DenseMap<Value, Value> reads;
  SmallVector<Node> unmatched;
  SmallVector<std::string> problems;
};

struct StoredStatisticsPass : impl::StoredStatisticsPassBase<StoredStatisticsPass> {
  using StoredStatisticsPassBase::StoredStatisticsPassBase;

  void runOnOperation() override {
    NameGlobs kept(SmallVector<std::string>(keep.begin(), keep.end()));
    std::vector<Change> changes;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      if (failed(StatisticsRewriter(graph.getNodes(), kept, bestEffort, changes).run()))
        return signalPassFailure();
    recordChanges(getOperation(), changes);
  }
};

} // namespace
} // namespace firn::graph
