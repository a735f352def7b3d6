#include "compiler/transforms/graph/Constants.h"

#include "compiler/reference/Interpreter.h"
#include "dialects/graph/OpTable.h"
#include "dialects/graph/Signature.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {

Node constantNode(Value value) {
  Node node = Node::of(value);
  while (node && node.is("Identity") && node.numInputs() == 1)
    node = Node::of(node.input(0));
  return node && node.constantValue() ? node : Node();
}

std::optional<reference::Tensor> constantTensor(Value value) {
  Node node = constantNode(value);
  if (!node)
    return std::nullopt;
  auto *dialect = value.getContext()->getLoadedDialect<GraphDialect>();
  std::string why;
  return reference::tensorOf(node.constantValue(), dialect->getExtentReader(), why);
}

std::optional<std::vector<double>> numbersOf(const reference::Tensor &tensor) {
  std::vector<double> numbers;
  numbers.reserve(tensor.size());
  bool known = reference::dispatch(reference::Floats{}, tensor.dtype(), [&](auto zero) {
    for (auto element : tensor.values<decltype(zero)>())
      numbers.push_back(element);
  });
  return known ? std::optional(std::move(numbers)) : std::nullopt;
}

std::optional<std::vector<double>> constantNumbers(Value value) {
  std::optional<reference::Tensor> tensor = constantTensor(value);
  return tensor ? numbersOf(*tensor) : std::nullopt;
}

std::optional<SmallVector<int64_t>> constantIntegers(Value value) {
  Node node = constantNode(value);
  return node ? integerElements(node.constantValue()) : std::nullopt;
}

reference::Tensor tensorOfNumbers(int dtype, ArrayRef<int64_t> shape, ArrayRef<double> numbers) {
  reference::Tensor tensor(dtype, shape);
  reference::dispatch(reference::Floats{}, dtype, [&](auto zero) {
    auto elements = tensor.mutableValues<decltype(zero)>();
    for (size_t i = 0; i < elements.size(); ++i)
      elements[i] = static_cast<decltype(zero)>(numbers[i]);
  });
  return tensor;
}

Node createConstant(Node place, StringRef name, TensorAttr value, ArrayRef<Value> controls) {
  OpBuilder builder(place.operation());
  NodeState state("Const");
  state.name = name.str();
  state.device = place.operation()->getAttrOfType<StringAttr>(kDeviceAttr);
  state.controls.assign(controls.begin(), controls.end());
  state.outputs = {value.getType()};
  state.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(value.getElementType())),
                 builder.getNamedAttr("value", value)};
  return createNode(builder, place.operation()->getLoc(), state);
}

Value makeConstant(Node place, StringRef name, const reference::Tensor &tensor,
                   ArrayRef<Value> sources) {
  SmallVector<Value> controls;
  for (Value source : sources)
    if (Node node = constantNode(source))
      for (Value control : node.controls())
        if (!llvm::is_contained(controls, control))
          controls.push_back(control);
  TensorAttr value = reference::attrOf(place.operation()->getContext(), tensor);
  return createConstant(place, name, value, controls).output(0);
}

Attribute attrOrDefault(Node node, StringRef name) {
  if (Attribute attr = node.attr(name))
    return attr;
  StringRef type = node.type();
  const OpSignature *op = lookupOp({type.data(), type.size()});
  return op ? defaultAttr(node.operation()->getContext(), *op, name) : Attribute();
}

SmallVector<int64_t> integerList(Node node, StringRef name) {
  Attribute list = attrOrDefault(node, name);
  if (auto dense = dyn_cast_or_null<DenseI64ArrayAttr>(list))
    return SmallVector<int64_t>(dense.asArrayRef());
  SmallVector<int64_t> integers;
  if (auto array = dyn_cast_or_null<ArrayAttr>(list))
    for (Attribute element : array)
      if (auto integer = dyn_cast<IntegerAttr>(element))
        integers.push_back(integer.getInt());
  return integers;
}

} // namespace firn::graph
