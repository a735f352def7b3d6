// Dispatches whose bodies are linalg and tensor ops: bufferized by themselves, then loops, of which
// a workgroup does a part.
#include "compiler/conversion/kernel_to_schedule/Functions.h"
#include "compiler/conversion/kernel_to_schedule/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace firn::schedule {

void registerBufferizationModels(DialectRegistry &registry) {
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
}

namespace {

// Elements that a workgroup should have at least, and the number of workgroups beyond which more of
// them help no machine.
constexpr int64_t kWorkgroupElements = 16384;
constexpr int64_t kMaxWorkgroups = 256;
constexpr int64_t kInnermostMultiple = 64;
// Temporaries of a body may be this large: they lie on the stack.
constexpr int64_t kMaxStackBytes = 64 << 10;

/// The dimension of the result that is divided among workgroups, and how many of it each one does.
struct Chunk {
  int64_t axis;
  int64_t count;
};

// What the last op of the body stores: its own result, or of an insert_slice the part.
RankedTensorType domainOf(kernel::DispatchOp op) {
  Operation *root = op.getTerminator()->getOperand(0).getDefiningOp();
  if (auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(root))
    return insert.getSourceType();
  if (isa_and_nonnull<linalg::LinalgOp>(root))
    return cast<RankedTensorType>(root->getResult(0).getType());
  return {};
}

// Every loop of the body has to run over the domain.
bool sharesDomain(kernel::DispatchOp op, RankedTensorType domain) {
  for (Operation &each : op.getBlock().without_terminator()) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(each);
    if (isa<scf::ForOp, scf::WhileOp, scf::IfOp, tensor::InsertOp>(each))
      return false;
    if (linalgOp &&
        cast<RankedTensorType>(each.getResult(0).getType()).getShape() != domain.getShape())
      return false;
  }
  return true;
}

// Iterations of the last op for one element of the result; dynamic ones count as one.
int64_t iterationsPerElement(kernel::DispatchOp op) {
  auto root = dyn_cast_or_null<linalg::LinalgOp>(op.getTerminator()->getOperand(0).getDefiningOp());
  if (!root)
    return 1;
  int64_t count = 1;
  for (auto [size, kind] : llvm::zip(root.getStaticLoopRanges(), root.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction && !ShapedType::isDynamic(size))
      count *= size;
  return count;
}

std::optional<Chunk> chunkOf(kernel::DispatchOp op) {
  RankedTensorType domain = domainOf(op);
  if (!domain || op->getNumResults() != 1 || !sharesDomain(op, domain))
    return std::nullopt;
  int64_t axis = 0;
  while (axis < domain.getRank() && domain.getDimSize(axis) == 1)
    ++axis;
  if (axis == domain.getRank())
    return std::nullopt;
  int64_t perSlice = iterationsPerElement(op);
  for (int64_t size : domain.getShape().drop_front(axis + 1))
    perSlice *= ShapedType::isDynamic(size) ? 1 : size;
  int64_t count = llvm::divideCeil(kWorkgroupElements, std::max<int64_t>(perSlice, 1));
  if (axis == domain.getRank() - 1) // whole vectors and cache lines
    count = llvm::alignTo(count, kInnermostMultiple);
  if (int64_t size = domain.getDimSize(axis); !ShapedType::isDynamic(size))
    count = std::max<int64_t>(std::min(count, size), llvm::divideCeil(size, kMaxWorkgroups));
  return Chunk{axis, std::max<int64_t>(count, 1)};
}

bufferization::OneShotBufferizationOptions bufferizationOptions() {
  bufferization::OneShotBufferizationOptions options;
  options.allowUnknownOps = true;
  options.memCpyFn = [](OpBuilder &b, Location loc, Value from, Value to) {
    b.create<linalg::CopyOp>(loc, from, to);
    return success();
  };
  options.allocationFn = [](OpBuilder &b, Location loc, MemRefType type, ValueRange sizes,
                            unsigned alignment) -> FailureOr<Value> {
    bool fits = type.hasStaticShape() &&
                type.getNumElements() * elementBytes(type.getElementType()) <= kMaxStackBytes;
    if (!fits)
      return emitError(loc, "a dispatch needs a temporary of ") << type, failure();
    return b.create<memref::AllocaOp>(loc, type, b.getI64IntegerAttr(alignment)).getResult();
  };
  return options;
}

// Restricts a loop to the part of workgroup `x`.
void restrictLoop(scf::ForOp loop, int64_t count, Value x) {
  OpBuilder b(loop);
  Location loc = loop.getLoc();
  Value step = b.create<arith::ConstantIndexOp>(loc, count);
  Value begin = b.create<arith::MulIOp>(loc, x, step);
  Value end = b.create<arith::AddIOp>(loc, begin, step);
  loop.setUpperBound(b.create<arith::MinSIOp>(loc, end, loop.getUpperBound()));
  loop.setLowerBound(begin);
}

// The loop of `op` that runs over `axis` of its result.
unsigned loopOfAxis(linalg::LinalgOp op, int64_t axis) {
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  return cast<AffineDimExpr>(map.getResult(axis)).getPosition();
}

LogicalResult makeLoops(func::FuncOp function, std::optional<Chunk> chunk, Value x) {
  IRRewriter rewriter(function.getContext());
  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops) {
    // What was stored in place is already where it goes.
    if (isa<linalg::CopyOp>(op) && op->getOperand(0) == op->getOperand(1)) {
      rewriter.eraseOp(op);
      continue;
    }
    unsigned position = chunk ? loopOfAxis(op, chunk->axis) : 0;
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::LinalgLoops> loops = linalg::linalgOpToLoops(rewriter, op);
    if (failed(loops))
      return op.emitOpError("has no form as loops");
    if (chunk)
      restrictLoop(cast<scf::ForOp>((*loops)[position]), chunk->count, x);
    rewriter.eraseOp(op);
  }
  return success();
}

