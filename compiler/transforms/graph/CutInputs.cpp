#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/TrainingParts.h"
#include "compiler/transforms/graph/shapes/ShapeInference.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/OpTable.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_CUTINPUTSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// The shape that is known of a tensor, as a placeholder's attribute.
ShapeAttr shapeOf(Value value) {
  auto type = cast<TensorType>(value.getType());
  return ShapeAttr::get(value.getContext(), !type.hasRank(),
                        type.hasRank() ? type.getShape() : ArrayRef<int64_t>());
}

NodeState placeholderState(Value value) {
  Builder builder(value.getContext());
  Type element = valueType(elementTypeOf(value));
  NodeState state("Placeholder");
  state.outputs = {withElementType(value.getType(), element)};
  state.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(element)),
                 builder.getNamedAttr("shape", shapeOf(value))};
  return state;
}

struct CutInputsPass : impl::CutInputsPassBase<CutInputsPass> {
  using CutInputsPassBase::CutInputsPassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      dropLiveDefaults(graph);
    if (inputs.empty() && queues)
      for (GraphOp graph : getOperation().getOps<GraphOp>())
        cutQueues(graph);
    if (inputs.empty())
      return;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      if (failed(cut(graph)) || failed(settleOthers(graph)))
        return signalPassFailure();
  }

  // A default that comes from a queue, an iterator or a random op was there for training: the
  // placeholder is fed now.
  void dropLiveDefaults(GraphOp graph) {
    for (Operation &op : llvm::make_early_inc_range(graph.getNodes().without_terminator())) {
      Node node(&op);
      if (!node.is("PlaceholderWithDefault") || node.numInputs() != 1)
        continue;
      bool live = llvm::any_of(nodesBehind(node.input(0)), [](Operation *behind) {
        const OpSignature *signature = lookupOp(Node(behind).type());
        return signature &&
               (signature->effect == OpEffect::Random || signature->effect == OpEffect::Other);
      });
      if (live)
        replaceNode(node, placeholderState(node.output(0)));
    }
  }

  // What a queue or an iterator yields is what inference is fed with, one placeholder per
  // component.
  void cutQueues(GraphOp graph) {
    NodeIndex index(graph.getNodes());
    SmallVector<Value> values;
    NodeSet needed = nodesBehind(graph.getFetch()->getOperands());
    for (Operation &op : graph.getNodes().without_terminator())
      if (Node node(&op); needed.contains(&op) && yieldsTrainingData(node))
        for (Value output : llvm::reverse(node.outputs()))
          if (llvm::any_of(output.getUsers(), [&](Operation *user) {
                return needed.contains(user) || isa<FetchOp>(user);
              }))
            values.push_back(output);
    for (Value value : values) {
      setComponentShape(value);
      cutAt(graph, index, value);
    }
  }

  // The shape that the node, or the queue that it takes from, declares.
  static void setComponentShape(Value value) {
    Node node = Node::of(value);
    unsigned component = cast<OpResult>(value).getResultNumber();
    auto shapes = node.attr<ArrayAttr>("output_shapes");
    bool many = node.type().contains("Many") || node.type().contains("UpTo");
    if (Node queue = node.numInputs() ? Node::of(node.input(0)) : Node(); !shapes && queue)
      shapes = queue.attr<ArrayAttr>("shapes");
    auto shape =
        shapes && component < shapes.size() ? dyn_cast<ShapeAttr>(shapes[component]) : ShapeAttr();
    if (!shape || shape.getUnknownRank() || cast<TensorType>(value.getType()).hasRank())
      return;
    SmallVector<int64_t> dims(shape.getDims());
    if (many) // as many as are asked for: a batch
      dims.insert(dims.begin(), ShapedType::kDynamic);
    value.setType(RankedTensorType::get(dims, valueType(elementTypeOf(value))));
  }

  // Before anything is cut: what makes a value tells its shape.
  void setInferredShapes(GraphOp graph, ArrayRef<Value> values) {
    auto isOpen = [](Value value) { return !cast<TensorType>(value.getType()).hasRank(); };
    if (!inferShapes || llvm::none_of(values, isOpen))
      return;
    ShapeInference shapes(graph.getNodes(), getOperation());
    for (Value value : values)
      if (isOpen(value))
        value.setType(typeOf(shapes.of(value), elementTypeOf(value)));
  }

  LogicalResult cut(GraphOp graph) {
    NodeIndex index(graph.getNodes());
    std::vector<std::string> unknown;
    SmallVector<Value> values;
    for (const std::string &name : inputs) {
      std::string why;
      Value value = resolveTensorName(index, name, why);
      if (value && isControl(value))
        why = "a control token can't be fed";
      if (!why.empty())
        unknown.push_back("'" + name + "': " + why);
      else
        values.push_back(value);
    }
    if (!unknown.empty()) {
      InFlightDiagnostic error = emitError(graph.getLoc())
                                 << "expected inputs that are in the graph";
      for (const std::string &text : unknown)
        error.attachNote() << text;
      return error;
    }
    setInferredShapes(graph, values);
    // A first output keeps its node's name when no other output is needed any more: it comes last.
    for (bool first : {false, true})
      for (Value value : values)
        if ((cast<OpResult>(value).getResultNumber() == 0) == first)
          cutAt(graph, index, value);
    return success();
  }

  void cutAt(GraphOp graph, NodeIndex &index, Value value) {
    Node node = Node::of(value);
    if (isPlaceholder(node)) {
      listed.insert(node.operation());
      return;
    }
    NodeSet needed = nodesBehind(graph.getFetch()->getOperands());
    auto isNeeded = [&](Value other) {
      return llvm::any_of(other.getUsers(), [&](Operation *user) {
        return needed.contains(user) || isa<FetchOp>(user);
      });
    };
    bool onlyOutput = llvm::none_of(node.outputs(),
                                    [&](Value other) { return other != value && isNeeded(other); });
    OpBuilder builder(node.operation());
    NodeState state = placeholderState(value);
    if (value == node.output(0) && onlyOutput) {
      // The other results stay valid for nodes that are about to be pruned.
      state.outputs.append(node.outputs().getTypes().begin() + 1, node.outputs().getTypes().end());
      Node replacement = replaceNode(node, state);
      keepFirstOutput(graph, replacement);
      return;
    }
    unsigned number = cast<OpResult>(value).getResultNumber();
    state.name = index.unique((node.name() + "_" + Twine(number)).str());
    Node placeholder = createNode(builder, node.operation()->getLoc(), state);
    placeholder.operation()->setAttr(kCutAttr, builder.getStringAttr(edgeText(value)));
    value.replaceAllUsesWith(placeholder.output(0));
    listed.insert(placeholder.operation());
  }

  // Users of the outputs that a placeholder lacks are not needed; they go with them.
  void keepFirstOutput(GraphOp graph, Node node) {
    if (node.numOutputs() > 1) {
      eraseUnreachable(graph.getNodes());
      node = replaceNode(node, placeholderState(node.output(0)));
    }
    listed.insert(node.operation());
  }

  // What is not listed is no input: defaults are taken, placeholders that are still needed are an
  // error.
  LogicalResult settleOthers(GraphOp graph) {
    NodeSet needed = nodesBehind(graph.getFetch()->getOperands());
    SmallVector<Node> defaults, missing;
    for (Operation &op : graph.getNodes().without_terminator()) {
      Node node(&op);
      if (!isPlaceholder(node) || !needed.contains(&op) || listed.contains(&op))
        continue;
      (node.is("PlaceholderWithDefault") ? defaults : missing).push_back(node);
    }
    for (Node node : defaults) {
      NodeState state("Identity");
      state.inputs = {node.input(0)};
      llvm::append_range(state.controls, node.controls());
      state.attrs = {{StringAttr::get(&getContext(), "T"), TypeAttr::get(node.elementType(0))}};
      replaceNode(node, state);
    }
    if (missing.empty())
      return success();
    InFlightDiagnostic error = emitError(graph.getLoc())
                               << "expected a value for each placeholder that the outputs need; "
                                  "add it to --inputs or give "
                                  "it a value with --bind";
    for (Node node : missing)
      error.attachNote() << "'" << node.name() << "' (" << dataTypeText(node.elementType(0)) << ")";
    return error;
  }

  NodeSet listed;
};

} // namespace
} // namespace firn::graph
