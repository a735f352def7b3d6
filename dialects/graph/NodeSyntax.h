// How a node is written: `graph.Op(%inputs) [%controls] device("…") name("…") {attributes} :
// (types) -> types`.
#pragma once

#include "mlir/IR/OpImplementation.h"

namespace firn::graph {

/// False for what only the generic form can show: op types outside [A-Za-z0-9_$.], operands out of
/// order, no name.
bool hasNodeSyntax(mlir::Operation *op);
mlir::ParseResult parseNode(mlir::OpAsmParser &parser, mlir::OperationState &result);
void printNode(mlir::Operation *op, mlir::OpAsmPrinter &printer);

/// The OpAsmOpInterface model by which values print under their nodes' names, `%fc1_W, %fc1_W_ctl`.
void *nodeAsmInterface();

} // namespace firn::graph
