#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/VariableChoice.h"
#include "compiler/transforms/graph/mode/Masks.h"
#include "dialects/graph/OpTable.h"
#include "dialects/graph/TensorSource.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_INITVARIABLESPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

bool isRestored(Value value) {
  return llvm::any_of(nodesBehind(value, /*throughControls=*/false),
                      [](Operation *op) { return Node(op).type().starts_with("Restore"); });
}

// The assignment that a variable's initializer is; null where it can't be told.
Node initializerOf(Node variable, const NodeIndex &names) {
  auto assigns = [&](Node node) {
    return node && node.isOneOf("Assign", "AssignVariableOp") && node.numInputs() == 2 &&
           node.input(0) == variable.output(0);
  };
  if (Node named = names.find((variable.name() + "/Assign").str()); assigns(named))
    return named;
  Node only;
  for (Operation *user : variable.output(0).getUsers()) {
    if (!Node::isNode(user) || !assigns(Node(user)) || isRestored(Node(user).input(1)))
      continue;
    if (only)
      return {};
    only = Node(user);
  }
  return only;
}

// Why the values of a node are not the same in each run; "" where they are.
std::string whyNotFixed(Node node) {
  const std::string place = "'" + node.name().str() + "' (" + node.type().str() + ")";
  if (isRandom(node))
    return "its initial value is random: " + place;
  if (node.constantValue())
    return "";
  if (isVariable(node))
    return "its initial value depends on the variable '" + node.name().str() + "'";
  StringRef type = node.type();
  const OpSignature *op = lookupOp({type.data(), type.size()});
  if (!op || op->effect != OpEffect::Pure || op->stateful || type.starts_with("Placeholder") ||
      !reference::findKernel(type))
    return "its initial value needs " + place;
  return "";
}

struct InitVariablesPass : impl::InitVariablesPassBase<InitVariablesPass> {
  using InitVariablesPassBase::InitVariablesPassBase;

  void runOnOperation() override {
    auto *dialect = getContext().getLoadedDialect<GraphDialect>();
    const TensorSource *source = dialect->getTensorSource();
    read = dialect->getExtentReader();
    VariableChoice choice(only, skip);
    for (GraphOp graph : getOperation().getOps<GraphOp>()) {
      NodeIndex names(graph.getNodes());
      NodeSet needed = nodesBehind(graph.getFetch()->getOperands());
      for (Operation &op : graph.getNodes().without_terminator()) {
        Node node(&op);
        if (!needed.contains(&op) || !isVariable(node))
          continue;
        if (!source || !source->find(keyOfVariable(node)) || !choice.isChosen(node))
          op.setAttr(kInitialAttr, initialValue(node, names));
      }
    }
  }

  // The tensor, or a string: why there is none.
  Attribute initialValue(Node variable, const NodeIndex &names) {
    Node assign = initializerOf(variable, names);
    if (!assign)
      return text("the graph has no initializer for it");
    Value value = assign.input(1);
    const NodeSet behind = nodesBehind(value);
    for (Operation &op : *value.getParentBlock())
      if (behind.contains(&op))
        if (std::string why = whyNotFixed(Node(&op)); !why.empty())
          return text(why);
    std::string error;
    reference::State state;
    reference::RunOptions options;
    options.read = read;
    std::optional<reference::Tensors> values =
        reference::run(getOperation(), {value}, reference::Feeds(), options, state, error);
    if (!values)
      return text("its initial value can't be computed: " + error);
    return reference::attrOf(&getContext(), values->front());
  }

  StringAttr text(const llvm::Twine &why) { return StringAttr::get(&getContext(), why); }

  ExtentReader read;
};

} // namespace
} // namespace firn::graph
