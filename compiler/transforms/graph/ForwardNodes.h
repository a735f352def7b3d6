// Taking a node out of a graph: its users get other values, what is fetched keeps its name.
#pragma once

#include "dialects/graph/Node.h"

namespace firn::graph {

/// Replaces each output of `node` by the value of the same index and its control token by `control`
/// (null: the uses of the token are dropped), and erases the node. Where an output is fetched, the
/// node stays under its name as an Identity (of several outputs: IdentityN) of the values.
/// A null value is allowed for an output that nothing uses.
void forwardNode(Node node, llvm::ArrayRef<mlir::Value> values, mlir::Value control);

/// True when an output of the node is fetched.
bool isFetched(Node node);

/// Removes one use of a control token: the operand goes.
void dropControlUse(mlir::OpOperand &use);
/// Removes all uses of a control token.
void dropControlUses(mlir::Value token);
/// Adds a control input, unless the node has it or it comes from the node itself.
void addControl(Node node, mlir::Value token);

} // namespace firn::graph
