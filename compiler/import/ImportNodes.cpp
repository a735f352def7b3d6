#include "compiler/import/ImportNodes.h"

#include "compiler/import/ImportAttr.h"
#include "compiler/import/MessageToAttr.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace firn::graph;
using tensorflow::NodeDef;

namespace firn {
namespace {

constexpr int64_t kMaxOutputs = 1 << 16;

ArgSpec specOf(const tensorflow::OpDef::ArgDef &arg) {
  return {arg.name(),        arg.type(),           arg.type_attr(),
          arg.number_attr(), arg.type_list_attr(), arg.is_ref()};
}

SmallVector<ArgSpec>
specsOf(const google::protobuf::RepeatedPtrField<tensorflow::OpDef::ArgDef> &args) {
  SmallVector<ArgSpec> specs;
  for (const auto &arg : args)
    specs.push_back(specOf(arg));
  return specs;
}

// Advisory result shapes that the message itself tells.
Type resultType(const NodeDef &node, unsigned index, Type elementType) {
  auto it = node.attr().find(kOutputShapesAttr.str());
  if (it != node.attr().end() && static_cast<int>(index) < it->second.list().shape_size())
    return tensorTypeOf(elementType, it->second.list().shape(index));
  if (index == 0) {
    it = node.attr().find("value");
    if (node.op() == "Const" && it != node.attr().end() && it->second.tensor().has_tensor_shape())
      return tensorTypeOf(elementType, it->second.tensor().tensor_shape());
    it = node.attr().find("shape");
    bool declares = node.op() == "Placeholder" || node.op() == "PlaceholderWithDefault" ||
                    node.op() == "VariableV2" || node.op() == "Variable";
    // Before producer 22 a placeholder's `shape {}` meant "unknown"; an advisory type must not say
    // more than is known.
    if (declares && it != node.attr().end() && it->second.shape().dim_size())
      return tensorTypeOf(elementType, it->second.shape());
  }
  return UnrankedTensorType::get(elementType);
}

} // namespace

std::tuple<bool, StringRef, StringRef> splitEdge(StringRef edge) {
  bool control = edge.consume_front("^");
  auto [name, rest] = edge.split(':');
  return {control, name, rest};
}

NodeImporter::NodeImporter(Block *block, bool isFunction, FindFunction findFunction,
                           FindExternal findExternal)
    : builder(OpBuilder::atBlockEnd(block)), isFunction(isFunction),
      findFunction(std::move(findFunction)), findExternal(std::move(findExternal)) {}

void NodeImporter::addArgument(StringRef name, Value value, Value control) {
  Entry &entry = entries[name];
  entry.argument = value;
  entry.argumentControl = control;
}

LogicalResult NodeImporter::import(const google::protobuf::RepeatedPtrField<NodeDef> &nodes,
                                   Location file) {
  collectOpaqueOutputs(nodes);
  auto isWanted = [&](int index) { return !wanted || (*wanted)[index]; };
  for (int i = 0; i < nodes.size(); ++i)
    if (isWanted(i) && failed(create(nodes[i], i, file)))
      return failure();
  for (int i = 0; i < nodes.size(); ++i)
    if (isWanted(i) && failed(connect(nodes[i])))
      return failure();
  return success();
}

void NodeImporter::collectOpaqueOutputs(const google::protobuf::RepeatedPtrField<NodeDef> &nodes) {
  for (const NodeDef &node : nodes)
    if (!lookupOp(node.op()))
      opaqueOutputs.try_emplace(node.name());
  if (opaqueOutputs.empty())
    return;
  auto collect = [&](StringRef edge) {
    auto [control, name, rest] = splitEdge(edge);
    auto it = opaqueOutputs.find(name);
    if (!control && it != opaqueOutputs.end() && !llvm::is_contained(it->second, rest))
      it->second.push_back(rest.str());
  };
  for (const NodeDef &node : nodes)
    llvm::for_each(node.input(), collect);
  llvm::for_each(outsideUses, collect);
}

LogicalResult NodeImporter::addResultTypes(const NodeDef &node, OperationState &state,
                                           Entry &entry) {
  MLIRContext *context = builder.getContext();
  auto lookup = [&](StringRef name) -> Attribute {
    auto it = node.attr().find(name.str());
    return it == node.attr().end() ? Attribute() : importAttr(context, it->second);
  };
  std::optional<ResolvedSignature> signature;
  if (const OpSignature *op = lookupOp(node.op()))
    signature = resolveSignature(context, *op, lookup);
  else if (const tensorflow::OpDef *function = findFunction(node.op()))
    signature = resolveSignature(context, specsOf(function->input_arg()),
                                 specsOf(function->output_arg()), lookup);
  if (signature) {
    for (auto [index, type] : llvm::enumerate(signature->outputs))
      state.addTypes(resultType(node, index, type));
    unsigned first = 0;
    for (auto [name, count] : signature->outputGroups) {
      entry.outputs.emplace_back(name.str(), first, count);
      first += count;
    }
    return success();
  }
  Type opaque = UnrankedTensorType::get(typeFromNumber(context, DT_OPAQUE));
  const SmallVector<std::string> &used = opaqueOutputs[node.name()];
  if (isFunction) {
    state.types.append(used.size(), opaque);
    if (!used.empty())
      state.addAttribute(kOutputNamesAttr,
                         builder.getStrArrayAttr(SmallVector<StringRef>(used.begin(), used.end())));
    return success();
  }
  int64_t count = 1;
  for (StringRef text : used) {
    int64_t output = 0;
    if (text.empty() || text.getAsInteger(10, output) || output < 0)
      continue;
    if (output >= kMaxOutputs)
      return emitError(state.location)
             << "expected an output number below " << kMaxOutputs << ", got " << output;
    count = std::max(count, output + 1);
  }
  state.types.append(count, opaque);
  return success();
}

LogicalResult NodeImporter::create(const NodeDef &node, int index, Location file) {
  MLIRContext *context = builder.getContext();
  auto loc = NameLoc::get(builder.getStringAttr(node.name()), file);
  if (node.op().empty())
    return emitError(loc) << "expected an op, got node '" << node.name() << "' without one";
  if (node.name().empty())
    return emitError(file) << "expected a name for each node, got none for node " << index << " ("
                           << node.op() << ")";
  auto [it, isNew] = entries.try_emplace(node.name());
  if (!isNew)
    return emitError(loc) << "expected unique names, got '" << node.name() << "' twice";

  OperationState state(loc, toOperationName(node.op()));
  if (failed(addResultTypes(node, state, it->second)))
    return failure();
  state.addTypes(ControlType::get(context));
  state.addAttribute(kNameAttr, builder.getStringAttr(node.name()));
  if (!node.device().empty())
    state.addAttribute(kDeviceAttr, builder.getStringAttr(node.device()));
  for (const auto &[name, value] : node.attr()) {
    if (name.empty())
      return emitError(loc) << "expected a name for each attribute, got an empty one";
    if (!keepOutputShapes && name == kOutputShapesAttr)
      continue;
    const Extent *external =
        findExternal && value.has_tensor() ? findExternal(index, name) : nullptr;
    Attribute attr =
        external ? importTensor(context, value.tensor(), external) : importAttr(context, value);
    state.addAttribute(toAttrName(name), attr);
  }
  DictionaryAttr extra = messageToAttr(context, node, {1, 2, 3, 4, 5});
  if (!extra.empty())
    state.addAttribute(kExtraAttr, extra);
  it->second.op = builder.create(state);
  return success();
}

LogicalResult NodeImporter::connect(const NodeDef &node) {
  Operation *op = entries[node.name()].op;
  SmallVector<Value> operands;
  bool canonical = true;
  for (const std::string &input : node.input()) {
    Value value = resolve(input, op->getLoc());
    if (!value)
      return failure();
    if (!isControl(value) && !operands.empty() && isControl(operands.back()))
      return emitError(op->getLoc()) << "expected tensors before control inputs, got '" << input
                                     << "' after '" << edgeText(operands.back()) << "'";
    operands.push_back(value);
    canonical &= isCanonical(input, value);
  }
  op->setOperands(operands);
  if (!canonical)
    op->setAttr(kSpellingAttr, builder.getStrArrayAttr(SmallVector<StringRef>(node.input().begin(),
                                                                              node.input().end())));
  return success();
}

bool NodeImporter::isCanonical(StringRef edge, Value value) const {
  // The edge was resolved, so its name is right; what is left to compare is how it spells the
  // output.
  auto [control, name, rest] = splitEdge(edge);
  if (control || isa<BlockArgument>(value))
    return rest.empty();
  if (!isFunction && rest.empty())
    return true;
  if (isFunction && value.getDefiningOp()->hasAttr(kOutputNamesAttr))
    return true;
  StringRef position = isFunction ? rest.split(':').second : rest;
  bool isFirst = position == "0";
  bool isNumber = !position.empty() && llvm::all_of(position, llvm::isDigit) &&
                  (isFirst || position.front() != '0');
  return isNumber && (isFunction || !isFirst);
}

Value NodeImporter::resolve(StringRef edge, Location loc) {
  auto [control, name, rest] = splitEdge(edge);
  auto it = entries.find(name);
  if (it == entries.end()) {
    emitError(loc) << "expected an input that is in the graph, got '" << edge
                   << "': there is no node '" << name << "'";
    return {};
  }
  const Entry &entry = it->second;
  if (control) {
    if (!rest.empty()) {
      emitError(loc) << "expected a control input '^" << name << "', got '" << edge << "'";
      return {};
    }
    return entry.op ? entry.op->getResults().back() : entry.argumentControl;
  }
  if (!entry.op && (rest.empty() || rest == "0"))
    return entry.argument;
  return resolveOutput(entry, edge, name, rest, loc);
}

Value NodeImporter::resolveOutput(const Entry &entry, StringRef edge, StringRef name,
                                  StringRef rest, Location loc) {
  unsigned count = entry.op ? entry.op->getNumResults() - 1 : 1;
  unsigned index = 0;
  bool found = false;
  if (!isFunction) {
    found = rest.empty() || !rest.getAsInteger(10, index);
  } else if (entry.op) {
    if (auto names = entry.op->getAttrOfType<ArrayAttr>(kOutputNamesAttr)) {
      const auto *it = llvm::find(names, builder.getStringAttr(rest));
      found = it != names.end();
      index = it - names.begin();
    }
    auto [outputName, position] = rest.split(':');
    unsigned offset = 0;
    for (const auto &[candidate, first, length] : entry.outputs)
      if (candidate == outputName &&
          (position.empty() ? length == 1
                            : !position.getAsInteger(10, offset) && offset < length)) {
        found = true;
        index = first + offset;
      }
  }
  if (found && index < count && entry.op)
    return entry.op->getResult(index);
  InFlightDiagnostic error = emitError(loc)
                             << "expected an output that the node has, got '" << edge << "': ";
  if (entry.op)
    error << "'" << name << "' (" << Node(entry.op).type() << ") has " << count << " outputs";
  else
    error << "'" << name << "' is an argument";
  return {};
}

} // namespace firn
