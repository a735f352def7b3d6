#include "compiler/transforms/graph/Effects.h"

#include "dialects/graph/DataTypes.h"
#include "dialects/graph/OpTable.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {

bool isVariable(Node node) { return node.isOneOf("Variable", "VariableV2", "VarHandleOp"); }

Type variableElementType(Node variable) {
  auto dtype = variable.attr<TypeAttr>("dtype");
  return dtype ? dtype.getValue() : Type();
}

ShapeAttr variableShape(Node variable) { return variable.attr<ShapeAttr>("shape"); }

bool passesOn(Node node) {
  return node.isOneOf("Identity", "Switch", "Merge", "Enter", "Exit", "NextIteration",
                      "RefIdentity", "RefSwitch") ||
         node.isOneOf("RefMerge", "RefEnter", "RefExit", "RefNextIteration", "RefSelect",
                      "_SwitchN", "IdentityN");
}

bool writesOperand(Node node, unsigned index) {
  const OpSignature *op = lookupOp(node.type());
  if (!op || op->effect != OpEffect::WritesState)
    return false;
  // The variable comes first; optimizers take their slots behind it, as refs or as handles.
  return index == 0 || isa<RefType>(elementTypeOf(node.input(index))) ||
         isResource(elementTypeOf(node.input(index)));
}

// Identity of a ref reads the variable; Identity of a handle is the handle.
static bool handsBufferOn(Node node, Value operand) {
  if (!passesOn(node))
    return false;
  return isResource(elementTypeOf(operand)) || isa<RefType>(elementTypeOf(node.output(0)));
}

VariableUses usesOf(Value variable) {
  VariableUses uses;
  NodeSet seen;
  SmallVector<Value> worklist{variable};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    for (OpOperand &use : value.getUses()) {
      if (!Node::isNode(use.getOwner()))
        continue;
      Node user(use.getOwner());
      if (writesOperand(user, use.getOperandNumber())) {
        uses.writes.push_back(user.operation());
      } else if (!handsBufferOn(user, value)) {
        uses.reads.push_back(user.operation());
        continue;
      }
      if (!seen.insert(user.operation()).second)
        continue;
      for (Value output : user.outputs())
        if (isa<RefType>(elementTypeOf(output)) || isResource(elementTypeOf(output)))
          worklist.push_back(output);
    }
  }
  return uses;
}

namespace {

// The constant that a predicate is, looked through nodes that hand it on.
std::optional<bool> constantPredicate(Value predicate) {
  for (int depth = 0; depth < 64; ++depth) {
    Node node = Node::of(predicate);
    if (!node)
      return std::nullopt;
    if (TensorAttr value = node.constantValue()) {
      std::optional<SmallVector<int64_t>> elements = integerElements(value);
      return elements && elements->size() == 1 ? std::optional<bool>(elements->front())
                                               : std::nullopt;
    }
    if (node.is("LogicalNot")) {
      std::optional<bool> inner = constantPredicate(node.input(0));
      return inner ? std::optional<bool>(!*inner) : std::nullopt;
    }
    if (!node.isOneOf("Identity", "Enter", "StopGradient"))
      return std::nullopt;
    predicate = node.input(0);
  }
  return std::nullopt;
}

class Deadness {
public:
  NodeSet run(Block &block) {
    for (Operation &op : block.without_terminator()) {
      Node node(&op);
      if (!node.isOneOf("Switch", "RefSwitch") || node.numInputs() != 2 || node.numOutputs() != 2)
        continue;
      if (std::optional<bool> predicate = constantPredicate(node.input(1)))
        kill(node.output(*predicate ? 0 : 1));
    }
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      for (Operation *user : value.getUsers())
        if (Node::isNode(user))
          visit(Node(user), value);
    }
    return std::move(dead);
  }

private:
  void kill(Value value) {
    if (deadValues.insert(value).second)
      worklist.push_back(value);
  }

  // A Merge lives as long as one of its tensors does; any other node dies with any of its inputs.
  void visit(Node node, Value value) {
    bool merge = node.isOneOf("Merge", "RefMerge") && !isControl(value);
    if (merge && llvm::any_of(node.inputs(), [&](Value v) { return !deadValues.contains(v); }))
      return;
    if (!dead.insert(node.operation()).second)
      return;
    llvm::for_each(node.operation()->getResults(), [&](Value v) { kill(v); });
  }

  NodeSet dead;
  llvm::DenseSet<Value> deadValues;
  SmallVector<Value> worklist;
};

} // namespace

NodeSet deadNodes(Block &block) { return Deadness().run(block); }

} // namespace firn::graph
