#include "compiler/transforms/graph/Branches.h"
#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "compiler/transforms/graph/mode/ScalarValues.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/OpTable.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_STRIPTRAININGPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

bool isCheck(Node node) {
  return node.isOneOf("Assert", "Print", "PrintV2", "CheckNumerics", "CheckNumericsV2",
                      "LogMessage", "Abort") ||
         node.type().ends_with("Summary") || node.type().ends_with("SummaryV2");
}

// An op that hands its first input on and is wanted for nothing else.
bool isPassThrough(Node node) {
  return node.numOutputs() == 1 && node.numInputs() >= 1 &&
         node.isOneOf("Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics",
                      "CheckNumericsV2", "Print");
}

// Nodes whose order to others matters when they run.
bool hasLastingEffect(Node node) {
  if (isCheck(node) || node.type().starts_with("TensorArray") ||
      node.type().starts_with("Placeholder") || node.type().contains("HashTable"))
    return false;
  StringRef type = node.type();
  const OpSignature *op = lookupOp({type.data(), type.size()});
  return !op || op->effect == OpEffect::WritesState || op->effect == OpEffect::Other;
}

/// Strips one block.
class Stripper {
public:
  Stripper(Block &block, const NameGlobs &kept, std::vector<Change> &changes)
      : block(block), kept(kept), changes(changes) {}

  void run() {
    collectConditional();
    dropControls();
    eraseUnreachable(block);
    bypassAll();
    eraseUnreachable(block);
  }

private:
  // What runs in a loop, or on one branch only: control edges place nodes there. What is fetched
  // by its control token is fetched for what it waits for.
  void collectConditional() {
    SmallVector<Value> effects;
    for (Operation &op : block.without_terminator()) {
      if (hasLastingEffect(Node(&op))) {
        llvm::append_range(effects, op.getResults());
        ordered.insert(&op);
      }
    }
    conditional = conditionalNodes(block);
    NodeSet after = nodesAfter(effects);
    ordered.insert(after.begin(), after.end());
    for (Value fetched : block.getTerminator()->getOperands())
      if (isControl(fetched))
        addWaiting(fetched.getDefiningOp());
  }

  void addWaiting(Operation *op) {
    if (!op || !waiting.insert(op).second)
      return;
    for (Value control : Node(op).controls())
      if (Node source = Node::of(control); source && source.is("NoOp"))
        addWaiting(source.operation());
  }

  bool isConditional(Value value) {
    return value.getDefiningOp() && conditional.contains(value.getDefiningOp());
  }

  // A control edge stays where something lasting happens before it, and where it alone says in
  // which loop or branch a node runs.
  void dropControls() {
    for (Operation &op : block.without_terminator()) {
      Node node(&op);
      bool placed = llvm::any_of(node.inputs(), [&](Value input) { return isConditional(input); });
      llvm::SmallDenseSet<Value> seen;
      for (unsigned i = op.getNumOperands(); i-- > node.numInputs();) {
        Value control = op.getOperand(i);
        Operation *source = control.getDefiningOp();
        bool isWanted = source && (ordered.contains(source) || waiting.contains(&op));
        bool needed =
            !source || (isWanted && !isCheck(Node(source))) || (isConditional(control) && !placed);
        if (needed && seen.insert(control).second)
          continue;
        if (source && isCheck(Node(source)))
          changes.push_back(
              {"removed", Node(source).name().str(),
               (Node(source).type() + ": a check that only ran before others").str()});
        op.eraseOperand(i);
      }
    }
  }

  void bypassAll() {
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      Node node(&op);
      if (!isPassThrough(node) || kept.match(node))
        continue;
      bool isIdentity = node.is("Identity");
      if (isIdentity && isFetched(node))
        continue;
      if (!isIdentity)
        changes.push_back({"removed", node.name().str(), node.type().str()});
      if (mayForward(node)) {
        Node source = Node::of(node.input(0));
        forwardNode(node, {node.input(0)}, source ? source.control() : Value());
      } else if (!isIdentity) {
        becomeIdentity(node);
      }
    }
  }

  bool mayForward(Node node) {
    Value value = node.input(0);
    Node source = Node::of(value);
    // A ref is read here; what runs on one branch only is not what its Switch orders.
    if (isa<RefType>(elementTypeOf(value)) || elementTypeOf(value) != node.elementType(0))
      return false;
    if (!node.control().use_empty() &&
        (!source || source.isOneOf("Switch", "RefSwitch", "_SwitchN")))
      return false;
    return llvm::none_of(node.controls(), [&](Value control) {
      return !source || ordered.contains(control.getDefiningOp()) ||
             (isConditional(control) && !isConditional(value));
    });
  }

  // Where its place in the order is needed.
  static void becomeIdentity(Node node) {
    Builder builder(node.operation()->getContext());
    NodeState state("Identity");
    state.inputs = {node.input(0)};
    llvm::append_range(state.controls, node.controls());
    state.attrs = {builder.getNamedAttr("T", TypeAttr::get(node.elementType(0)))};
    replaceNode(node, state);
  }

  Block &block;
  const NameGlobs &kept;
  std::vector<Change> &changes;
  NodeSet conditional, ordered, waiting;
};

struct StripTrainingPass : impl::StripTrainingPassBase<StripTrainingPass> {
  using StripTrainingPassBase::StripTrainingPassBase;

  void runOnOperation() override {
    NameGlobs kept(SmallVector<std::string>(keep.begin(), keep.end()));
    std::vector<Change> changes;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      Stripper(graph.getNodes(), kept, changes).run();
    for (FuncOp function : getOperation().getOps<FuncOp>())
      Stripper(function.getNodes(), kept, changes).run();
    recordChanges(getOperation(), changes);
  }
};

} // namespace
} // namespace firn::graph
