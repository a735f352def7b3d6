// Which memory a dispatch may store to.
#include "compiler/conversion/kernel_to_schedule/Scheduler.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace firn::schedule {

Sizes Scheduler::emptySizes(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return sizesOf(empty.getMixedSizes());
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return sizesOf(
        getMixedValues(expand.getStaticOutputShape(), expand.getOutputShape(), program.b));
  Sizes sizes = emptySizes(op->getOperand(0));
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    Sizes whole = sizes;
    sizes.clear();
    for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
      Sizes factors;
      for (int64_t axis : group)
        factors.push_back(whole[axis]);
      sizes.push_back(program.product(factors));
    }
  }
  return sizes;
}

namespace {

// A use of `tensor` by `user` comes after `by` has changed it. Where `by` is in a loop that the
// tensor was made outside of, every use in that loop comes after it, in the next round. A loop
// changes its variables before what stands in it.
bool isAfter(Value tensor, Operation *user, Operation *by) {
  Block *home = tensor.getParentBlock();
  Operation *here = home->findAncestorOpInBlock(*by);
  if (!here)
    return false; // made and used up in a region that was left
  Operation *there = home->findAncestorOpInBlock(*user);
  if (here == by)
    // A loop that takes the tensor and looks at it from inside has changed it by then.
    return there == by ? user != by : by->isBeforeInBlock(there);
  // `here` is a loop or cond around `by`: what it takes itself, it has taken.
  if (there == here)
    return user != here;
  return here->isBeforeInBlock(there);
}

} // namespace

bool Scheduler::mayChange(Value tensor, Operation *by) {
  Value buffer = placeOf(tensor).buffer;
  if (constants.contains(buffer))
    return false;
  for (Value tenant : tenants[buffer])
    for (Operation *user : tenant.getUsers())
      if (isAfter(tenant, user, by))
        return false;
  return true;
}

Placed Scheduler::destination(kernel::DispatchOp op, unsigned index) {
  Value result = op->getResult(index), init = op.getInits()[index];
  auto type = cast<RankedTensorType>(result.getType());
  bool hasContents = places.count(init);
  auto it = wanted.find(result);
  if (it != wanted.end()) {
    Placed target = it->second;
    target.type = type;
    if (hasContents)
      program.copy(placeOf(init), target);
    return target;
  }
  if (!hasContents)
    return program.allocate(type, emptySizes(init));
  if (mayChange(init, op))
    return placeOf(init);
  Placed own = program.allocate(type, placeOf(init).sizes);
  program.copy(placeOf(init), own);
  return own;
}

PlacedDispatch Scheduler::placed(kernel::DispatchOp op, ArrayRef<Placed> results) {
  PlacedDispatch dispatch;
  dispatch.op = op;
  for (Value input : op.getInputs())
    dispatch.tensors.push_back(placeOf(input));
  dispatch.tensors.append(results.begin(), results.end());
  auto dimOf = [&](Value size) -> unsigned {
    auto it = llvm::find(dispatch.dims, size);
    if (it == dispatch.dims.end())
      it = &*dispatch.dims.insert(it, size);
    return it - dispatch.dims.begin();
  };
  for (const Placed &tensor : dispatch.tensors) {
    auto &dims = dispatch.tensorDims.emplace_back();
    for (auto [axis, size] : llvm::enumerate(tensor.sizes))
      if (tensor.type.isDynamicDim(axis))
        dims.push_back(dimOf(program.value(size)));
  }
  for (Value size : op.getSizes()) {
    Size known = sizeOf(size);
    if (std::optional<int64_t> number = getConstantIntValue(known))
      dispatch.ownSizes.push_back(*number);
    else
      dispatch.ownSizes.push_back(dimOf(llvm::cast<Value>(known)));
  }
  unsigned numInputs = op.getInputs().size();
  for (auto [index, tensor] : llvm::enumerate(dispatch.tensors)) {
    bool isAlone = true;
    for (auto [other, otherTensor] : llvm::enumerate(dispatch.tensors))
      isAlone &= other == index || otherTensor.buffer != tensor.buffer ||
                 (index < numInputs && other < numInputs);
    dispatch.buffers.push_back({tensor.type.getElementType(), /*aligned=*/false, isAlone});
  }
  return dispatch;
}

} // namespace firn::schedule
