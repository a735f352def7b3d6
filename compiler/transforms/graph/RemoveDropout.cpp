#include <cmath>

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "compiler/transforms/graph/mode/LoopInvariants.h"
#include "compiler/transforms/graph/mode/Masks.h"
#include "dialects/graph/Signature.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_REMOVEDROPOUTPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// A factor that a mask's mean brings, and how an expression that undoes it may be written.
class Factor {
public:
  Factor(const Mask &mask, ScalarValues &scalars)
      : mask(mask), scalars(scalars), number(mask.keepProbability(scalars)) {}

  bool isKnown() const { return number.has_value(); }
  double value() const { return *number; }
  bool isOne() const { return isOpenOne || (number && near(*number, 1)); }

  /// The factor times, or divided by, another one; false when the product is not known.
  bool multiply(Value other, bool divide) {
    if (isOpenOne)
      return false;
    Scalar scalar = scalars.of(other);
    if (number && scalar.isKnown() && scalar.number != 0) {
      number = divide ? *number / scalar.number : *number * scalar.number;
      return true;
    }
    // keep / keep is 1 whatever keep is.
    if (!number && (divide ? isKeep(other) : isInverse(other)))
      return isOpenOne = true;
    return false;
  }

private:
  static bool near(double a, double b) { return std::fabs(a - b) <= 1e-5 * std::fabs(b); }

  bool isKeep(Value value) {
    value = source(value);
    if (mask.thresholdKeeps)
      return value == source(mask.threshold);
    Node node = Node::of(value);
    return node && node.is("Sub") && scalars.of(node.input(0)).number == 1 &&
           source(node.input(1)) == source(mask.threshold);
  }
  bool isInverse(Value value) {
    Node node = Node::of(source(value));
    if (!node)
      return false;
    if (node.isOneOf("Inv", "Reciprocal"))
      return isKeep(node.input(0));
    return node.isOneOf("RealDiv", "Div") && scalars.of(node.input(0)).number == 1 &&
           isKeep(node.input(1));
  }
  static Value source(Value value) {
    for (Node node = Node::of(value); node && isForward(node); node = Node::of(value))
      value = node.input(0);
    return value;
  }

  Mask mask;
  ScalarValues &scalars;
  std::optional<double> number;
  bool isOpenOne = false;
};

/// Replaces the masks of one block by what they are in the mean.
class DropoutRemover {
public:
  DropoutRemover(Block &block, const NameGlobs &kept, std::vector<Change> &changes)
      : block(block), kept(kept), changes(changes), names(block) {}

