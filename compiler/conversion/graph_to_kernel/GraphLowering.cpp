#include "compiler/conversion/graph_to_kernel/GraphLowering.h"

#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "compiler/conversion/graph_to_kernel/ops/ShapeValues.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

namespace {

bool isInput(Node node) {
  return node.isOneOf("Placeholder", "PlaceholderV2", "PlaceholderWithDefault");
}

} // namespace

GraphLowering::GraphLowering(ModuleOp module, GraphOp graph, func::FuncOp main)
    : module(module), graphOp(graph), main(main), builder(main.getContext()),
      shapes(graph.getNodes(), module) {
  builder.setInsertionPointToStart(main.addEntryBlock());
}

Lowered *GraphLowering::find(Value value) {
  auto it = values.find(value);
  return it == values.end() ? nullptr : &it->second;
}

void GraphLowering::bind(Dim dim, Size size) {
  if (!dim.isConstant())
    symbols.push_back({dim, size});
}

Size GraphLowering::sizeOf(Dim dim, ImplicitLocOpBuilder &b) {
  if (auto number = dim.constant())
    return b.getIndexAttr(*number);
  for (auto &[known, size] : symbols)
    if (known == dim)
      return size;
  Size product = b.getIndexAttr(dim.coefficient());
  for (uint32_t symbol : dim.symbols()) {
    if (symbol == 0)
      break;
    Dim single = Dim::symbol(symbol);
    if (single == dim)
      return {};
    Size factor = sizeOf(single, b);
    if (!factor)
      return {};
    auto valueOf = [&](Size size) -> Value {
      if (auto value = llvm::dyn_cast<Value>(size))
        return value;
      return b.create<arith::ConstantIndexOp>(*constantSize(size));
    };
    if (constantSize(product) == int64_t(1))
      product = factor;
    else
      product = memoized("mul", factor, product, [&]() -> Size {
        return b.create<arith::MulIOp>(valueOf(factor), valueOf(product)).getResult();
      });
  }
  return product;
}

Size GraphLowering::memoized(StringRef op, Size a, Size c, const std::function<Size()> &make) {
  auto [it, isNew] = memo.insert({{op.str(), a.getOpaqueValue(), c.getOpaqueValue()}, Size()});
  if (isNew)
    it->second = make();
  return it->second;
}

// Arguments of the function are the placeholders that are needed, in the order of the graph.
LogicalResult GraphLowering::makeArguments(ArrayRef<Node> order) {
  DenseSet<Operation *> needed;
  for (Node node : order)
    needed.insert(node.operation());
  for (Operation &op : graphOp.getNodes().without_terminator()) {
    Node node(&op);
    if (needed.contains(&op) && isInput(node))
      makeArgument(node);
  }
  return success(failures.empty());
}

void GraphLowering::makeArgument(Node node) {
  Value output = node.output(0);
  const ShapeInfo &info = shapes.of(output);
  int dtype = numberFromType(elementTypeOf(output));
  Type element = storageType(builder.getContext(), dtype);
  if (!element || !info.ranked)
    return unsupported(node, element ? "an input of unknown rank (--input-shape gives it one)"
                                     : "inputs of this dtype");
  SmallVector<int64_t> shape;
  for (Dim dim : info.dims)
    shape.push_back(dim.constant().value_or(ShapedType::kDynamic));
  Location loc = NameLoc::get(builder.getStringAttr(node.name()));
  unsigned index = main.getNumArguments();
  main.insertArgument(index, RankedTensorType::get(shape, element), portOf(node.name(), 0, dtype),
                      loc);
  Value argument = main.getArgument(index);
  Tensor tensor{argument, {}, dtype};
  ImplicitLocOpBuilder b(loc, builder);
  for (auto [axis, dim] : llvm::enumerate(info.dims)) {
    Size size = sizeOf(dim, b);
    if (!size || !(llvm::isa<Value>(size) || dim.isConstant())) {
      size = b.create<tensor::DimOp>(argument, axis).getResult();
      bind(dim, size);
    }
    tensor.sizes.push_back(size);
  }
  set(output, {tensor, std::nullopt});
}

DictionaryAttr GraphLowering::portOf(StringRef node, unsigned output, int dtype) {
  std::string name = (node + ":" + Twine(output)).str();
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("kernel.name", builder.getStringAttr(name)),
       builder.getNamedAttr("kernel.dtype", builder.getI32IntegerAttr(dtype))});
}

// Inputs before what uses them.
std::vector<Node> GraphLowering::orderedNodes() {
  std::vector<Node> order;
  DenseMap<Operation *, bool> done; // false: on its way
  SmallVector<std::pair<Operation *, unsigned>> stack;
  auto visit = [&](Value value) {
    if (Operation *op = value.getDefiningOp(); op && done.try_emplace(op, false).second)
      stack.push_back({op, 0});
  };
  for (Value fetch : graphOp.getFetch()->getOperands()) {
    visit(fetch);
    while (!stack.empty()) {
      auto &[op, next] = stack.back();
      Node node(op);
      if (next < node.numInputs()) {
        visit(node.input(next++));
        continue;
      }
      done[op] = true;
      order.push_back(node);
      stack.pop_back();
    }
  }
  return order;
}

void GraphLowering::lower(Node node) {
  ImplicitLocOpBuilder b(NameLoc::get(builder.getStringAttr(node.name())), builder);
  NodeLowering lowering(node, *this, b);
  if (giveShapeValues(lowering))
    return;
  LowerNode rule = findLowering(node.type());
  if (!rule)
    return unsupported(node, "no lowering of " + node.type());
  rule(lowering);
}

LogicalResult GraphLowering::makeReturn() {
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> ports;
  for (Value fetch : graphOp.getFetch()->getOperands()) {
    if (isControl(fetch))
      continue;
    Node node = Node::of(fetch);
    ImplicitLocOpBuilder b(NameLoc::get(builder.getStringAttr(node.name())), builder);
    NodeLowering lowering(node, *this, b);
    Tensor tensor = lowering.fetched(fetch);
    if (!tensor)
      continue;
    results.push_back(tensor.value);
    ports.push_back(portOf(node.name(), cast<OpResult>(fetch).getResultNumber(), tensor.dtype));
  }
  if (!failures.empty())
    return failure();
  builder.create<func::ReturnOp>(main.getLoc(), results);
  main.setType(builder.getFunctionType(main.getArgumentTypes(), ValueRange(results).getTypes()));
  for (auto [index, port] : llvm::enumerate(ports))
    main.setResultAttrs(index, port);
  return success();
}

LogicalResult GraphLowering::run() {
  std::vector<Node> order = orderedNodes();
  if (failed(makeArguments(order)))
    return failure();
  for (Node node : order)
    if (!isInput(node))
      lower(node);
  return makeReturn();
}

} // namespace firn::kernel
