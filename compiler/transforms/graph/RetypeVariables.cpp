#include "compiler/transforms/graph/RetypeVariables.h"

#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Reachability.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Signature.h"
#include "dialects/graph/TensorValues.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
namespace {

// The op that does for a value what a Ref op does for a reference; "" for other ops.
StringRef valueForm(Node node) {
  StringRef type = node.type();
  for (StringRef base : {"Identity", "Switch", "Merge", "Enter", "Exit", "NextIteration"})
    if (type == ("Ref" + base).str())
      return base;
  return "";
}

SmallVector<NamedAttribute> nodeAttrs(Node node) {
  SmallVector<NamedAttribute> attrs;
  for (NamedAttribute attr : node.operation()->getAttrs())
    if (StringRef name = toNodeAttr(attr.getName()); !name.empty())
      attrs.push_back({StringAttr::get(attr.getName().getContext(), name), attr.getValue()});
  return attrs;
}

NamedAttribute typeAttr(StringRef name, Type type) {
  return {StringAttr::get(type.getContext(), name), TypeAttr::get(type)};
}

// Colocation constraints stay, as TensorFlow's own tool keeps them.
void keepClass(Node node, NodeState &state) {
  if (Attribute locations = node.attr(kClassAttr))
    state.attrs.push_back({StringAttr::get(locations.getContext(), kClassAttr), locations});
}

// What ordered the read of a variable orders nothing for a constant, but for checks and prints that
// have to run.
SmallVector<Value> controlsWithEffects(Node node) {
  SmallVector<Value> kept;
  for (Value control : node.controls())
    if (llvm::any_of(nodesBehind(control), [](Operation *behind) {
          const OpSignature *op = lookupOp(Node(behind).type());
          return !op || op->effect == OpEffect::Other;
        }))
      kept.push_back(control);
  return kept;
}

bool isCall(Node node) {
  return llvm::any_of(node.operation()->getAttrs(), [](NamedAttribute attr) {
    auto list = dyn_cast<ArrayAttr>(attr.getValue());
    return isa<FuncAttr>(attr.getValue()) || (list && !list.empty() && isa<FuncAttr>(list[0]));
  });
}

// The first operand that is an argument of the functions called.
unsigned firstArgument(Node node) {
  return node.isOneOf("If", "StatelessIf", "Case", "StatelessCase") ? 1 : 0;
}

} // namespace

LogicalResult VariableRetyper::run() {
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    SmallVector<std::pair<Operation *, unsigned>> uses;
    for (OpOperand &use : value.getUses())
      uses.push_back({use.getOwner(), use.getOperandNumber()});
    for (auto [owner, operand] : uses) {
      // A node that was replaced when its first operand was visited has none of the old uses.
      if (!llvm::is_contained(value.getUsers(), owner))
        continue;
      if (failed(visit(owner->getOpOperand(operand))))
        return failure();
    }
  }
  settleReturns();
  if (problems.empty())
    return success();
  InFlightDiagnostic error =
      emitError(module.getLoc())
      << "expected readers of variables, got nodes that take a variable in another way";
  for (const std::string &problem : problems)
    error.attachNote() << problem;
  return error;
}

LogicalResult VariableRetyper::visit(OpOperand &use) {
  if (!Node::isNode(use.getOwner()))
    return success();
  Node node(use.getOwner());
  unsigned operand = use.getOperandNumber();
  if (node.is("IsVariableInitialized"))
    return constantTrue(node), success();
  if (StringRef form = valueForm(node); !form.empty()) {
    NodeState state(form);
    llvm::append_range(state.inputs, node.inputs());
    llvm::append_range(state.controls, node.controls());
    state.attrs = nodeAttrs(node);
    for (Type type : node.outputs().getTypes())
      state.outputs.push_back(
          withElementType(type, valueType(cast<ShapedType>(type).getElementType())));
    for (Value output : replaceNode(node, state).outputs())
      add(output);
    return success();
  }
  // What took the reference's value takes the value as it is.
  auto t = node.attr<TypeAttr>("T");
  bool tookHandle = (t && isResource(t.getValue())) || node.attr<TypeAttr>("dtype") ||
                    isCall(node) ||
                    node.isOneOf("IdentityN", "_SwitchN", "VariableShape", "VarIsInitializedOp");
  if (!tookHandle)
    return success();
  return visitHandle(node, operand);
}

