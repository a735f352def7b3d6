// Variables and what is done to them: who reads, who writes, which branches never run.
#pragma once

#include "compiler/transforms/graph/Reachability.h"
#include "dialects/graph/Node.h"

namespace firn::graph {

/// Variable, VariableV2 or VarHandleOp.
bool isVariable(Node node);

/// The dtype and, where it is declared, the shape of a variable.
mlir::Type variableElementType(Node variable);
ShapeAttr variableShape(Node variable);

/// True for a node that only hands its tensor on: Identity, Switch, Merge, Enter, Exit,
/// NextIteration, their Ref forms and the like.
bool passesOn(Node node);

/// True when operand `index` of the node is a variable that the node writes (Assign, ScatterAdd,
/// ResourceApplyAdam, …).
bool writesOperand(Node node, unsigned index);

/// All that uses the buffer of one variable in its block: through refs or through its handle.
struct VariableUses {
  llvm::SmallVector<mlir::Operation *> reads, writes;
};
VariableUses usesOf(mlir::Value variable);

/// Nodes that never run because a Switch on their way has a constant predicate that takes the other
/// branch.
NodeSet deadNodes(mlir::Block &block);

} // namespace firn::graph
