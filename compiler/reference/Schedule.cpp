#include "compiler/reference/Schedule.h"

using namespace mlir;

namespace firn::reference {

bool isAvailable(Value value, const Feeds &feeds) {
  if (isa<BlockArgument>(value) || feeds.count(value))
    return true;
  return graph::isControl(value) &&
         llvm::any_of(graph::Node::of(value).outputs(), [&](Value v) { return feeds.count(v); });
}

NodeSet neededNodes(ArrayRef<Value> fetches, const Feeds &feeds) {
  NodeSet needed;
  std::vector<Operation *> worklist;
  auto visit = [&](Value value) {
    if (!isAvailable(value, feeds) && needed.insert(value.getDefiningOp()).second)
      worklist.push_back(value.getDefiningOp());
  };
  llvm::for_each(fetches, visit);
  while (!worklist.empty()) {
    Operation *op = worklist.back();
    worklist.pop_back();
    llvm::for_each(op->getOperands(), visit);
  }
  return needed;
}

bool isFlow(graph::Node node, StringRef type) {
  StringRef op = node.type();
  return op == type || (op.consume_front("Ref") && op == type);
}

llvm::StringMap<unsigned> countEnters(const NodeSet &nodes) {
  llvm::StringMap<unsigned> counts;
  for (Operation *op : nodes) {
    graph::Node node(op);
    auto name = node.attr<StringAttr>("frame_name");
    if (isFlow(node, "Enter"))
      ++counts[name ? name.getValue() : StringRef()];
  }
  return counts;
}

} // namespace firn::reference
