#include "compiler/transforms/graph/InlineFunction.h"

#include "compiler/transforms/graph/ForwardNodes.h"
#include "dialects/graph/OpTable.h"
#include "dialects/graph/Signature.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace firn::graph {
namespace {

class Inliner {
public:
  Inliner(Node call, FuncOp function, ArrayRef<Value> arguments, NodeIndex &names,
          DictionaryAttr attrs)
      : call(call), function(function), names(names), attrs(attrs), builder(call.operation()) {
    for (auto [parameter, argument] : llvm::zip(function.getNodes().getArguments(), arguments))
      mapping.map(parameter, argument);
    mapControlArguments(arguments);
  }

  void run() {
    cloneBody();
    SmallVector<Value> values;
    for (Value value : function.getFetch().getTensors())
      values.push_back(mapping.lookup(value));
    forwardNode(call, values, afterwards());
  }

private:
  // `^arg` waits for what yields the argument.
  void mapControlArguments(ArrayRef<Value> arguments) {
    unsigned first = function.getNumDataArgs();
    auto indices = function.getControlArgs().value_or(ArrayRef<int64_t>());
    for (auto [i, index] : llvm::enumerate(indices))
      if (Operation *source = arguments[index].getDefiningOp())
        mapping.map(function.getNodes().getArgument(first + i), Node(source).control());
  }

  void cloneBody() {
    SmallVector<Operation *> copies;
    for (Operation &op : function.getNodes().without_terminator()) {
      Operation *copy = op.cloneWithoutRegions();
      builder.insert(copy);
      mapping.map(op.getResults(), copy->getResults());
      copies.push_back(copy);
    }
    for (auto [op, copy] : llvm::zip(function.getNodes().without_terminator(), copies))
      settle(op, Node(copy));
  }

  // Operands, name and attributes of a copy.
  void settle(Operation &original, Node copy) {
    SmallVector<Value> operands;
    for (Value operand : original.getOperands())
      if (Value mapped = mapping.lookupOrNull(operand))
        operands.push_back(mapped);
    copy.operation()->setOperands(operands);
    // What has to wait for the call's own control inputs: all that could run before it.
    if (operands.empty() || hasEffect(copy))
      for (Value control : call.controls())
        addControl(copy, control);
    // A constant without inputs runs outside of any loop; beside an argument it runs where that
    // does.
    if (copy.operation()->getNumOperands() == 0 && call.numInputs() > 0)
      if (Operation *source = call.input(call.numInputs() - 1).getDefiningOp())
        addControl(copy, Node(source).control());
    copy.setName(names.unique((call.name() + "/" + Node(&original).name()).str()));
    names.add(copy);
    copy.operation()->removeAttr(kOutputNamesAttr);
    if (attrs)
      fillAttributes(copy);
  }

  static bool hasEffect(Node node) {
    StringRef type = node.type();
    const OpSignature *op = lookupOp({type.data(), type.size()});
    return !op || op->effect != OpEffect::Pure;
  }

  void fillAttributes(Node copy) {
    bool filled = false;
    for (NamedAttribute attr : copy.operation()->getAttrs())
      if (auto placeholder = dyn_cast<PlaceholderAttr>(attr.getValue()))
        if (Attribute value = attrs.get(placeholder.getName())) {
          copy.operation()->setAttr(attr.getName(), value);
          filled = true;
        }
    auto signature = filled ? resolveSignature(copy, call.operation()->getParentOfType<ModuleOp>())
                            : std::nullopt;
    if (signature && signature->outputs.size() == copy.numOutputs())
      for (auto [output, type] : llvm::zip(copy.outputs(), signature->outputs))
        output.setType(withElementType(output.getType(), type));
  }

  // A token for those that wait for the call.
  Value afterwards() {
    if (call.control().use_empty())
      return {};
    NodeState state("NoOp");
    state.name = names.unique((call.name() + "/done").str());
    for (Value control : function.getFetch().getControls())
      state.controls.push_back(mapping.lookup(control));
    if (state.controls.empty())
      for (Value value : function.getFetch().getTensors())
        if (Operation *source = mapping.lookup(value).getDefiningOp())
          state.controls.push_back(Node(source).control());
    llvm::append_range(state.controls, call.controls());
    Node done = createNode(builder, call.operation()->getLoc(), state);
    names.add(done);
    return done.control();
  }

  Node call;
  FuncOp function;
  NodeIndex &names;
  DictionaryAttr attrs;
  OpBuilder builder;
  IRMapping mapping;
};

} // namespace

void inlineFunction(Node call, FuncOp function, ArrayRef<Value> arguments, NodeIndex &names,
                    DictionaryAttr attrs) {
  Inliner(call, function, arguments, names, attrs).run();
}

} // namespace firn::graph
