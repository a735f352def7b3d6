#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/InlineFunction.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/ScalarValues.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Signature.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_FOLDCONDSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct FoldCondsPass : impl::FoldCondsPassBase<FoldCondsPass> {
  using FoldCondsPassBase::FoldCondsPassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      fold(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      fold(function.getNodes());
  }

  void fold(Block &block) {
    while (inlineBranches(block)) {
    }
    foldSwitches(block);
  }

  // If and Case whose choice is known become the branch's nodes; those may hold further ones.
  bool inlineBranches(Block &block) {
    ScalarValues scalars;
    SmallVector<std::pair<Node, FuncOp>> chosen;
    for (Operation &op : block.without_terminator())
      if (FuncOp branch = branchOf(Node(&op), scalars))
        chosen.emplace_back(Node(&op), branch);
    if (chosen.empty())
      return false;
    NodeIndex names(block);
    for (auto [node, branch] : chosen)
      inlineFunction(node, branch, SmallVector<Value>(node.inputs().drop_front()), names);
    return true;
  }

  FuncOp branchOf(Node node, ScalarValues &scalars) {
    bool isIf = node.isOneOf("If", "StatelessIf"), isCase = node.isOneOf("Case", "StatelessCase");
    if ((!isIf && !isCase) || node.numInputs() == 0)
      return {};
    Scalar choice = scalars.of(node.input(0));
    if (!choice.isKnown())
      return {};
    FuncAttr name;
    if (isIf) {
      name = node.attr<FuncAttr>(choice.number != 0 ? "then_branch" : "else_branch");
    } else if (auto branches = node.attr<ArrayAttr>("branches"); branches && !branches.empty()) {
      int64_t last = branches.size() - 1, index = choice.number;
      name = dyn_cast<FuncAttr>(branches[index < 0 || index > last ? last : index]);
    }
    FuncOp branch = name ? findFunction(getOperation(), name.getName()) : FuncOp();
    bool fits = branch && branch.getNumDataArgs() + 1 == node.numInputs() &&
                branch.getFetch().getTensors().size() == node.numOutputs();
    return fits ? branch : FuncOp();
  }

  void foldSwitches(Block &block) {
    ScalarValues scalars;
    SmallVector<Node> switches, merges;
    SmallVector<Operation *> dead;
    for (Operation &op : block.without_terminator()) {
      Node node(&op);
      if (scalars.isDead(&op))
        dead.push_back(&op);
      else if (node.isOneOf("Switch", "RefSwitch") && scalars.truthOf(node.input(1)))
        switches.push_back(node);
      else if (node.isOneOf("Merge", "RefMerge"))
        merges.push_back(node);
    }
    // All that is asked of the old graph is asked before it changes.
    SmallVector<bool> taken;
    for (Node node : switches)
      taken.push_back(*scalars.truthOf(node.input(1)));
    SmallVector<std::pair<Node, unsigned>> single;
    for (Node merge : merges)
      if (std::optional<unsigned> live = onlyLiveInput(merge, scalars))
        single.emplace_back(merge, *live);
    NodeIndex names(block);
    for (auto [merge, live] : single)
      foldMerge(merge, live, names);
    for (auto [node, branch] : llvm::zip(switches, taken))
      foldSwitch(node, branch);
    eraseDead(dead);
  }

  std::optional<unsigned> onlyLiveInput(Node merge, ScalarValues &scalars) {
    SmallVector<unsigned> live;
    for (auto [index, input] : llvm::enumerate(merge.inputs())) {
      Node source = Node::of(input);
      if (!source || (!scalars.isDead(source.operation()) && !isDeadOutput(input, scalars)))
        live.push_back(index);
    }
    return live.size() == 1 && merge.numInputs() > 1 ? std::optional<unsigned>(live.front())
                                                     : std::nullopt;
  }

  void foldMerge(Node merge, unsigned live, NodeIndex &names) {
    Value value = merge.input(live);
    Value index;
    if (!merge.output(1).use_empty()) {
      OpBuilder builder(merge.operation());
      NodeState state("Const");
      state.name = names.unique((merge.name() + "/value_index").str());
      Type type = builder.getI32Type();
      state.outputs = {RankedTensorType::get({}, type)};
      state.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(type)),
                     builder.getNamedAttr("value", makeIntegerTensor(type, {}, {live}))};
      if (Operation *source = value.getDefiningOp())
        state.controls = {Node(source).control()};
      index = createNode(builder, merge.operation()->getLoc(), state).output(0);
    }
    Operation *source = value.getDefiningOp();
    bool onlyFirst = !index;
    if (onlyFirst && isFetched(merge))
      return replaceByIdentity(merge, value);
    forwardNode(merge, {value, index}, source ? Node(source).control() : Value());
  }

  // A fetched Merge whose second output nothing uses.
  void replaceByIdentity(Node merge, Value value) {
    Builder builder(&getContext());
    NodeState state("Identity");
    state.name = merge.name().str();
    state.inputs = {value};
    state.outputs = {merge.output(0).getType()};
    state.attrs = {builder.getNamedAttr("T", TypeAttr::get(elementTypeOf(value)))};
    OpBuilder at(merge.operation());
    Node identity = createNode(at, merge.operation()->getLoc(), state);
    merge.output(0).replaceAllUsesWith(identity.output(0));
    merge.control().replaceAllUsesWith(identity.control());
    merge.operation()->erase();
  }

  static bool isDeadOutput(Value value, ScalarValues &scalars) {
    Node source = Node::of(value);
    if (!source.isOneOf("Switch", "RefSwitch"))
      return false;
    std::optional<bool> taken = scalars.truthOf(source.input(1));
    return taken && *taken != (cast<OpResult>(value).getResultNumber() == 1);
  }

  static bool isFetchedValue(Value value) {
    return llvm::any_of(value.getUsers(), [](Operation *user) { return isa<FetchOp>(user); });
  }

  void foldSwitch(Node node, bool taken) {
    Value value = node.input(0);
    Operation *source = value.getDefiningOp();
    // The other output's users are dead, but for a fetch, which would have no value.
    if (isFetchedValue(node.output(!taken))) {
      node.output(taken).replaceAllUsesWith(value);
      return;
    }
    forwardNode(node, {value, value}, source ? Node(source).control() : Value());
  }

  // Dead nodes feed dead nodes, and Merges that are folded by now.
  void eraseDead(ArrayRef<Operation *> dead) {
    NodeSet doomed(dead.begin(), dead.end());
    for (Operation *op : dead) {
      for (Value result : op->getResults())
        for (OpOperand &use : llvm::make_early_inc_range(result.getUses()))
          if (!doomed.contains(use.getOwner())) {
            if (isControl(result))
              dropControlUse(use);
            else
              doomed.erase(op);
          }
    }
    // What is still used, and what it uses, stays.
    for (bool changed = true; changed;) {
      changed = false;
      for (Operation *op : dead)
        if (doomed.contains(op) &&
            llvm::any_of(op->getUsers(), [&](Operation *user) { return !doomed.contains(user); })) {
          doomed.erase(op);
          changed = true;
        }
    }
    SmallVector<Operation *> erased;
    for (Operation *op : dead)
      if (doomed.contains(op))
        erased.push_back(op);
    eraseNodes(erased);
  }
};

} // namespace
} // namespace firn::graph