  void run() {
    needed = nodesBehind(block.getTerminator()->getOperands());
    SmallVector<Mask> masks;
    for (Operation &op : block.without_terminator())
      if (Node node(&op); needed.contains(&op) && isRandom(node) && !kept.match(node))
        llvm::append_range(masks, masksOf(node, scalars));
    // A mask that one use takes for something else (AlphaDropout's 1 - mask) is left as it is.
    for (const Mask &mask : masks)
      if (follow(mask.mask, Factor(mask, scalars), mask, /*apply=*/false))
        follow(mask.mask, Factor(mask, scalars), mask, /*apply=*/true);
    eraseSettled();
  }

private:
  // `value` is the mask, times what the factor already holds beyond the mask's mean. False when a
  // use is not understood; nothing changes without `apply`.
  bool follow(Value value, const Factor &factor, const Mask &mask, bool apply) {
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : value.getUses())
      if (isa<FetchOp>(use.getOwner()))
        return false;
      else if (needed.contains(use.getOwner()) && !isControl(value))
        uses.push_back(&use);
    return llvm::all_of(uses, [&](OpOperand *use) {
      return visit(Node(use->getOwner()), use->getOperandNumber(), factor, mask, apply);
    });
  }

  bool visit(Node user, unsigned operand, Factor factor, const Mask &mask, bool apply) {
    if (user.isOneOf("Cast", "Tile", "BroadcastTo") || (isForward(user) && operand == 0))
      return follow(user.output(0), factor, mask, apply);
    if (user.is("Switch") && operand == 0)
      return follow(user.output(0), factor, mask, apply) &&
             follow(user.output(1), factor, mask, apply);
    // What asks for the mask's shape only goes with it.
    if (user.isOneOf("Shape", "Size", "Rank"))
      return true;
    if (user.isOneOf("Select", "SelectV2") && operand == 0 && user.numInputs() == 3) {
      Scalar otherwise = scalars.of(user.input(2));
      return otherwise.isKnown() && otherwise.number == 0 &&
             replace(user, user.input(1), factor, mask, apply);
    }
    if (user.isOneOf("While", "StatelessWhile"))
      return enterLoop(user, operand, factor, mask, apply);
    if (user.is("Where"))
      return keepAll(user, factor, mask, apply);
    if (user.isOneOf("RealDiv", "Div") && operand == 0)
      return factor.multiply(user.input(1), /*divide=*/true) &&
             follow(user.output(0), factor, mask, apply);
    if (!user.is("Mul"))
      return false;
    Value other = user.input(1 - operand);
    if (Factor scaled = factor; scaled.multiply(other, /*divide=*/false))
      return follow(user.output(0), scaled, mask, apply);
    return replace(user, other, factor, mask, apply);
  }

  // One mask for all iterations of a loop: the loop is called with the mask's mean, a scalar.
  bool enterLoop(Node loop, unsigned operand, Factor factor, const Mask &mask, bool apply) {
    auto name = loop.attr<FuncAttr>("body");
    FuncOp body =
        name ? findFunction(block.getParentOp()->getParentOfType<ModuleOp>(), name.getName())
             : FuncOp();
    if (!body || !handsThrough(body, operand) || !factor.isKnown())
      return false;
    for (Operation *user : body.getNodes().getArgument(operand).getUsers())
      if (!isa<FetchOp>(user) && !Node(user).isOneOf("Mul", "Identity"))
        return false;
    if (!apply)
      return true;
    loop.operation()->setOperand(
        operand, makeScalar(elementTypeOf(loop.input(operand)), factor.value(), loop, Value()));
    loop.removeAttr("output_shapes"); // the mask's among them
    changes.push_back(
        {"removed", loop.name().str(), ("dropout in a loop (" + mask.random.name() + ")").str()});
    return true;
  }

  // `user` is `x` masked: in the mean, x times the factor.
  bool replace(Node user, Value x, Factor factor, const Mask &mask, bool apply) {
    Node settled = user;
    Value result = x;
    if (!factor.isOne()) {
      if (Value inner = undone(x, factor))
        result = inner;
      else if (Node later = undoneLater(user, factor))
        settled = later;
      else
        result = Value();
    }
    if (!result && !factor.isKnown())
      return false;
    if (!apply)
      return true;
    if (result)
      settle(settled, result, mask, "dropout");
    else
      settle(user, scale(x, factor.value(), user), mask, "a mask without 1/keep became its mean");
    return true;
  }

  // What `x` scales by the inverse of the factor; null when it does not.
  Value undone(Value x, Factor factor) {
    Node node = Node::of(x);
    if (!node)
      return {};
    if (node.isOneOf("Identity", "StopGradient"))
      return undone(node.input(0), factor);
    if (node.isOneOf("RealDiv", "Div"))
      return factor.multiply(node.input(1), true) && factor.isOne() ? node.input(0) : Value();
    if (node.is("Mul"))
      for (unsigned i : {0, 1})
        if (Factor product = factor; product.multiply(node.input(i), false) && product.isOne())
          return node.input(1 - i);
    return {};
  }

  // The one user of `node` that scales it by the inverse of the factor.
  Node undoneLater(Node node, Factor factor) {
    Value value = node.output(0);
    if (!value.hasOneUse() || !Node::isNode(*value.getUsers().begin()))
      return {};
    OpOperand &use = *value.use_begin();
    Node user(use.getOwner());
    unsigned operand = use.getOperandNumber();
    bool divides = user.isOneOf("RealDiv", "Div") && operand == 0;
    if (!divides && !user.is("Mul"))
      return {};
    return factor.multiply(user.input(1 - operand), divides) && factor.isOne() ? user : Node();
  }

  // Nodes go at the end: what was learnt of the graph is known by its values.
  void settle(Node node, Value value, const Mask &mask, StringRef what) {
    changes.push_back({what == "dropout" ? "removed" : "rewritten", node.name().str(),
                       (what + " (" + mask.random.name() + ")").str()});
    node.output(0).replaceUsesWithIf(value,
                                     [](OpOperand &use) { return !isa<FetchOp>(use.getOwner()); });
    settled.insert({node.output(0), value});
  }

  void eraseSettled() {
    for (auto &[output, value] : settled) {
      while (settled.count(value))
        value = settled.lookup(value);
      Operation *source = value.getDefiningOp();
      forwardNode(Node::of(output), {value}, source ? Node(source).control() : Value());
    }
  }

  // A constant before `where`; in a loop it runs where `beside` does.
  Value makeScalar(Type element, double value, Node where, Value beside) {
    OpBuilder builder(where.operation());
    reference::Tensor number(numberFromType(element), {});
    reference::dispatch(reference::Floats{}, number.dtype(), [&](auto zero) {
      using T = decltype(zero);
      number.mutableValues<T>()[0] = static_cast<T>(value);
    });
    NodeState state("Const");
    state.name = names.unique((where.name() + "/keep_prob").str());
    state.outputs = {RankedTensorType::get({}, element)};
    state.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(element)),
                   builder.getNamedAttr("value", reference::attrOf(builder.getContext(), number))};
    if (Operation *source = beside ? beside.getDefiningOp() : nullptr)
      state.controls = {Node(source).control()};
    return createNode(builder, where.operation()->getLoc(), state).output(0);
  }

  Value scale(Value x, double factor, Node where) {
    Type element = elementTypeOf(x);
    Value keep = makeScalar(element, factor, where, x);
    OpBuilder builder(where.operation());
    NodeState product("Mul");
    product.name = names.unique((where.name() + "/mean").str());
    product.inputs = {x, keep};
    product.outputs = {x.getType()};
    product.attrs = {builder.getNamedAttr("T", TypeAttr::get(element))};
    return createNode(builder, where.operation()->getLoc(), product).output(0);
  }

  // `Where` of a mask picks the elements of a sparse tensor that stay: all of them. The values
  // picked are scaled by the mask's mean in its place.
  bool keepAll(Node where, Factor factor, const Mask &mask, bool apply) {
    SmallVector<Node> picks;
    collectPicks(where.output(0), picks);
    if (!factor.isKnown() || picks.empty() || mask.random.numInputs() == 0)
      return false;
    if (!apply)
      return true;
    OpBuilder builder(where.operation());
    Type flag = builder.getI1Type();
    NodeState yes("Const");
    yes.name = names.unique((where.name() + "/keep").str());
    yes.outputs = {RankedTensorType::get({}, flag)};
    yes.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(flag)),
                 builder.getNamedAttr("value", reference::attrOf(builder.getContext(),
                                                                 reference::makeScalar(10, true)))};
    yes.controls = {mask.random.control()};
    Location loc = where.operation()->getLoc();
    NodeState fill("Fill");
    Value shape = mask.random.input(0);
    fill.name = names.unique((where.name() + "/all").str());
    yes.controls = {Node::of(shape) ? Node::of(shape).control() : mask.random.control()};
    fill.inputs = {shape, createNode(builder, loc, yes).output(0)};
    fill.outputs = {where.input(0).getType()};
    fill.attrs = {builder.getNamedAttr("T", TypeAttr::get(flag)),
                  builder.getNamedAttr("index_type", TypeAttr::get(elementTypeOf(shape)))};
    where.operation()->setOperand(0, createNode(builder, loc, fill).output(0));
    for (Node pick : picks)
      scalePicked(pick, factor, mask);
    return true;
  }

  void collectPicks(Value indices, SmallVectorImpl<Node> &picks) {
    for (OpOperand &use : indices.getUses()) {
      if (!Node::isNode(use.getOwner()))
        continue;
      Node user(use.getOwner());
      if (user.isOneOf("Gather", "GatherV2", "GatherNd") && use.getOperandNumber() == 1) {
        if (isa<FloatType>(user.elementType(0)))
          picks.push_back(user);
      } else if (isForward(user) || user.is("Cast")) {
        collectPicks(user.output(0), picks);
      }
    }
  }

  void scalePicked(Node pick, Factor factor, const Mask &mask) {
    if (factor.isOne())
      return;
    if (Node later = undoneLater(pick, factor))
      return settle(later, pick.output(0), mask, "dropout");
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : pick.output(0).getUses())
      uses.push_back(&use);
    Value scaled = scale(pick.output(0), factor.value(), pick);
    for (OpOperand *use : uses)
      use->set(scaled);
    changes.push_back({"rewritten", pick.name().str(), "sparse dropout became its mean"});
  }

  Block &block;
  const NameGlobs &kept;
  std::vector<Change> &changes;
  ScalarValues scalars;
  NodeIndex names;
  NodeSet needed;
  llvm::MapVector<Value, Value> settled;
};

struct RemoveDropoutPass : impl::RemoveDropoutPassBase<RemoveDropoutPass> {
  using RemoveDropoutPassBase::RemoveDropoutPassBase;

  void runOnOperation() override {
    NameGlobs kept(SmallVector<std::string>(keep.begin(), keep.end()));
    std::vector<Change> changes;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      DropoutRemover(graph.getNodes(), kept, changes).run();
    for (FuncOp function : getOperation().getOps<FuncOp>())
      DropoutRemover(function.getNodes(), kept, changes).run();
    recordChanges(getOperation(), changes);
  }
};

} // namespace
} // namespace firn::graph
