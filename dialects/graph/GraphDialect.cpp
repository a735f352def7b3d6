#include "dialects/graph/Graph.h"

#include "dialects/graph/DataTypes.h"
#include "dialects/graph/NodeSyntax.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace firn::graph;

#include "dialects/graph/GraphDialect.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/graph/GraphTypes.cpp.inc"

void GraphDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/graph/GraphTypes.cpp.inc"
      >();
}

void GraphDialect::initialize() {
  registerTypes();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/graph/GraphOps.cpp.inc"
      >();
  allowUnknownOperations();
}

std::optional<Dialect::ParseOpHook> GraphDialect::getParseOperationHook(StringRef opName) const {
  return ParseOpHook(parseNode);
}

llvm::unique_function<void(Operation *, OpAsmPrinter &)>
GraphDialect::getOperationPrinter(Operation *op) const {
  if (!hasNodeSyntax(op))
    return nullptr;
  return printNode;
}

void *GraphDialect::getRegisteredInterfaceForOp(TypeID interfaceID, OperationName opName) {
  // The registered operations answer for themselves: an answer for `graph.graph` here would let
  // clean-ups misjudge it.
  if (interfaceID == OpAsmOpInterface::getInterfaceID() && !opName.isRegistered())
    return nodeAsmInterface();
  return nullptr;
}

Type DataTypeType::parse(AsmParser &parser) {
  int number = 0;
  if (parser.parseLess())
    return {};
  OptionalParseResult integer = parser.parseOptionalInteger(number);
  if (integer.has_value()) {
    if (failed(*integer))
      return {};
  } else {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return {};
    number = DT_INVALID;
    for (int candidate : {-1, 7, 11, 12, 13, 15, 16, 20, 21})
      if (dataTypeMnemonic(candidate) == name)
        number = candidate;
    if (number == DT_INVALID) {
      parser.emitError(loc) << "unknown element type '" << name << "'";
      return {};
    }
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), number);
}

void DataTypeType::print(AsmPrinter &printer) const {
  StringRef name = dataTypeMnemonic(getNumber());
  printer << "<";
  if (name.empty())
    printer << getNumber();
  else
    printer << name;
  printer << ">";
}
