#include "compiler/transforms/kernel/Passes.h"
#include "compiler/transforms/kernel/Views.h"
#include "dialects/kernel/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace firn::kernel {
#define GEN_PASS_DEF_FORMDISPATCHESPASS
#include "compiler/transforms/kernel/Passes.h.inc"

namespace {

// What stays at function level: nothing of it computes elements.
bool staysOutside(Operation *op) {
  if (isView(op) || op->hasTrait<OpTrait::IsTerminator>())
    return true;
  if (isa<ConstantOp, PackOp, ReadOp, DispatchOp, tensor::EmptyOp, tensor::DimOp,
          tensor::ExtractOp>(op))
    return true;
  if (isa<scf::WhileOp, scf::IfOp, scf::ForOp, scf::IndexSwitchOp>(op))
    return true;
  return llvm::none_of(op->getResultTypes(), [](Type type) { return isa<TensorType>(type); });
}

/// Collects what a body needs from outside, and builds the dispatch around it.
class Outliner {
public:
  Outliner(Operation *root, ValueRange inits) : b(root->getLoc(), root), inits(inits) {}

  // Ops that compute scalars, fills and slices go inside with what uses them.
  void add(Operation *op) {
    for (Operation *each : body)
      if (each == op)
        return;
    isLoops |= isa<linalg::LinalgOp, tensor::InsertSliceOp>(op);
    visit(op);
    body.push_back(op);
  }

  // Replaces the results of `root`, the last op that was added.
  DispatchOp finish(Operation *root) {
    SmallVector<Value> operands(inputs.begin(), inputs.end());
    operands.append(sizes.begin(), sizes.end());
    operands.append(inits.begin(), inits.end());
    auto dispatch =
        b.create<DispatchOp>(inits.getTypes(), inputs.getArrayRef(), sizes.getArrayRef(), inits);
    Block &block = dispatch.getBody().emplaceBlock();
    IRMapping map;
    for (Value operand : operands)
      map.map(operand, block.addArgument(operand.getType(), operand.getLoc()));
    b.setInsertionPointToEnd(&block);
    for (Operation *op : body)
      b.clone(*op, map);
    SmallVector<Value> results;
    for (Value result : root->getResults())
      results.push_back(map.lookup(result));
    b.create<YieldOp>(results);
    root->replaceAllUsesWith(dispatch.getResults());
    return dispatch;
  }

private:
  void visit(Operation *op) {
    SetVector<Value> used(op->operand_begin(), op->operand_end());
    for (Region &region : op->getRegions())
      getUsedValuesDefinedAbove(region, used);
    for (Value value : used)
      need(value);
  }

  void need(Value value) {
    Operation *producer = value.getDefiningOp();
    if (llvm::is_contained(inits, value) || llvm::is_contained(body, producer))
      return;
    if (isa<TensorType>(value.getType())) {
      // A fill is repeated inside, which costs less than to store and to read it.
      if (isa_and_nonnull<tensor::EmptyOp, linalg::FillOp>(producer))
        return add(producer);
      // Loops read a slice where it lies.
      if (isa_and_nonnull<tensor::ExtractSliceOp>(producer) && !isView(producer) && isLoops)
        return add(producer);
      inputs.insert(value);
    } else if (isa<IndexType>(value.getType()) &&
               !(producer && producer->hasTrait<OpTrait::ConstantLike>())) {
      sizes.insert(value);
    } else if (producer) {
      add(producer);
    }
  }

  ImplicitLocOpBuilder b;
  ValueRange inits;
  SetVector<Value> inputs, sizes;
  SmallVector<Operation *> body;
  bool isLoops = false;
};

class DispatchFormer {
public:
  explicit DispatchFormer(func::FuncOp function) : function(function) {}

