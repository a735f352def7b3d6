#include "dialects/graph/Node.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {

static constexpr StringLiteral kDialectPrefix = "graph.";
static constexpr StringLiteral kEscapedAttrPrefix = "graph.attr.";

std::string toAttrName(StringRef nodeAttr) {
  return nodeAttr.starts_with(kDialectPrefix) ? (kEscapedAttrPrefix + nodeAttr).str()
                                              : nodeAttr.str();
}

StringRef toNodeAttr(StringRef attrName) {
  if (attrName.consume_front(kEscapedAttrPrefix))
    return attrName;
  return attrName.starts_with(kDialectPrefix) ? StringRef() : attrName;
}

std::string toOperationName(StringRef opType) {
  bool taken =
      opType == "graph" || opType == "func" || opType == "fetch" || opType.starts_with("$");
  return (kDialectPrefix + (taken ? "$" : "") + opType).str();
}

bool Node::isNode(Operation *op) {
  return op && !op->isRegistered() && op->getName().getStringRef().starts_with(kDialectPrefix) &&
         op->getNumResults() > 0 &&
         isa<ControlType>(op->getResult(op->getNumResults() - 1).getType());
}

StringRef Node::type() const {
  StringRef type = op->getName().getStringRef().drop_front(kDialectPrefix.size());
  type.consume_front("$");
  return type;
}

StringRef Node::name() const {
  auto name = op->getAttrOfType<StringAttr>(kNameAttr);
  return name ? name.getValue() : StringRef();
}

void Node::setName(StringRef name) {
  op->setAttr(kNameAttr, StringAttr::get(op->getContext(), name));
}

StringRef Node::device() const {
  auto device = op->getAttrOfType<StringAttr>(kDeviceAttr);
  return device ? device.getValue() : StringRef();
}

Attribute Node::attr(StringRef name) const {
  return name.starts_with(kDialectPrefix) ? op->getAttr(toAttrName(name)) : op->getAttr(name);
}
void Node::setAttr(StringRef name, Attribute value) { op->setAttr(toAttrName(name), value); }
void Node::removeAttr(StringRef name) { op->removeAttr(toAttrName(name)); }

TensorAttr Node::constantValue() const {
  return is("Const") ? attr<TensorAttr>("value") : TensorAttr();
}

unsigned Node::numInputs() const {
  unsigned count = op->getNumOperands();
  while (count > 0 && isControl(op->getOperand(count - 1)))
    --count;
  return count;
}

Type Node::elementType(unsigned output) const { return elementTypeOf(op->getResult(output)); }

Type elementTypeOf(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type ? type.getElementType() : Type();
}

Type withElementType(Type tensorType, Type elementType) {
  return cast<ShapedType>(tensorType).clone(elementType);
}

bool isControl(Value value) { return isa<ControlType>(value.getType()); }

Node createNode(OpBuilder &builder, Location loc, const NodeState &state) {
  MLIRContext *context = builder.getContext();
  OperationState op(loc, toOperationName(state.type));
  op.addOperands(state.inputs);
  op.addOperands(state.controls);
  op.addTypes(state.outputs);
  op.addTypes(ControlType::get(context));
  op.addAttribute(kNameAttr, builder.getStringAttr(state.name));
  if (state.device && !state.device.getValue().empty())
    op.addAttribute(kDeviceAttr, state.device);
  for (NamedAttribute attr : state.attrs)
    op.addAttribute(toAttrName(attr.getName()), attr.getValue());
  return Node(builder.create(op));
}

Node replaceNode(Node node, NodeState state) {
  OpBuilder builder(node.operation());
  state.name = node.name().str();
  state.device = node.operation()->getAttrOfType<StringAttr>(kDeviceAttr);
  if (state.outputs.empty())
    llvm::append_range(state.outputs, node.outputs().getTypes());
  Node replacement = createNode(builder, node.operation()->getLoc(), state);
  for (auto [from, to] : llvm::zip(node.outputs(), replacement.outputs()))
    from.replaceAllUsesWith(to);
  node.control().replaceAllUsesWith(replacement.control());
  node.operation()->erase();
  return replacement;
}

std::string edgeText(Value value) {
  auto result = dyn_cast<OpResult>(value);
  if (!result) {
    auto arg = cast<BlockArgument>(value);
    auto func = cast<FuncOp>(arg.getOwner()->getParentOp());
    if (!isControl(value))
      return func.getArgName(arg.getArgNumber()).str();
    int64_t index = (*func.getControlArgs())[arg.getArgNumber() - func.getNumDataArgs()];
    return ("^" + func.getArgName(index)).str();
  }
  Node node(result.getOwner());
  if (isControl(value))
    return ("^" + node.name()).str();
  if (result.getResultNumber() == 0)
    return node.name().str();
  return (node.name() + ":" + Twine(result.getResultNumber())).str();
}

} // namespace firn::graph