// The body on tensors that stand for the buffers.
void cloneBody(OpBuilder &b, const PlacedDispatch &dispatch,
               const codegen::DispatchArguments &arguments) {
  kernel::DispatchOp op = dispatch.op;
  Location loc = op.getLoc();
  unsigned numInputs = op.getInputs().size(), numSizes = op.getSizes().size();
  IRMapping map;
  SmallVector<Value> memory;
  for (auto [index, placed] : llvm::enumerate(dispatch.tensors)) {
    SmallVector<Value> sizes;
    for (unsigned dim : dispatch.tensorDims[index])
      sizes.push_back(arguments.dims[dim]);
    auto type = MemRefType::get(placed.type.getShape(), placed.type.getElementType());
    memory.push_back(codegen::viewBuffer(b, loc, arguments.buffers[index], type, sizes));
    bool isInit = index >= numInputs;
    Value tensor =
        b.create<bufferization::ToTensorOp>(loc, memory.back(), /*restrict=*/true, isInit);
    map.map(op.getBlock().getArgument(isInit ? index + numSizes : index), tensor);
  }
  for (auto [index, size] : llvm::enumerate(dispatch.ownSizes)) {
    Value value;
    if (const auto *dim = std::get_if<unsigned>(&size))
      value = arguments.dims[*dim];
    else
      value = b.create<arith::ConstantIndexOp>(loc, std::get<int64_t>(size));
    map.map(op.getBlock().getArgument(numInputs + index), value);
  }
  for (Operation &each : op.getBlock().without_terminator())
    b.clone(each, map);
  for (auto [index, result] : llvm::enumerate(op.getTerminator()->getOperands())) {
    auto store = b.create<bufferization::MaterializeInDestinationOp>(
        loc, TypeRange(), map.lookup(result), memory[numInputs + index]);
    store.setRestrict(true);
    store.setWritable(true);
  }
}

LogicalResult makeFunction(const PlacedDispatch &dispatch, ModuleOp code, uint32_t number,
                           std::optional<Chunk> chunk) {
  OpBuilder b = OpBuilder::atBlockEnd(code.getBody());
  Location loc = dispatch.op.getLoc();
  func::FuncOp function = codegen::createDispatch(b, loc, "dispatch_" + std::to_string(number),
                                                  number, dispatch.buffers, dispatch.dims.size());
  codegen::DispatchArguments arguments = codegen::dispatchArguments(function);
  b.setInsertionPointToStart(&function.getBody().front());
  cloneBody(b, dispatch, arguments);
  Value ok = b.create<arith::ConstantIntOp>(loc, 0, 32);
  b.create<func::ReturnOp>(loc, ok);
  IRRewriter rewriter(b.getContext());
  bufferization::OneShotBufferizationOptions options = bufferizationOptions();
  if (failed(bufferization::eliminateEmptyTensors(rewriter, function)) ||
      failed(bufferization::runOneShotBufferize(function, options)))
    return failure();
  return makeLoops(function, chunk, arguments.x);
}

std::string sizesText(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + (ShapedType::isDynamic(size) ? "?" : std::to_string(size));
  return text.empty() ? "scalar" : text;
}

// "reduce 1x7x7x2048 -> 1x2048": the last op in words.
std::string describe(kernel::DispatchOp op) {
  Operation *root = op.getTerminator()->getOperand(0).getDefiningOp();
  std::string name = "loops";
  if (isa_and_nonnull<tensor::InsertSliceOp, tensor::InsertOp>(root))
    name = "store";
  else if (isa_and_nonnull<linalg::CopyOp>(root))
    name = "slice";
  else if (auto linalgOp = dyn_cast_or_null<linalg::LinalgOp>(root))
    name = linalgOp.getNumReductionLoops() ? "reduce" : "elementwise";
  return name + " " + sizesText(cast<RankedTensorType>(op->getResult(0).getType()).getShape());
}

} // namespace

FailureOr<Launch> lowerGeneratedDispatch(const PlacedDispatch &dispatch, Program &program,
                                         ModuleOp code, uint32_t function, bool isNew) {
  kernel::DispatchOp op = dispatch.op;
  std::optional<Chunk> chunk = chunkOf(op);
  if (isNew && failed(makeFunction(dispatch, code, function, chunk)))
    return failure();
  Launch launch;
  launch.grid.assign(3, program.size(1));
  launch.scratch = program.size(0);
  launch.kernel = describe(op);
  launch.buffers = llvm::to_vector(llvm::seq<unsigned>(0, dispatch.tensors.size()));
  if (!chunk)
    return launch;
  // The domain's sizes are those of the result, or of the part that an insert_slice stores.
  RankedTensorType domain = domainOf(op);
  Size size = program.size(domain.getDimSize(chunk->axis));
  if (domain.isDynamicDim(chunk->axis)) {
    if (domain != op->getResult(0).getType())
      size = dispatch.tensors.front().sizes[chunk->axis];
    else
      size = dispatch.tensors[op.getInputs().size()].sizes[chunk->axis];
  }
  launch.grid[0] = program.ceilDiv(size, program.size(chunk->count));
  return launch;
}

} // namespace firn::schedule
