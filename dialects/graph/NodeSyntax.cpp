#include "dialects/graph/NodeSyntax.h"

#include "dialects/graph/Node.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace firn::graph {
namespace {

std::string ssaName(StringRef name) {
  std::string text = name.str();
  for (char &c : text)
    if (!llvm::isAlnum(c))
      c = '_';
  return text;
}

struct NodeAsmModel : OpAsmOpInterface::FallbackModel<NodeAsmModel> {
  void getAsmResultNames(Operation *op, OpAsmSetValueNameFn setName) const {
    if (!Node::isNode(op) || Node(op).name().empty())
      return;
    std::string name = ssaName(Node(op).name());
    for (OpResult result : op->getResults()) {
      unsigned index = result.getResultNumber();
      if (index + 1 == op->getNumResults())
        setName(result, name + "_ctl");
      else
        setName(result, index ? name + "_" + std::to_string(index) : name);
    }
  }
  void getAsmBlockArgumentNames(Operation *, Region &, OpAsmSetValueNameFn) const {}
  void getAsmBlockNames(Operation *, OpAsmSetBlockNameFn) const {}
  static StringRef getDefaultDialect() { return ""; }
};

ParseResult parseQuoted(OpAsmParser &parser, StringRef keyword, StringRef attr,
                        OperationState &result) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  std::string text;
  if (parser.parseLParen() || parser.parseString(&text) || parser.parseRParen())
    return failure();
  result.addAttribute(attr, parser.getBuilder().getStringAttr(text));
  return success();
}

} // namespace

void *nodeAsmInterface() {
  static NodeAsmModel model;
  return static_cast<OpAsmOpInterface::Concept *>(&model);
}

bool hasNodeSyntax(Operation *op) {
  StringRef name = op->getName().getStringRef();
  if (!Node::isNode(op) || op->getNumRegions() || op->getNumSuccessors() ||
      !op->getAttrOfType<StringAttr>(kNameAttr) || !llvm::all_of(name, [](char c) {
        return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.';
      }))
    return false;
  return llvm::none_of(Node(op).inputs(), isControl) &&
         llvm::none_of(op->getResults().drop_back(), [](Value v) { return isControl(v); });
}

ParseResult parseNode(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::UnresolvedOperand> inputs, controls;
  FunctionType type;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseOperandList(inputs, OpAsmParser::Delimiter::OptionalParen) ||
      parser.parseOperandList(controls, OpAsmParser::Delimiter::OptionalSquare) ||
      parseQuoted(parser, "device", kDeviceAttr, result) ||
      parseQuoted(parser, "name", kNameAttr, result) ||
      parser.parseOptionalAttrDict(result.attributes) || parser.parseColonType(type))
    return failure();
  auto controlType = ControlType::get(parser.getContext());
  if (parser.resolveOperands(inputs, type.getInputs(), loc, result.operands) ||
      parser.resolveOperands(controls, controlType, result.operands))
    return failure();
  result.addTypes(type.getResults());
  result.addTypes(controlType);
  return success();
}

void printNode(Operation *op, OpAsmPrinter &printer) {
  Node node(op);
  if (node.numInputs()) {
    printer << "(";
    printer.printOperands(node.inputs());
    printer << ")";
  }
  if (!node.controls().empty()) {
    printer << " [";
    printer.printOperands(node.controls());
    printer << "]";
  }
  if (auto device = op->getAttrOfType<StringAttr>(kDeviceAttr)) {
    printer << " device(";
    printer.printAttribute(device);
    printer << ")";
  }
  printer << " name(";
  printer.printAttribute(op->getAttrOfType<StringAttr>(kNameAttr));
  printer << ")";
  SmallVector<StringRef> elided{kNameAttr};
  if (op->getAttrOfType<StringAttr>(kDeviceAttr))
    elided.push_back(kDeviceAttr);
  printer.printOptionalAttrDict(op->getAttrs(), elided);
  printer << " : ";
  printer.printFunctionalType(node.inputs().getTypes(), node.outputs().getTypes());
}

} // namespace firn::graph
