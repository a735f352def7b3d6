#include "compiler/conversion/graph_to_kernel/GraphLowering.h"

#include "compiler/conversion/graph_to_kernel/Flow.h"
#include "compiler/conversion/graph_to_kernel/ops/ShapeValues.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Signature.h"
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
      shapes(graph.getNodes(), module), root(nullptr, main.addEntryBlock()) {
  root.function = &graph.getNodes();
}

void GraphLowering::unsupported(Node node, const Twine &why) {
  // A node of a loop may stand in its condition and in its body.
  for (const Unsupported &known : failures)
    if (known.node == node)
      return;
  failures.push_back({node, why.str()});
}

void GraphLowering::lacksLowering(Node node) {
  StringRef why = exceptionOf(node.type());
  unsupported(node, why.empty() ? "no lowering of " + node.type() : Twine(why));
}

ImplicitLocOpBuilder GraphLowering::builderAt(Node node) {
  // The block may be one of a region that no op has yet.
  ImplicitLocOpBuilder b(NameLoc::get(builder.getStringAttr(node.name())), builder);
  b.setInsertionPointToEnd(current->block);
  return b;
}

Lowered *GraphLowering::find(Value value) {
  for (Scope *scope = current; scope; scope = scope->parent)
    if (auto it = scope->values.find(value); it != scope->values.end())
      return &it->second;
  return nullptr;
}

bool GraphLowering::isDone(Node node) const {
  for (Scope *scope = current; scope; scope = scope->parent)
    if (scope->done.contains(node.operation()))
      return true;
  return false;
}

Scope *GraphLowering::homeOf(Node node) {
  Operation *op = node.operation();
  const Branches &branches = flowOf(op->getBlock()).branches();
  StringRef frame = branches.frames().of(op);
  const Conditions &conditions = branches.of(op);
  auto isInFrame = [&](const Scope &scope) {
    StringRef rest = frame;
    return scope.frameBlock == op->getBlock() && rest.consume_front(scope.frame) &&
           (rest.empty() || rest.front() == '|');
  };
  for (Scope *scope = current; scope; scope = scope->parent)
    if (scope->function == op->getBlock() || isInFrame(*scope) ||
        llvm::any_of(scope->holds, [&](const Condition &c) { return conditions.count(c); }))
      return scope;
  return &root;
}

Scope *GraphLowering::homeOf(Size size) {
  auto value = llvm::dyn_cast_if_present<Value>(size);
  if (!value)
    return &root;
  Scope *home = current;
  for (Scope *scope = current; scope; scope = scope->parent)
    if (scope->block == value.getParentBlock())
      home = scope;
  return home;
}

void GraphLowering::bind(Dim dim, Size size) {
  if (!dim.isConstant())
    homeOf(size)->symbols.push_back({dim, size});
}

Size GraphLowering::sizeOf(Dim dim, ImplicitLocOpBuilder &b) {
  if (auto number = dim.constant())
    return b.getIndexAttr(*number);
  for (Scope *scope = current; scope; scope = scope->parent)
    for (auto &[known, size] : scope->symbols)
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
      product = memoized(b, "mul", factor, product, [&]() -> Size {
        return b.create<arith::MulIOp>(valueOf(factor), valueOf(product)).getResult();
      });
  }
  return product;
}

// Sizes are computed as far outside as their operands are known: a loop does not repeat them, and
// its regions agree on them.
Size GraphLowering::memoized(ImplicitLocOpBuilder &b, StringRef op, Size a, Size c,
                             const std::function<Size()> &make) {
  Scope *home = homeOf(a), *other = homeOf(c);
  for (Scope *scope = other; scope; scope = scope->parent)
    if (scope == home)
      home = other;
  auto [it, isNew] = home->memo.insert({{op.str(), a.getOpaqueValue(), c.getOpaqueValue()}, {}});
  if (isNew) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(home->block);
    it->second = make();
  }
  return it->second;
}

void GraphLowering::within(Scope &place, llvm::function_ref<void()> work) {
  Scope *before = std::exchange(current, &place);
  work();
  current = before;
}

bool GraphLowering::isBelow(Size counter, Size length) const {
  auto it = counters.find(llvm::dyn_cast_if_present<Value>(counter));
  return it != counters.end() && llvm::any_of(it->second, [&](Size end) {
           std::optional<int64_t> a = constantSize(end), c = constantSize(length);
           return end == length || (a && c && *a <= *c);
         });
}

// At function level, indices that no op makes count the rounds of a loop.
bool GraphLowering::dependsOnRound(Size size) const {
  auto value = llvm::dyn_cast_if_present<Value>(size);
  if (!value)
    return false;
  Operation *op = value.getDefiningOp();
  return !op ||
         (isa_and_nonnull<arith::ArithDialect>(op->getDialect()) &&
          llvm::any_of(op->getOperands(), [&](Value operand) { return dependsOnRound(operand); }));
}

