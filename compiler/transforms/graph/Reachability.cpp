#include "compiler/transforms/graph/Reachability.h"

using namespace mlir;

namespace firn::graph {

NodeSet nodesBehind(ValueRange values, bool throughControls) {
  NodeSet seen;
  SmallVector<Operation *> worklist;
  auto visit = [&](Value value) {
    Operation *op = value.getDefiningOp();
    if (op && (throughControls || !isControl(value)) && seen.insert(op).second)
      worklist.push_back(op);
  };
  llvm::for_each(values, visit);
  while (!worklist.empty())
    llvm::for_each(worklist.pop_back_val()->getOperands(), visit);
  return seen;
}

NodeSet nodesAfter(ValueRange values) {
  NodeSet seen;
  SmallVector<Operation *> worklist;
  auto visit = [&](Operation *user) {
    if (Node::isNode(user) && seen.insert(user).second)
      worklist.push_back(user);
  };
  for (Value value : values)
    llvm::for_each(value.getUsers(), visit);
  while (!worklist.empty())
    llvm::for_each(worklist.pop_back_val()->getUsers(), visit);
  return seen;
}

void eraseNodes(ArrayRef<Operation *> nodes) {
  for (Operation *op : nodes)
    op->dropAllReferences();
  for (Operation *op : nodes)
    op->erase();
}

void eraseUnreachable(Block &block) {
  NodeSet needed = nodesBehind(block.getTerminator()->getOperands());
  SmallVector<Operation *> dead;
  for (Operation &op : block.without_terminator())
    if (!needed.contains(&op))
      dead.push_back(&op);
  eraseNodes(dead);
}

} // namespace firn::graph
