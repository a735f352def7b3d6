#include "compiler/transforms/kernel/Passes.h"
#include "dialects/kernel/Kernel.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace firn::kernel {
#define GEN_PASS_DEF_STOREPARTSPASS
#include "compiler/transforms/kernel/Passes.h.inc"

namespace {

Operation *rootOf(DispatchOp op) { return op.getTerminator()->getOperand(0).getDefiningOp(); }

/// A dispatch that only stores its first input into its init.
struct Store {
  DispatchOp dispatch;
  tensor::InsertSliceOp insert;

  explicit operator bool() const { return insert != nullptr; }

  static Store of(Operation *op) {
    auto dispatch = dyn_cast_or_null<DispatchOp>(op);
    if (!dispatch || dispatch->getNumResults() != 1 || dispatch.getInputs().size() != 1 ||
        !llvm::hasSingleElement(dispatch.getBlock().without_terminator()))
      return {};
    auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(rootOf(dispatch));
    bool isWhole = insert && insert.getSource() == dispatch.getBlock().getArgument(0) &&
                   insert.getSourceType().getRank() == insert.getDestType().getRank();
    return isWhole ? Store{dispatch, insert} : Store{};
  }

  Value part() { return dispatch.getInputs().front(); }
  Value whole() { return dispatch.getInits().front(); }
};

// Nothing but the stores of other parts has seen the memory: no part is computed from it. Null: it
// may have been.
tensor::EmptyOp freshMemory(Value whole) {
  Operation *op = whole.getDefiningOp();
  if (auto cast = dyn_cast_or_null<tensor::CastOp>(op))
    op = cast.getSource().getDefiningOp();
  if (auto store = dyn_cast_or_null<DispatchOp>(op))
    return whole.hasOneUse() && isa_and_nonnull<tensor::InsertSliceOp>(rootOf(store))
               ? freshMemory(store.getInits().front())
               : tensor::EmptyOp();
  return dyn_cast_or_null<tensor::EmptyOp>(op);
}

bool isConstantPlace(tensor::InsertSliceOp insert) {
  return llvm::all_of(insert.getMixedOffsets(), getConstantIntValue) &&
         llvm::all_of(insert.getMixedStrides(),
                      [](OpFoldResult stride) { return isConstantIntValue(stride, 1); });
}

// The part has all of the whole along the axis.
bool isWhole(Store store, int64_t axis) {
  OpFoldResult size = store.insert.getMixedSizes()[axis];
  OpFoldResult all = freshMemory(store.whole()).getMixedSizes()[axis];
  if (auto inside = dyn_cast<Value>(size))
    if (auto argument = dyn_cast<BlockArgument>(inside))
      size = store.dispatch->getOperand(argument.getArgNumber());
  return isEqualConstantIntOrValue(size, all) &&
         isConstantIntValue(store.insert.getMixedOffsets()[axis], 0);
}

// Kernels store rows of channels that stand apart evenly: a part is cut from the last axis, or it
// lies together because all axes before the one that it is cut from are of one element.
bool isEven(Store store) {
  ArrayRef<int64_t> sizes = store.insert.getDestType().getShape();
  int64_t axis = 0, last = sizes.size() - 1;
  while (axis < last && isWhole(store, axis))
    ++axis;
  if (axis == last)
    return !store.insert.getSourceType().isDynamicDim(last) && !ShapedType::isDynamic(sizes[last]);
  return llvm::all_of(sizes.take_front(axis), [](int64_t size) { return size == 1; }) &&
         llvm::all_of(llvm::seq(axis + 1, last + 1),
                      [&](int64_t a) { return isWhole(store, a); }) &&
         !store.insert.getSourceType().isDynamicDim(axis);
}

// What computes the part can store it where it belongs.
bool canStore(DispatchOp producer, Store store) {
  Operation *root = rootOf(producer);
  if (isa_and_nonnull<MatmulOp, Conv2DOp, DepthwiseConv2DOp, PoolOp>(root))
    return isConstantPlace(store.insert) && isEven(store);
  auto loops = dyn_cast_or_null<linalg::LinalgOp>(root);
  return loops && llvm::hasSingleElement(producer.getBlock().getOps<linalg::LinalgOp>()) &&
         loops.getNumParallelLoops() == loops.getNumLoops() &&
         !loops.payloadUsesValueFromOperand(loops.getDpsInitOperand(0));
}

DispatchOp producerOf(Store store) {
  auto producer = store.part().getDefiningOp<DispatchOp>();
  bool isReady = producer && producer->getNumResults() == 1 && store.part().hasOneUse() &&
                 producer->getBlock() == store.dispatch->getBlock() &&
                 producer.getInits().front().getDefiningOp<tensor::EmptyOp>() &&
                 freshMemory(store.whole());
  return isReady && canStore(producer, store) ? producer : DispatchOp();
}

// One dispatch of both, where the store stands.
void merge(DispatchOp producer, Store store) {
  Location loc =
      FusedLoc::get({producer.getLoc(), store.dispatch.getLoc()}, {}, producer.getContext());
  ImplicitLocOpBuilder b(loc, store.dispatch);
  SmallVector<Value> sizes(producer.getSizes());
  llvm::append_range(sizes, store.dispatch.getSizes());
  auto merged =
      b.create<DispatchOp>(store.whole().getType(), producer.getInputs(), sizes, store.whole());
  Block &block = merged.getBody().emplaceBlock();
  for (Value operand : merged->getOperands())
    block.addArgument(operand.getType(), operand.getLoc());
  b.setInsertionPointToEnd(&block);

  IRMapping map;
  unsigned own = producer.getInputs().size() + producer.getSizes().size();
  map.map(producer.getBlock().getArguments().take_front(own), block.getArguments().take_front(own));
  map.map(store.dispatch.getBlock().getArguments().drop_front(),
          block.getArguments().drop_front(own));
  tensor::InsertSliceOp insert = store.insert;
  auto mapped = [&](SmallVector<OpFoldResult> numbers) {
    for (OpFoldResult &number : numbers)
      if (auto value = dyn_cast<Value>(number))
        number = map.lookupOrDefault(value);
    return numbers;
  };
  Value slot = b.create<tensor::ExtractSliceOp>(
      insert.getSourceType(), block.getArguments().back(), mapped(insert.getMixedOffsets()),
      mapped(insert.getMixedSizes()), mapped(insert.getMixedStrides()));
  map.map(producer.getBlock().getArguments().back(), slot);
  for (Operation &op : producer.getBlock().without_terminator())
    b.clone(op, map);
  map.map(insert.getSource(), map.lookup(producer.getTerminator()->getOperand(0)));
  b.create<YieldOp>(b.clone(*insert, map)->getResult(0));

  store.dispatch->replaceAllUsesWith(merged);
  store.dispatch->erase();
  producer->erase();
}

struct StorePartsPass : impl::StorePartsPassBase<StorePartsPass> {
  void runOnOperation() override {
    SmallVector<Store> stores;
    getOperation().walk([&](DispatchOp op) {
      if (Store store = Store::of(op))
        stores.push_back(store);
    });
    for (Store store : stores)
      if (DispatchOp producer = producerOf(store))
        merge(producer, store);
  }
};

} // namespace
} // namespace firn::kernel
