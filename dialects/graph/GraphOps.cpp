#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Graph.h"
#include "dialects/graph/Node.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace firn::graph;

// `(producer = 27, min_consumer = 12)`: a dictionary whose integers are of 32 bits, without the
// types.
static ParseResult parseFields(OpAsmParser &parser, DictionaryAttr &fields) {
  NamedAttrList list;
  auto parseField = [&]() -> ParseResult {
    std::string name;
    int32_t value;
    if (parser.parseKeywordOrString(&name) || parser.parseEqual())
      return failure();
    OptionalParseResult integer = parser.parseOptionalInteger(value);
    Attribute attr;
    if (!integer.has_value()) {
      if (parser.parseAttribute(attr))
        return failure();
    } else if (failed(*integer)) {
      return failure();
    } else {
      attr = parser.getBuilder().getI32IntegerAttr(value);
    }
    list.append(name, attr);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseField))
    return failure();
  fields = list.getDictionary(parser.getContext());
  return success();
}

static void printFields(OpAsmPrinter &printer, GraphOp, DictionaryAttr fields) {
  printer << "(";
  llvm::interleaveComma(fields.getValue(), printer, [&](NamedAttribute field) {
    printer.printKeywordOrString(field.getName());
    printer << " = ";
    auto integer = dyn_cast<IntegerAttr>(field.getValue());
    if (integer && integer.getType().isInteger(32))
      printer << integer.getInt();
    else
      printer.printAttribute(field.getValue());
  });
  printer << ")";
}

#define GET_OP_CLASSES
#include "dialects/graph/GraphOps.cpp.inc"

// Every operation but the terminator must be a node: anything else could not be exported.
static LogicalResult verifyNodes(Operation *parent, Block &block) {
  for (Operation &op : block.without_terminator())
    if (!Node::isNode(&op))
      return op.emitOpError("expected a node of the graph dialect inside '")
             << parent->getName()
             << "', that is an operation whose last result is a !graph.control";
  if (block.empty() || !isa<FetchOp>(block.back()))
    return parent->emitOpError("expected 'graph.fetch' at the end of its block");
  return success();
}

RegionKind GraphOp::getRegionKind(unsigned) { return RegionKind::Graph; }
FetchOp GraphOp::getFetch() { return cast<FetchOp>(getNodes().back()); }
LogicalResult GraphOp::verify() { return verifyNodes(*this, getNodes()); }

RegionKind FuncOp::getRegionKind(unsigned) { return RegionKind::Graph; }
FetchOp FuncOp::getFetch() { return cast<FetchOp>(getNodes().back()); }

StringRef FuncOp::getArgName(unsigned index) {
  auto args = getSignature().getAs<ArrayAttr>("input_arg");
  return cast<DictionaryAttr>(args[index]).getAs<StringAttr>("name").getValue();
}

LogicalResult FuncOp::verify() {
  auto args = getSignature().getAs<ArrayAttr>("input_arg");
  size_t named = args ? args.size() : 0;
  if (named != getNumDataArgs())
    return emitOpError("expected one argument for each of the signature's ")
           << named << " inputs, got " << getNumDataArgs();
  for (unsigned i = 0; i < named; ++i) {
    auto arg = dyn_cast<DictionaryAttr>(args[i]);
    if (!arg || !arg.getAs<StringAttr>("name"))
      return emitOpError("expected a name for input ") << i << " of the signature";
  }
  return verifyNodes(*this, getNodes());
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  std::string name;
  SmallVector<OpAsmParser::Argument> args;
  DictionaryAttr signature;
  if (parser.parseString(&name) ||
      parser.parseArgumentList(args, AsmParser::Delimiter::Paren, /*allowType=*/true) ||
      parser.parseKeyword("signature") || parser.parseAttribute(signature) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseRegion(*result.addRegion(), args))
    return failure();
  result.addAttribute("func_name", parser.getBuilder().getStringAttr(name));
  result.addAttribute("signature", signature);
  return success();
}

void FuncOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printer.printAttribute(getFuncNameAttr());
  printer << " (";
  llvm::interleaveComma(getNodes().getArguments(), printer,
                        [&](BlockArgument arg) { printer.printRegionArgument(arg); });
  printer << ") signature ";
  printer.printAttribute(getSignature());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {"func_name", "signature"});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult FetchOp::verify() {
  for (Value tensor : getTensors())
    if (!isa<TensorType>(tensor.getType()))
      return emitOpError("expected tensors in parentheses, got ") << tensor.getType();
  return success();
}
