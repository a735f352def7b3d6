#include "compiler/transforms/kernel/Passes.h"
#include "dialects/kernel/Kernel.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace firn::kernel {
#define GEN_PASS_DEF_FUSEEPILOGUESPASS
#include "compiler/transforms/kernel/Passes.h.inc"

namespace {

// The library op behind reshapes, each of which has no other reader.
LibraryOpInterface libraryBehind(Value value) {
  while (value.hasOneUse()) {
    Operation *op = value.getDefiningOp();
    if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(op))
      value = op->getOperand(0);
    else
      return dyn_cast_or_null<LibraryOpInterface>(op);
  }
  return {};
}

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// One fusion: a library op, the elementwise op that reads it, and the operand by which it does.
struct Fusion {
  linalg::GenericOp reader;
  LibraryOpInterface library;
  OpOperand *operand;

  RankedTensorType type() { return typeOf(library->getResult(0)); }
  AffineMap mapOf(OpOperand &other) { return reader.getMatchingIndexingMap(&other); }

  // How the library op's epilogue sees another operand; nothing where it has no such form. The last
  // dimension stands for the channels on both sides.
  std::optional<ExtraKind> kindOf(OpOperand &other) {
    AffineMap map = mapOf(other);
    unsigned loops = map.getNumDims();
    if (map.getNumResults() == 0)
      return ExtraKind::Scalar;
    if (map.isIdentity())
      return ExtraKind::Full;
    bool isChannel = map.getNumResults() == 1 && map.isFunctionOfDim(loops - 1) &&
                     typeOf(other.get()).getDimSize(0) == type().getShape().back();
    return isChannel ? std::optional<ExtraKind>(ExtraKind::Channel) : std::nullopt;
  }

  bool isLegal() {
    if (reader.getNumDpsInits() != 1 || reader.getNumLoops() != reader.getNumParallelLoops() ||
        reader.hasIndexSemantics() || !mapOf(*operand).isIdentity() ||
        !mapOf(*reader.getDpsInitOperand(0)).isIdentity())
      return false;
    RankedTensorType result = typeOf(reader.getResult(0)), read = typeOf(operand->get());
    if (result.getElementType() != type().getElementType() || result.getShape() != read.getShape())
      return false;
    if (!reader.getRegionOutputArgs().front().use_empty())
      return false;
    for (OpOperand *other : reader.getDpsInputOperands())
      if (other != operand && !kindOf(*other))
        return false;
    // Channels must stay the last dimension behind a reshape.
    return read.getRank() > 0 && read.getShape().back() == type().getShape().back() &&
           capturesNothing();
  }

  bool capturesNothing() {
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(reader.getRegion(), captured);
    return llvm::all_of(captured, [](Value value) {
      Operation *op = value.getDefiningOp();
      return op && op->hasTrait<OpTrait::ConstantLike>();
    });
  }
};

