#include "compiler/transforms/graph/BindPlaceholders.h"

#include <cmath>

#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_BINDPLACEHOLDERSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// Flattens nested arrays; false when they are not rectangular.
bool flatten(const llvm::json::Value &value, size_t depth, SmallVectorImpl<int64_t> &shape,
             SmallVectorImpl<const llvm::json::Value *> &leaves) {
  const llvm::json::Array *array = value.getAsArray();
  if (!array) {
    leaves.push_back(&value);
    return depth == shape.size();
  }
  if (depth == shape.size()) {
    if (!leaves.empty())
      return false;
    shape.push_back(array->size());
  } else if (shape[depth] != static_cast<int64_t>(array->size())) {
    return false;
  }
  return llvm::all_of(
      *array, [&](const llvm::json::Value &v) { return flatten(v, depth + 1, shape, leaves); });
}

// The element's text for `encodeElements`; "" when the type can't hold it without loss.
std::string elementText(const llvm::json::Value &value, Type type) {
  if (auto text = value.getAsString())
    return text->str();
  if (auto flag = value.getAsBoolean()) {
    if (type.isInteger(1))
      return *flag ? "true" : "false";
    return isa<IntegerType>(type) ? (*flag ? "1" : "0") : "";
  }
  std::optional<int64_t> integer = value.getAsInteger();
  if (type.isInteger(1))
    return integer == 0 ? "false" : integer == 1 ? "true" : "";
  if (isa<IntegerType>(type))
    return integer ? std::to_string(*integer) : "";
  auto floatType = dyn_cast<FloatType>(type);
  std::optional<double> number = value.getAsNumber();
  if (!floatType || !number)
    return "";
  llvm::APFloat rounded(*number);
  bool inexact;
  rounded.convert(floatType.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &inexact);
  if (rounded.isInfinity() || (inexact && integer))
    return "";
  SmallString<16> bits;
  rounded.bitcastToAPInt().toStringUnsigned(bits, 16);
  return ("0x" + bits).str();
}

// Words that JSON lacks.
std::optional<std::string> specialFloat(StringRef text, Type type) {
  auto floatType = dyn_cast<FloatType>(type);
  StringRef word = text;
  bool negative = word.consume_front("-");
  if (!floatType || (word != "nan" && word != "inf"))
    return std::nullopt;
  llvm::APFloat value = word == "nan"
                            ? llvm::APFloat::getQNaN(floatType.getFloatSemantics(), negative)
                            : llvm::APFloat::getInf(floatType.getFloatSemantics(), negative);
  SmallString<16> bits;
  value.bitcastToAPInt().toStringUnsigned(bits, 16);
  return ("0x" + bits).str();
}

} // namespace

bool isPlaceholder(Node node) {
  return node.isOneOf("Placeholder", "PlaceholderV2", "PlaceholderWithDefault");
}

TensorAttr parseTensorLiteral(StringRef text, Type elementType, std::string &why) {
  ParsedElements elements;
  SmallVector<int64_t> shape;
  std::string refusal =
      ("expected a value of type " + dataTypeText(elementType) + ", got " + text).str();
  if (std::optional<std::string> special = specialFloat(text, elementType)) {
    elements.list.push_back({*special, false});
  } else {
    llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(text);
    if (!parsed) {
      llvm::consumeError(parsed.takeError());
      if (!isString(elementType))
        return why = refusal, TensorAttr();
      parsed = llvm::json::Value(text);
    }
    SmallVector<const llvm::json::Value *> leaves;
    if (!flatten(*parsed, 0, shape, leaves))
      return why = refusal + ": rows of different lengths", TensorAttr();
    for (const llvm::json::Value *leaf : leaves) {
      std::string element = elementText(*leaf, elementType);
      if (element.empty() && !isString(elementType))
        return why = refusal + ": the type can't hold it without loss", TensorAttr();
      elements.list.push_back({element, leaf->getAsString().has_value()});
    }
  }
  std::string message;
  ScopedDiagnosticHandler handler(elementType.getContext(),
                                  [&](Diagnostic &) { return success(); });
  FailureOr<std::string> data = encodeElements(
      elements, elementType, [&] { return emitError(UnknownLoc::get(elementType.getContext())); });
  if (failed(data))
    return why = refusal + ": the type can't hold it without loss", TensorAttr();
  return TensorAttr::get(elementType.getContext(), RankedTensorType::get(shape, elementType),
                         TensorEncoding::Values, *data, {});
}

bool bindPlaceholder(Node placeholder, TensorAttr value, std::string &why) {
  Type type = placeholder.output(0).getType();
  if (failed(verifyCompatibleShape(type, value.getType()))) {
    llvm::raw_string_ostream(why) << "expected a value of type " << type << ", got "
                                  << value.getType();
    return false;
  }
  Builder builder(type.getContext());
  NodeState state("Const");
  state.outputs = {value.getType()};
  state.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(value.getElementType())),
                 builder.getNamedAttr("value", value)};
  replaceNode(placeholder, state);
  return true;
}

namespace {

struct BindPlaceholdersPass : impl::BindPlaceholdersPassBase<BindPlaceholdersPass> {
  using BindPlaceholdersPassBase::BindPlaceholdersPassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      for (const std::string &binding : bindings)
        if (failed(bind(graph, binding)))
          return signalPassFailure();
  }

  LogicalResult bind(GraphOp graph, StringRef binding) {
    auto [name, text] = binding.split('=');
    name.consume_back(":0");
    NodeIndex index(graph.getNodes());
    Node node = index.find(name);
    if (!node)
      return emitError(graph.getLoc())
             << "expected a placeholder to bind, got '" << name << "': there is no such node"
             << nearestText(name, placeholders(graph));
    if (!isPlaceholder(node))
      return emitError(node.operation()->getLoc())
             << "expected a placeholder to bind, got '" << name << "' (" << node.type() << ")"
             << nearestText(name, placeholders(graph));
    std::string why;
    TensorAttr value = parseTensorLiteral(text, node.elementType(0), why);
    if (!value || !bindPlaceholder(node, value, why))
      return emitError(graph.getLoc()) << "can't bind '" << name << "': " << why;
    return success();
  }

  std::vector<std::string> placeholders(GraphOp graph) {
    std::vector<std::string> names;
    for (Operation &op : graph.getNodes().without_terminator())
      if (isPlaceholder(Node(&op)))
        names.push_back(Node(&op).name().str());
    return names;
  }
};

} // namespace
} // namespace firn::graph
