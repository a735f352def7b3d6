#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "compiler/transforms/graph/mode/TrainingParts.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_BINDMODEPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// A placeholder that may be a flag: a scalar, or of unknown rank.
bool mayBeFlag(Node node) {
  if (!isPlaceholder(node))
    return false;
  auto type = cast<ShapedType>(node.output(0).getType());
  auto shape = node.attr<ShapeAttr>("shape");
  // Shapes that old producers wrote as `{}` are unknown: one element is as good a guess.
  bool scalar = !type.hasRank() || type.getRank() == 0 ||
                (shape && !shape.getUnknownRank() && shape.getDims().empty());
  Type element = type.getElementType();
  return scalar && (isa<FloatType>(element) || element.isSignlessInteger());
}

// The values that a flag takes: a keep probability of 1 and a rate of 0 turn dropout off.
SmallVector<double> valuesOf(Node) { return {0, 1}; }

std::string valueText(Node flag, double value) {
  if (flag.elementType(0).isInteger(1))
    return value ? "true" : "false";
  return std::to_string(static_cast<int>(value));
}

bool isSubset(const NodeSet &a, const NodeSet &b) {
  return a.size() <= b.size() && llvm::all_of(a, [&](Operation *op) { return b.contains(op); });
}

// A part of training that only one of the values leaves, for messages.
std::string exampleOf(const NodeSet &parts, const NodeSet &others) {
  std::string first;
  for (Operation *op : parts)
    if (!others.contains(op)) {
      std::string text = ("'" + Node(op).name() + "' (" + Node(op).type() + ")").str();
      if (first.empty() || text < first)
        first = text;
    }
  return first;
}

struct BindModePass : impl::BindModePassBase<BindModePass> {
  using BindModePassBase::BindModePassBase;

  void runOnOperation() override {
    masks = collectMasks(getOperation());
    keptRandom = NameGlobs(SmallVector<std::string>(keepRandom.begin(), keepRandom.end()));
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      if (failed(bindAll(graph)))
        return signalPassFailure();
    recordChanges(getOperation(), changes);
  }

  NodeSet partsUnder(Node flag, double value) {
    ScalarValues::Assignment values = bound;
    values[flag.output(0)] = value;
    NodeSet parts = NeededUnder(getOperation(), masks, stops, std::move(values)).trainingParts();
    if (!keptRandom.empty())
      for (Operation *op : SmallVector<Operation *>(parts.begin(), parts.end()))
        if (keptRandom.match(Node(op)))
          parts.erase(op);
    return parts;
  }

  // Each round binds the flag that settles most; what it settles no other flag has to.
  LogicalResult bindAll(GraphOp graph) {
    collectStops(graph);
    for (;;) {
      SmallVector<Node> flags = openFlags(graph);
      std::optional<Choice> best;
      SmallVector<Conflict> conflicts;
      for (Node flag : flags)
        weigh(flag, best, conflicts);
      if (!best && !conflicts.empty())
        return reportConflicts(conflicts);
      if (!best)
        break;
      bound[best->flag.output(0)] = best->value;
    }
    return bindChosen(graph);
  }

  void collectStops(GraphOp graph) {
    NodeIndex index(graph.getNodes());
    for (const std::string &name : inputs) {
      std::string why;
      if (Value value = resolveTensorName(index, name, why))
        stops.insert(value);
    }
  }

  SmallVector<Node> openFlags(GraphOp graph) {
    SmallVector<Node> flags;
    NeededUnder needed(getOperation(), masks, stops, bound);
    for (Operation &op : graph.getNodes().without_terminator())
      if (Node node(&op); mayBeFlag(node) && needed.nodes().contains(&op) &&
                          !stops.contains(node.output(0)) && !bound.count(node.output(0)))
        flags.push_back(node);
    return flags;
  }

  struct Choice {
    Node flag;
    double value;
    size_t gain;
  };
  struct Conflict {
    Node flag;
    std::string left[2];
  };

  void weigh(Node flag, std::optional<Choice> &best, SmallVectorImpl<Conflict> &conflicts) {
    SmallVector<NodeSet> parts;
    for (double value : valuesOf(flag))
      parts.push_back(partsUnder(flag, value));
    bool less = isSubset(parts[0], parts[1]), more = isSubset(parts[1], parts[0]);
    if (less && more)
      return;
    if (!less && !more) {
      conflicts.push_back({flag, {exampleOf(parts[0], parts[1]), exampleOf(parts[1], parts[0])}});
      return;
    }
    size_t gain = parts[less].size() - parts[more].size();
    if (!best || gain > best->gain)
      best = Choice{flag, more ? 1.0 : 0.0, gain};
  }

  LogicalResult reportConflicts(ArrayRef<Conflict> conflicts) {
    InFlightDiagnostic error =
        emitError(conflicts.front().flag.operation()->getLoc())
        << "expected flags whose uses agree on what inference is; --bind decides";
    for (const Conflict &conflict : conflicts)
      for (int value : {0, 1})
        error.attachNote() << "--bind " << conflict.flag.name() << "="
                           << valueText(conflict.flag, value) << " leaves " << conflict.left[value]
                           << " in the graph";
    return error;
  }

  LogicalResult bindChosen(GraphOp graph) {
    for (Operation &op : llvm::make_early_inc_range(graph.getNodes().without_terminator())) {
      Node node(&op);
      auto chosen = isPlaceholder(node) ? bound.find(node.output(0)) : bound.end();
      if (chosen == bound.end())
        continue;
      std::string text = valueText(node, chosen->second), why, name = node.name().str();
      TensorAttr value = parseTensorLiteral(text, node.elementType(0), why);
      if (!value || !bindPlaceholder(node, value, why))
        return emitError(graph.getLoc()) << "can't bind '" << name << "': " << why;
      changes.push_back({"bound", name, text});
    }
    return success();
  }

  NeededUnder::Masks masks;
  NameGlobs keptRandom;
  llvm::DenseSet<Value> stops;
  ScalarValues::Assignment bound;
  std::vector<Change> changes;
};

} // namespace
} // namespace firn::graph