  void run() {
    function.walk([&](tensor::ConcatOp op) { splitConcat(op); });
    function.walk([&](arith::ConstantOp op) { adoptConstant(op); });
    SmallVector<Operation *> roots;
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op == function)
        return WalkResult::advance();
      if (isa<scf::WhileOp, scf::IfOp, scf::ForOp, scf::IndexSwitchOp>(op))
        return WalkResult::advance();
      if (!staysOutside(op))
        roots.push_back(op);
      return WalkResult::skip();
    });
    // Fills and slices last, readers before what they read: those that nothing has taken in.
    auto isTakenIn = [](Operation *root) {
      return isa<linalg::FillOp, tensor::ExtractSliceOp>(root);
    };
    auto firstTakenIn = std::stable_partition(roots.begin(), roots.end(),
                                              [&](Operation *root) { return !isTakenIn(root); });
    std::reverse(firstTakenIn, roots.end());
    for (Operation *root : roots) {
      if (!isTakenIn(root) || !root->use_empty())
        form(root);
      root->erase();
    }
  }

private:
  // Parts are stored one by one into what becomes the whole.
  void splitConcat(tensor::ConcatOp op) {
    ImplicitLocOpBuilder b(op.getLoc(), op);
    RankedTensorType type = op.getResultType();
    int64_t axis = op.getDim();
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, op.getLoc(), op.getInputs().front());
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
        strides(type.getRank(), b.getIndexAttr(1));
    SmallVector<SmallVector<OpFoldResult>> parts;
    for (Value input : op.getInputs())
      parts.push_back(tensor::getMixedSizes(b, op.getLoc(), input));
    sizes[axis] = sum(b, parts, axis, parts.size());
    Value whole = b.create<tensor::EmptyOp>(sizes, type.getElementType());
    if (whole.getType() != type)
      whole = b.create<tensor::CastOp>(type, whole);
    for (auto [index, input] : llvm::enumerate(op.getInputs())) {
      offsets[axis] = sum(b, parts, axis, index);
      whole = b.create<tensor::InsertSliceOp>(input, whole, offsets, parts[index], strides);
    }
    op.replaceAllUsesWith(whole);
    op.erase();
  }

  static OpFoldResult sum(ImplicitLocOpBuilder &b, ArrayRef<SmallVector<OpFoldResult>> parts,
                          int64_t axis, size_t count) {
    OpFoldResult all = b.getIndexAttr(0);
    for (size_t i = 0; i < count; ++i) {
      std::optional<int64_t> x = getConstantIntValue(all), y = getConstantIntValue(parts[i][axis]);
      if (x && y)
        all = b.getIndexAttr(*x + *y);
      else
        all =
            b.create<arith::AddIOp>(getValueOrCreateConstantIndexOp(b, b.getLoc(), all),
                                    getValueOrCreateConstantIndexOp(b, b.getLoc(), parts[i][axis]))
                .getResult();
    }
    return all;
  }

  // Folding makes tensors of arith: they are weights like any other.
  void adoptConstant(arith::ConstantOp op) {
    auto value = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!value)
      return;
    OpBuilder b(op);
    Value constant =
        b.create<ConstantOp>(op.getLoc(), cast<RankedTensorType>(value.getType()), value);
    op.replaceAllUsesWith(constant);
    op.erase();
  }

  void form(Operation *root) {
    if (auto destination = dyn_cast<DestinationStyleOpInterface>(root))
      return formLinalg(root, destination);
    if (auto library = dyn_cast<LibraryOpInterface>(root))
      return formAround(root, {library.getInit()});
    if (auto call = dyn_cast<CallOp>(root)) {
      separate(call.getInitsMutable());
      return formAround(root, call.getInits());
    }
    if (auto slice = dyn_cast<tensor::ExtractSliceOp>(root))
      return formSlice(slice);
    if (auto elements = dyn_cast<tensor::FromElementsOp>(root))
      return formElements(elements);
    formIntoEmpty(root);
  }

  // Equal empty tensors were made one: each result has its own again.
  static void separate(MutableOperandRange inits) {
    DenseSet<Value> seen;
    for (OpOperand &init : inits)
      if (!seen.insert(init.get()).second)
        init.set(OpBuilder(init.getOwner()).clone(*init.get().getDefiningOp())->getResult(0));
  }

  void formAround(Operation *root, ValueRange inits) {
    Outliner outliner(root, inits);
    outliner.add(root);
    outliner.finish(root);
  }

  // An init that is only filled is filled inside.
  void formLinalg(Operation *root, DestinationStyleOpInterface op) {
    separate(op.getDpsInitsMutable());
    SmallVector<Value> inits;
    SmallVector<Operation *> fills;
    for (Value init : op.getDpsInits()) {
      auto fill = init.getDefiningOp<linalg::FillOp>();
      inits.push_back(fill && !isa<linalg::FillOp>(root) ? fill.getOutputs()[0] : init);
      if (inits.back() != init)
        fills.push_back(fill);
    }
    Outliner outliner(root, inits);
    for (Operation *fill : fills)
      outliner.add(fill);
    outliner.add(root);
    outliner.finish(root);
  }

  // A slice with gaps: a copy.
  void formSlice(tensor::ExtractSliceOp slice) {
    ImplicitLocOpBuilder b(slice.getLoc(), slice);
    Value init = b.create<tensor::EmptyOp>(slice.getMixedSizes(), slice.getType().getElementType());
    if (init.getType() != slice.getType()) // a slice may drop dimensions of 1
      init = b.create<tensor::EmptyOp>(keptSizes(slice), slice.getType().getElementType());
    auto source = cast<tensor::ExtractSliceOp>(b.clone(*slice));
    auto copy = b.create<linalg::CopyOp>(source.getResult(), init);
    slice.replaceAllUsesWith(copy.getResult(0));
    Outliner outliner(copy, init);
    outliner.add(source);
    outliner.add(copy);
    outliner.finish(copy);
    copy.erase();
    source.erase();
  }

  static SmallVector<OpFoldResult> keptSizes(tensor::ExtractSliceOp slice) {
    SmallVector<OpFoldResult> kept;
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (auto [axis, size] : llvm::enumerate(slice.getMixedSizes()))
      if (!dropped.test(axis))
        kept.push_back(size);
    return kept;
  }

  void formElements(tensor::FromElementsOp elements) {
    ImplicitLocOpBuilder b(elements.getLoc(), elements);
    RankedTensorType type = elements.getType();
    Value init = b.create<tensor::EmptyOp>(type.getShape(), type.getElementType());
    SmallVector<Operation *> inserts;
    Value whole = init;
    for (auto [index, element] : llvm::enumerate(elements.getElements())) {
      SmallVector<Value> place;
      if (type.getRank() == 1)
        place.push_back(b.create<arith::ConstantIndexOp>(index));
      whole = b.create<tensor::InsertOp>(element, whole, place);
      inserts.push_back(whole.getDefiningOp());
    }
    elements.replaceAllUsesWith(whole);
    Outliner outliner(inserts.back(), init);
    for (Operation *insert : inserts)
      outliner.add(insert);
    outliner.finish(inserts.back());
    for (Operation *insert : llvm::reverse(inserts))
      insert->erase();
  }

  // insert_slice and its like: the destination is changed in place; anything else is a defect that
  // the verifier of later stages names.
  void formIntoEmpty(Operation *root) {
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(root))
      return formAround(root, insert.getDest());
    if (auto insert = dyn_cast<tensor::InsertOp>(root))
      return formAround(root, insert.getDest());
    root->emitOpError("has no form as a dispatch");
  }

  func::FuncOp function;
};

struct FormDispatchesPass : impl::FormDispatchesPassBase<FormDispatchesPass> {
  void runOnOperation() override { DispatchFormer(getOperation()).run(); }
};

} // namespace
} // namespace firn::kernel
