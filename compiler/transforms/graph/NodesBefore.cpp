#include "compiler/transforms/graph/NodesBefore.h"

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/Constants.h"

using namespace mlir;

namespace firn::graph {

static NodeState stateOf(StringRef op, ValueRange inputs, NodesBefore::Attrs attrs,
                         MLIRContext *context) {
  NodeState state(op);
  state.inputs.assign(inputs.begin(), inputs.end());
  for (auto [name, value] : attrs)
    state.attrs.push_back({StringAttr::get(context, name), value});
  return state;
}

Value NodesBefore::make(StringRef op, ValueRange inputs, Type type, Attrs attrs) {
  NodeState state = stateOf(op, inputs, attrs, builder.getContext());
  state.name = names.unique((node.name() + "/" + op).str());
  state.device = node.operation()->getAttrOfType<StringAttr>(kDeviceAttr);
  state.outputs = {type};
  return createNode(builder, node.operation()->getLoc(), state).output(0);
}

// The type that broadcasting gives, where it is plain.
static Type broadcastType(ValueRange inputs, Type elementType) {
  Type type;
  for (Value input : inputs) {
    auto ranked = dyn_cast<RankedTensorType>(input.getType());
    if (ranked && ranked.getRank() == 0 && inputs.size() > 1)
      continue;
    Type own = withElementType(input.getType(), elementType);
    if (type && type != own)
      return UnrankedTensorType::get(elementType);
    type = own;
  }
  return type ? type : RankedTensorType::get({}, elementType);
}

Value NodesBefore::elementwise(StringRef op, ValueRange inputs) {
  Type element = elementTypeOf(inputs.front());
  return make(op, inputs, broadcastType(inputs, element), {{"T", TypeAttr::get(element)}});
}

Value NodesBefore::compare(StringRef op, Value a, Value b) {
  return make(op, {a, b}, broadcastType({a, b}, builder.getI1Type()),
              {{"T", TypeAttr::get(elementTypeOf(a))}});
}

Value NodesBefore::cast(Value value, Type elementType) {
  if (elementTypeOf(value) == elementType)
    return value;
  return make(
      "Cast", value, withElementType(value.getType(), elementType),
      {{"SrcT", TypeAttr::get(elementTypeOf(value))}, {"DstT", TypeAttr::get(elementType)}});
}

Value NodesBefore::constant(Type elementType, ArrayRef<int64_t> shape, ArrayRef<double> numbers) {
  int dtype = numberFromType(elementType);
  reference::Tensor tensor(dtype, shape);
  using Kinds = reference::Concat<reference::Reals, reference::Bools>::Type;
  reference::dispatch(Kinds{}, dtype, [&](auto zero) {
    for (auto [element, number] : llvm::zip(tensor.mutableValues<decltype(zero)>(), numbers))
      element = static_cast<decltype(zero)>(number);
  });
  Node made =
      Node::of(makeConstant(node, names.unique((node.name() + "/Const").str()), tensor, {}));
  // In a block with loops a constant has to say in which it runs.
  Block *block = node.operation()->getBlock();
  bool loops = llvm::any_of(
      *block, [](Operation &op) { return Node::isNode(&op) && Node(&op).is("Enter"); });
  if (loops && node.numInputs() > 0)
    if (Node source = Node::of(node.input(0)))
      made.operation()->insertOperands(made.operation()->getNumOperands(), source.control());
  return made.output(0);
}

Node NodesBefore::replace(StringRef op, ValueRange inputs, Attrs attrs, unsigned outputs) {
  NodeState state = stateOf(op, inputs, attrs, builder.getContext());
  llvm::append_range(state.controls, node.controls());
  llvm::append_range(state.outputs, node.outputs().take_front(outputs).getTypes());
  return node = replaceNode(node, state);
}

} // namespace firn::graph