LogicalResult VariableRetyper::visitHandle(Node node, unsigned operand) {
  if (node.is("ReadVariableOp"))
    return read(node), success();
  if (node.isOneOf("ResourceGather", "ResourceGatherNd") && operand == 0)
    return gather(node), success();
  if (node.is("VarIsInitializedOp"))
    return constantTrue(node), success();
  if (node.is("VariableShape")) {
    NodeState state("Shape");
    state.inputs = {node.input(0)};
    llvm::append_range(state.controls, node.controls());
    state.attrs = nodeAttrs(node);
    state.attrs.push_back(typeAttr("T", elementTypeOf(node.input(0))));
    return replaceNode(node, state), success();
  }
  if (node.isOneOf("Identity", "Switch", "Merge", "Enter", "Exit", "NextIteration", "StopGradient"))
    return takeType(node, operand), success();
  if (node.isOneOf("IdentityN", "_SwitchN"))
    return passOnList(node, operand), success();
  if (isCall(node))
    return visitCall(node);
  // A node of another op with a `dtype` of its own took the value of a reference; one that took a
  // handle can't be frozen.
  auto signature = resolveSignature(node, module);
  if (!signature || operand >= signature->inputs.size() || isResource(signature->inputs[operand]))
    problems.push_back(("'" + node.name() + "' (" + node.type() + ") takes the variable '" +
                        Node::of(node.input(operand)).name() + "' by its handle")
                           .str());
  return success();
}

// Switch, Merge and the like: one dtype for inputs and outputs.
void VariableRetyper::takeType(Node node, unsigned operand) {
  Type dtype = elementTypeOf(node.input(operand));
  node.setAttr("T", TypeAttr::get(dtype));
  node.removeAttr(kOutputShapesAttr);
  for (Value output : node.outputs())
    if (isResource(elementTypeOf(output))) {
      output.setType(UnrankedTensorType::get(dtype));
      add(output);
    }
}

void VariableRetyper::passOnList(Node node, unsigned operand) {
  Type dtype = elementTypeOf(node.input(operand));
  if (auto types = node.attr<ArrayAttr>("T"); types && operand < types.size()) {
    SmallVector<Attribute> list(types.getValue());
    list[operand] = TypeAttr::get(dtype);
    node.setAttr("T", ArrayAttr::get(dtype.getContext(), list));
  } else if (node.attr<TypeAttr>("T")) {
    return takeType(node, operand);
  }
  node.output(operand).setType(UnrankedTensorType::get(dtype));
  add(node.output(operand));
}

void VariableRetyper::read(Node node) {
  NodeState state("Identity");
  state.inputs = {node.input(0)};
  state.controls = controlsWithEffects(node);
  state.attrs = {typeAttr("T", elementTypeOf(node.input(0)))};
  keepClass(node, state);
  replaceNode(node, state);
}

void VariableRetyper::gather(Node node) {
  bool nd = node.is("ResourceGatherNd");
  Type dtype = elementTypeOf(node.input(0)), indices = elementTypeOf(node.input(1));
  auto batchDims = node.attr<IntegerAttr>("batch_dims");
  NodeState state(nd ? "GatherNd" : "GatherV2");
  state.inputs = {node.input(0), node.input(1)};
  state.controls = controlsWithEffects(node);
  state.attrs = {typeAttr("Tparams", dtype), typeAttr("Tindices", indices)};
  keepClass(node, state);
  if (!nd) {
    OpBuilder builder(node.operation());
    NodeIndex index(*node.operation()->getBlock());
    int64_t axis = batchDims ? batchDims.getInt() : 0;
    NodeState axisState("Const");
    axisState.name = index.unique((node.name() + "/axis").str());
    axisState.outputs = {RankedTensorType::get({}, indices)};
    axisState.attrs = {typeAttr("dtype", indices),
                       {builder.getStringAttr("value"), makeIntegerTensor(indices, {}, {axis})}};
    axisState.device = node.operation()->getAttrOfType<StringAttr>(kDeviceAttr);
    // In a loop or a branch the handle came through Enter or Switch; the constant has to stand
    // there, too.
    if (Node params = Node::of(node.input(0)); params && !params.is("Const"))
      axisState.controls.push_back(params.control());
    state.inputs.push_back(createNode(builder, node.operation()->getLoc(), axisState).output(0));
    state.attrs.push_back(typeAttr("Taxis", indices));
    if (axis != 0)
      state.attrs.push_back({builder.getStringAttr("batch_dims"), batchDims});
  }
  replaceNode(node, state);
}

// A frozen variable is initialised.
void VariableRetyper::constantTrue(Node node) {
  Builder b(node.operation()->getContext());
  NodeState state("Const");
  llvm::append_range(state.controls, node.controls());
  if (Node variable = Node::of(node.input(0)); variable && !variable.is("Const"))
    state.controls.push_back(variable.control());
  state.attrs = {typeAttr("dtype", b.getI1Type()),
                 {b.getStringAttr("value"), makeIntegerTensor(b.getI1Type(), {}, {1})}};
  replaceNode(node, state);
}

// The signature of an argument or result that is a value now.
static DictionaryAttr valueArg(DictionaryAttr arg, Type type) {
  NamedAttrList fields(arg);
  fields.set("type", Builder(arg.getContext()).getI32IntegerAttr(numberFromType(type)));
  fields.erase("handle_data");
  fields.erase("experimental_full_type");
  return fields.getDictionary(arg.getContext());
}

