#include "compiler/transforms/graph/ForwardNodes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {

bool isFetched(Node node) {
  return llvm::any_of(node.outputs(), [](Value output) {
    return llvm::any_of(output.getUsers(), [](Operation *user) { return isa<FetchOp>(user); });
  });
}

void dropControlUse(OpOperand &use) {
  if (auto fetch = dyn_cast<FetchOp>(use.getOwner()))
    fetch.getControlsMutable().erase(use.getOperandNumber() - fetch.getTensors().size());
  else
    use.getOwner()->eraseOperand(use.getOperandNumber());
}

void dropControlUses(Value token) {
  while (!token.use_empty())
    dropControlUse(*token.use_begin());
}

void addControl(Node node, Value token) {
  Operation *op = node.operation();
  if (token.getDefiningOp() == op || llvm::is_contained(node.controls(), token))
    return;
  op->insertOperands(op->getNumOperands(), token);
}

// An Identity or IdentityN in the place of a fetched node.
static void keepName(Node node, ArrayRef<Value> values) {
  Builder builder(node.operation()->getContext());
  NodeState state(values.size() == 1 ? "Identity" : "IdentityN");
  state.inputs.assign(values.begin(), values.end());
  llvm::append_range(state.controls, node.controls());
  SmallVector<Attribute> types;
  for (Value value : values)
    types.push_back(TypeAttr::get(elementTypeOf(value)));
  state.attrs = {
      builder.getNamedAttr("T", values.size() == 1 ? types.front() : builder.getArrayAttr(types))};
  replaceNode(node, state);
}

void forwardNode(Node node, ArrayRef<Value> values, Value control) {
  bool fetched = isFetched(node) && !llvm::is_contained(values, Value());
  for (auto [output, value] : llvm::zip(node.outputs(), values)) {
    if (!value)
      continue;
    output.replaceUsesWithIf(
        value, [&](OpOperand &use) { return !fetched || !isa<FetchOp>(use.getOwner()); });
  }
  if (fetched)
    return keepName(node, values);
  if (control)
    for (OpOperand &use : llvm::make_early_inc_range(node.control().getUses())) {
      if (isa<FetchOp>(use.getOwner()))
        use.set(control);
      else if (!llvm::is_contained(use.getOwner()->getOperands(), control))
        use.set(control);
    }
  dropControlUses(node.control());
  node.operation()->erase();
}

} // namespace firn::graph