// `value` under the shape of `like`, whose number of elements it has.
Value reshapeLike(OpBuilder &b, Location loc, Value value, Value like) {
  if (value.getType() == like.getType())
    return value;
  RankedTensorType type = typeOf(like);
  auto all = [](int64_t rank) {
    SmallVector<ReassociationIndices> one;
    if (rank > 0)
      one.push_back(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
    return one;
  };
  if (typeOf(value).getRank() != 1)
    value = b.create<tensor::CollapseShapeOp>(loc, value, all(typeOf(value).getRank()));
  if (type.getRank() == 1)
    return value.getType() == type ? value : b.create<tensor::CastOp>(loc, type, value).getResult();
  SmallVector<OpFoldResult> sizes = like.getDefiningOp<tensor::EmptyOp>().getMixedSizes();
  int64_t count = 1;
  for (int64_t size : type.getShape())
    count = ShapedType::isDynamic(size) || count < 0 ? ShapedType::kDynamic : count * size;
  auto flat = RankedTensorType::get({count}, type.getElementType());
  if (value.getType() != flat)
    value = b.create<tensor::CastOp>(loc, flat, value);
  return b.create<tensor::ExpandShapeOp>(loc, type, value, all(type.getRank()), sizes);
}

// The elementwise body as an epilogue behind the one that is there.
void appendBody(OpBuilder &b, Fusion &fusion, Operation *fused, IRMapping &extras) {
  Region &region = cast<LibraryOpInterface>(fused).getEpilogue();
  RankedTensorType type = fusion.type();
  if (region.empty()) {
    Block &block = region.emplaceBlock();
    block.addArgument(type.getElementType(), fused->getLoc());
    OpBuilder::atBlockEnd(&block).create<YieldOp>(fused->getLoc(), block.getArgument(0));
  }
  Block &block = region.front();
  auto yield = cast<YieldOp>(block.getTerminator());
  IRMapping map;
  for (OpOperand *other : fusion.reader.getDpsInputOperands()) {
    Value inner = fusion.reader.getMatchingBlockArgument(other);
    if (other == fusion.operand) {
      map.map(inner, yield.getOperand(0));
      continue;
    }
    Value extra = extras.lookup(other->get());
    map.map(inner, block.addArgument(typeOf(extra).getElementType(), extra.getLoc()));
  }
  b.setInsertionPoint(yield);
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(fusion.reader.getRegion(), captured);
  for (Value constant : captured)
    map.map(constant, b.clone(*constant.getDefiningOp())->getResult(0));
  for (Operation &op : fusion.reader.getBody()->without_terminator())
    b.clone(op, map);
  Value result = fusion.reader.getBody()->getTerminator()->getOperand(0);
  yield.setOperand(0, map.lookupOrDefault(result));
}

void fuse(Fusion fusion) {
  OpBuilder b(fusion.reader);
  Location loc = b.getFusedLoc({fusion.library->getLoc(), fusion.reader.getLoc()});
  Value init = fusion.library.getInit();
  IRMapping extras;
  SmallVector<Value> added;
  for (OpOperand *other : fusion.reader.getDpsInputOperands()) {
    if (other == fusion.operand)
      continue;
    Value extra = other->get();
    if (fusion.kindOf(*other) == ExtraKind::Full)
      extra = reshapeLike(b, loc, extra, init);
    extras.map(other->get(), extra);
    added.push_back(extra);
  }
  Operation *fused = b.clone(*fusion.library);
  fused->setLoc(loc);
  cast<LibraryOpInterface>(fused).getExtrasMutable().append(added);
  appendBody(b, fusion, fused, extras);
  b.setInsertionPointAfter(fused);
  Value result = reshapeLike(b, loc, fused->getResult(0), fusion.reader.getDpsInits()[0]);
  fusion.reader.getResult(0).replaceAllUsesWith(result);
  fusion.reader.erase();
}

// Of the operands that a library op makes, the one that is made last: the others are there by then.
std::optional<Fusion> findFusion(linalg::GenericOp reader) {
  std::optional<Fusion> last;
  for (OpOperand *operand : reader.getDpsInputOperands()) {
    LibraryOpInterface library = libraryBehind(operand->get());
    if (!library || library->getBlock() != reader->getBlock() ||
        !library.getInit().getDefiningOp<tensor::EmptyOp>() ||
        !reader.getDpsInits()[0].getDefiningOp<tensor::EmptyOp>())
      continue;
    Fusion fusion{reader, library, operand};
    if (fusion.isLegal() && (!last || last->library->isBeforeInBlock(library)))
      last = fusion;
  }
  return last;
}

void eraseDead(Operation *op) {
  while (op && op->use_empty() && isMemoryEffectFree(op)) {
    Operation *producer = op->getNumOperands() ? op->getOperand(0).getDefiningOp() : nullptr;
    op->erase();
    op = producer;
  }
}

struct FuseEpiloguesPass : impl::FuseEpiloguesPassBase<FuseEpiloguesPass> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> readers;
    getOperation().walk([&](linalg::GenericOp op) { readers.push_back(op); });
    for (linalg::GenericOp reader : readers)
      if (std::optional<Fusion> fusion = findFusion(reader)) {
        Operation *source = fusion->operand->get().getDefiningOp();
        fuse(*fusion);
        eraseDead(source);
      }
  }
};

} // namespace
} // namespace firn::kernel