static void setSignatureArgs(FuncOp function, StringRef list, ArrayRef<Attribute> args) {
  NamedAttrList signature(function.getSignature());
  signature.set(list, ArrayAttr::get(function.getContext(), args));
  function.setSignatureAttr(signature.getDictionary(function.getContext()));
}

// A copy of `function` whose arguments `types` are values; one copy for all calls that need the
// same.
FuncOp VariableRetyper::specialise(FuncOp function, const ArgTypes &types) {
  std::string key = function.getFuncName().str();
  for (auto [arg, type] : types)
    key += "#" + std::to_string(arg) + dataTypeText(type);
  auto [it, isNew] = specialised.try_emplace(key);
  if (!isNew)
    return it->second;
  OpBuilder builder(function);
  builder.setInsertionPointAfter(function);
  std::string name = (function.getFuncName() + "_frozen").str();
  for (unsigned i = 1; findFunction(module, name); ++i)
    name = (function.getFuncName() + "_frozen_" + Twine(i)).str();
  auto copy = cast<FuncOp>(builder.clone(*function));
  it->second = copy;
  copy.setFuncName(name);
  SmallVector<Attribute> args(copy.getSignature().getAs<ArrayAttr>("input_arg").getValue());
  for (auto [arg, type] : types) {
    args[arg] = valueArg(cast<DictionaryAttr>(args[arg]), type);
    BlockArgument value = copy.getNodes().getArgument(arg);
    value.setType(UnrankedTensorType::get(type));
    add(value);
  }
  setSignatureArgs(copy, "input_arg", args);
  if (auto extra = copy.getExtra()) {
    // Which resource of the caller an argument stands for says nothing of a value.
    NamedAttrList fields(*extra);
    fields.erase("resource_arg_unique_id");
    copy.setExtraAttr(fields.getDictionary(module.getContext()));
  }
  return copy;
}

// A function that hands an argument back (the body of a loop) yields a value now.
void VariableRetyper::settleReturns() {
  for (auto &entry : specialised) {
    FuncOp function = entry.second;
    auto outputs = function.getSignature().getAs<ArrayAttr>("output_arg");
    if (!outputs)
      continue;
    SmallVector<Attribute> args(outputs.getValue());
    for (auto [i, value] : llvm::enumerate(function.getFetch().getTensors())) {
      auto arg = cast<DictionaryAttr>(args[i]);
      auto declared = arg.getAs<IntegerAttr>("type");
      Type type = elementTypeOf(value);
      if (declared && declared.getInt() == DT_RESOURCE && !isResource(type))
        args[i] = valueArg(arg, type);
    }
    setSignatureArgs(function, "output_arg", args);
  }
}

LogicalResult VariableRetyper::visitCall(Node node) {
  unsigned first = firstArgument(node);
  ArgTypes values;
  for (auto [i, input] : llvm::enumerate(node.inputs()))
    if (i >= first && !isResource(elementTypeOf(input)))
      values.push_back({i - first, elementTypeOf(input)});
  for (StringRef listName : {"Tin", "T"})
    if (auto types = node.attr<ArrayAttr>(listName)) {
      SmallVector<Attribute> list(types.getValue());
      for (auto [arg, type] : values)
        if (arg < list.size())
          list[arg] = TypeAttr::get(type);
      node.setAttr(listName, ArrayAttr::get(module.getContext(), list));
    }
  auto specialiseAttr = [&](Attribute attr) -> Attribute {
    auto func = dyn_cast<FuncAttr>(attr);
    FuncOp function = func ? findFunction(module, func.getName().getValue()) : FuncOp();
    if (!function)
      return attr;
    ArgTypes changed;
    for (auto [arg, type] : values)
      if (arg < function.getNumDataArgs() &&
          isResource(elementTypeOf(function.getNodes().getArgument(arg))))
        changed.push_back({arg, type});
    if (changed.empty())
      return attr;
    return FuncAttr::get(module.getContext(), specialise(function, changed).getFuncNameAttr(),
                         func.getAttrs());
  };
  for (NamedAttribute attr : SmallVector<NamedAttribute>(node.operation()->getAttrs())) {
    if (isa<FuncAttr>(attr.getValue())) {
      node.operation()->setAttr(attr.getName(), specialiseAttr(attr.getValue()));
    } else if (auto list = dyn_cast<ArrayAttr>(attr.getValue());
               list && !list.empty() && isa<FuncAttr>(list[0])) {
      SmallVector<Attribute> copies;
      llvm::transform(list, std::back_inserter(copies), specialiseAttr);
      node.operation()->setAttr(attr.getName(), ArrayAttr::get(module.getContext(), copies));
    }
  }
  // A loop hands its handles round and out again.
  if (node.isOneOf("While", "StatelessWhile"))
    for (auto [arg, type] : values)
      if (Value output = node.output(arg); isResource(elementTypeOf(output))) {
        output.setType(UnrankedTensorType::get(type));
        add(output);
      }
  return success();
}

} // namespace firn::graph