ControlFlow &GraphLowering::flowOf(Block *block) {
  std::unique_ptr<ControlFlow> &flow = flows[block];
  if (!flow)
    flow =
        std::make_unique<ControlFlow>(*block, cast<FetchOp>(block->getTerminator()).getTensors());
  return *flow;
}

bool GraphLowering::require(ValueRange wanted) {
  visitInOrder(
      wanted, [&](Node node) { return flowOf(node.operation()->getBlock()).needs(node); },
      [&](Node node) { return !isDone(node); }, [&](Node node) { lower(node); });
  return llvm::all_of(wanted, [&](Value value) { return find(value) != nullptr; });
}

void GraphLowering::lower(Node node) {
  // What it needs may have needed it.
  if (isDone(node))
    return;
  Scope *place = std::exchange(current, homeOf(node));
  current->done.insert(node.operation());
  lowerHere(node);
  current = place;
}

void GraphLowering::lowerHere(Node node) {
  if (isFlow(node, "Exit"))
    return lowerFrameLoop(*this, node);
  if (isFlow(node, "Merge"))
    return lowerMerge(*this, node);
  if (node.isOneOf("While", "StatelessWhile"))
    return lowerWhile(*this, node);
  if (node.isOneOf("If", "StatelessIf", "Case", "StatelessCase"))
    return lowerBranches(*this, node);
  if (node.isOneOf("PartitionedCall", "StatefulPartitionedCall") ||
      findFunction(module, node.type()))
    return lowerCall(node);
  ImplicitLocOpBuilder b = builderAt(node);
  NodeLowering lowering(node, *this, b);
  if (giveShapeValues(lowering))
    return;
  LowerNode rule = findLowering(node.type());
  if (!rule || !exceptionOf(node.type()).empty())
    return lacksLowering(node);
  rule(lowering);
}

FuncOp GraphLowering::enterFunction(Node node, Attribute name, ArrayRef<unsigned> indices) {
  auto symbol = dyn_cast_or_null<FuncAttr>(name);
  StringRef text = symbol ? symbol.getName().getValue() : node.type();
  FuncOp function = findFunction(module, text);
  if (!function) {
    unsupported(node, "there is no function '" + text + "'");
    return {};
  }
  for (Scope *scope = current; scope; scope = scope->parent)
    if (scope->function == &function.getNodes()) {
      unsupported(node, "'" + text + "' calls itself");
      return {};
    }
  Values wanted;
  for (unsigned index : indices)
    wanted.push_back(function.getFetch().getTensors()[index]);
  flows[&function.getNodes()] = std::make_unique<ControlFlow>(function.getNodes(), wanted);
  return function;
}

bool GraphLowering::expectAlways(Node node, Value value, ArrayRef<Condition> given) {
  Operation *source = value.getDefiningOp();
  Conditions open = source ? flowOf(source->getBlock()).branches().of(value) : Conditions();
  for (const Condition &condition : given)
    open.erase(condition);
  for (Scope *scope = current; scope; scope = scope->parent)
    for (const Condition &condition : scope->holds)
      open.erase(condition);
  if (open.empty())
    return true;
  unsupported(node, "'" + edgeText(value) + "' has no value when its branch is not taken");
  return false;
}

// The body in the place of the call.
void GraphLowering::lowerCall(Node node) {
  SmallVector<unsigned> used;
  for (unsigned i = 0; i < node.numOutputs(); ++i)
    if (!node.output(i).use_empty())
      used.push_back(i);
  FuncOp function = enterFunction(node, node.attr("f"), used);
  if (!function)
    return;
  Scope body(current, current->block);
  body.function = &function.getNodes();
  for (auto [argument, input] : llvm::zip(function.getNodes().getArguments(), node.inputs()))
    if (Lowered *lowered = find(input))
      body.values[argument] = *lowered;
  current = &body;
  for (unsigned index : used) {
    Value result = function.getFetch().getTensors()[index];
    if (require(result) && expectAlways(node, result))
      body.parent->values[node.output(index)] = *find(result);
  }
  current = body.parent;
}

// What fetches are computed of. Where branches hold constants only, nothing but control tokens
// leads to what decides between them.
NodeSet GraphLowering::neededNodes() {
  Block &block = graphOp.getNodes();
  Values wanted(graphOp.getFetch().getTensors());
  NodeSet needed;
  for (size_t before = 0; before != wanted.size();) {
    before = wanted.size();
    needed = nodesBehind(wanted, /*throughControls=*/false);
    for (Operation &op : block.without_terminator())
      if (Value selector =
              needed.contains(&op) ? flowOf(&block).condOf(Node(&op)).selector : Value();
          selector && !llvm::is_contained(wanted, selector))
        wanted.push_back(selector);
  }
  return needed;
}

// Arguments of the function are the placeholders that are needed, in the order of the graph.
void GraphLowering::makeArguments() {
  NodeSet needed = neededNodes();
  for (Operation &op : graphOp.getNodes().without_terminator()) {
    Node node(&op);
    if (needed.contains(&op) && isInput(node))
      makeArgument(node);
  }
}

void GraphLowering::makeArgument(Node node) {
  Value output = node.output(0);
  const ShapeInfo &info = shapes.of(output);
  int dtype = numberFromType(elementTypeOf(output));
  Type element = storageType(builder.getContext(), dtype);
  if (dtype == DT_STRING)
    return unsupported(node, "strings are not compiled");
  if (!element || !info.ranked)
    return unsupported(node, element ? "an input of unknown rank (--input-shape gives it one)"
                                     : "inputs of dtype " + dataTypeText(elementTypeOf(output)));
  SmallVector<int64_t> shape;
  for (Dim dim : info.dims)
    shape.push_back(dim.constant().value_or(ShapedType::kDynamic));
  Location loc = NameLoc::get(builder.getStringAttr(node.name()));
  unsigned index = main.getNumArguments();
  main.insertArgument(index, RankedTensorType::get(shape, element), portOf(node.name(), 0, dtype),
                      loc);
  Value argument = main.getArgument(index);
  Tensor tensor{argument, {}, dtype};
  ImplicitLocOpBuilder b = builderAt(node);
  for (auto [axis, dim] : llvm::enumerate(info.dims)) {
    Size size = sizeOf(dim, b);
    if (!size || !(llvm::isa<Value>(size) || dim.isConstant())) {
      size = b.create<tensor::DimOp>(argument, axis).getResult();
      bind(dim, size);
    }
    tensor.sizes.push_back(size);
  }
  set(output, {tensor, std::nullopt, std::nullopt});
  root.done.insert(node.operation());
}

DictionaryAttr GraphLowering::portOf(StringRef node, unsigned output, int dtype) {
  std::string name = (node + ":" + Twine(output)).str();
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("kernel.name", builder.getStringAttr(name)),
       builder.getNamedAttr("kernel.dtype", builder.getI32IntegerAttr(dtype))});
}

LogicalResult GraphLowering::makeReturn() {
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> ports;
  for (Value fetch : graphOp.getFetch().getTensors()) {
    Node node = Node::of(fetch);
    ImplicitLocOpBuilder b = builderAt(node);
    NodeLowering lowering(node, *this, b);
    Tensor tensor = expectAlways(node, fetch) ? lowering.fetched(fetch) : Tensor();
    if (!tensor)
      continue;
    results.push_back(tensor.value);
    ports.push_back(portOf(node.name(), cast<OpResult>(fetch).getResultNumber(), tensor.dtype));
  }
  if (!failures.empty())
    return failure();
  auto end = OpBuilder::atBlockEnd(root.block);
  end.create<func::ReturnOp>(main.getLoc(), results);
  main.setType(builder.getFunctionType(main.getArgumentTypes(), ValueRange(results).getTypes()));
  for (auto [index, port] : llvm::enumerate(ports))
    main.setResultAttrs(index, port);
  return success();
}

LogicalResult GraphLowering::run() {
  makeArguments();
  require(graphOp.getFetch().getTensors());
  LogicalResult good = makeReturn();
  if (failed(good))
    reportUnknownOps(graphOp.getFetch().getTensors());
  return good;
}

// What stands behind a node that could not be lowered was not looked at: it is told as well.
void GraphLowering::reportUnknownOps(ValueRange wanted) {
  Values worklist(wanted);
  DenseSet<Value> seen(worklist.begin(), worklist.end());
  auto add = [&](ValueRange values) {
    for (Value value : values)
      if (seen.insert(value).second)
        worklist.push_back(value);
  };
  while (!worklist.empty()) {
    Node node = Node::of(worklist.pop_back_val());
    if (!node)
      continue;
    add(node.inputs());
    FuncOp called = findFunction(module, node.type());
    if (called)
      add(called.getFetch().getTensors());
    else if (!isInput(node) && (!isKnownOp(node.type()) || !exceptionOf(node.type()).empty()))
      lacksLowering(node);
    node.operation()->getAttrDictionary().walk([&](FuncAttr function) {
      if (FuncOp body = findFunction(module, function.getName().getValue()))
        add(body.getFetch().getTensors());
    });
  }
}

} // namespace firn::kernel
