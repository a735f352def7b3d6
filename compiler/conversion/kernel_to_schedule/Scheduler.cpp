#include "compiler/conversion/kernel_to_schedule/Scheduler.h"

#include "compiler/transforms/kernel/Views.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace firn::schedule {

Size Scheduler::sizeOf(OpFoldResult size) {
  if (std::optional<int64_t> number = getConstantIntValue(size))
    return program.size(*number);
  return sizes.lookup(llvm::cast<Value>(size));
}

Sizes Scheduler::sizesOf(ArrayRef<OpFoldResult> all) {
  Sizes result;
  for (OpFoldResult size : all)
    result.push_back(sizeOf(size));
  return result;
}

const Placed &Scheduler::placeOf(Value tensor) {
  auto it = places.find(tensor);
  assert(it != places.end() && "a tensor is placed before it is used");
  return it->second;
}

void Scheduler::place(Value tensor, Placed placed) {
  placed.type = cast<RankedTensorType>(tensor.getType());
  tenants[placed.buffer].push_back(tensor);
  places[tensor] = std::move(placed);
}

void Scheduler::placeArguments() {
  for (BlockArgument argument : main.getArguments()) {
    unsigned index = argument.getArgNumber();
    auto type = cast<RankedTensorType>(argument.getType());
    auto name = main.getArgAttrOfType<StringAttr>(index, "kernel.name");
    auto dtype = main.getArgAttrOfType<IntegerAttr>(index, "kernel.dtype");
    Value buffer = program.b.create<InputOp>(name ? name.getValue() : StringRef(),
                                             dtype ? dtype.getInt() : 0, type);
    Placed placed{buffer, program.size(0), type, {}};
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      placed.sizes.push_back(type.isDynamicDim(axis)
                                 ? Size(program.b.create<DimOp>(buffer, axis).getResult())
                                 : program.size(type.getDimSize(axis)));
    constants.insert(buffer);
    place(argument, placed);
  }
}

LogicalResult Scheduler::run() {
  placeArguments();
  return scheduleBlock(main.getBody().front());
}

LogicalResult Scheduler::scheduleBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(schedule(&op)))
      return failure();
  if (isa<func::ReturnOp>(block.getTerminator()))
    makeOutputs(block.getTerminator());
  return success();
}

LogicalResult Scheduler::schedule(Operation *op) {
  program.b.setLoc(op->getLoc());
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](kernel::DispatchOp dispatch) { return scheduleDispatch(dispatch); })
      .Case([&](scf::WhileOp loop) { return scheduleWhile(loop); })
      .Case([&](scf::ForOp loop) { return scheduleFor(loop); })
      .Case([&](scf::IfOp branch) { return scheduleIf(branch); })
      .Case<kernel::ConstantOp, kernel::PackOp>([&](Operation *constant) {
        placeConstant(constant);
        return success();
      })
      // Made where something is stored to them.
      .Case<tensor::EmptyOp>([](Operation *) { return success(); })
      .Default([&](Operation *other) {
        if (kernel::isView(other)) {
          placeView(other);
          return success();
        }
        return scheduleSize(other);
      });
}

// The weights of a constant that is only packed are those in panels.
void Scheduler::placeConstant(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  bool onlyPacked =
      llvm::all_of(op->getUsers(), [](Operation *user) { return isa<kernel::PackOp>(user); });
  auto pack = dyn_cast<kernel::PackOp>(op);
  auto constant =
      pack ? pack.getMatrix().getDefiningOp<kernel::ConstantOp>() : cast<kernel::ConstantOp>(op);
  if (!pack && onlyPacked)
    return;
  Value buffer = program.b.create<WeightsOp>(constant.getValue(), constant.getResult().getType(),
                                             pack != nullptr, pack && pack.getTransposed());
  constants.insert(buffer);
  Placed placed{buffer, program.size(0), type, {}};
  for (int64_t size : type.getShape())
    placed.sizes.push_back(program.size(size));
  place(op->getResult(0), placed);
}

void Scheduler::placeView(Operation *op) {
  Value source = op->getOperand(0);
  // A view of nothing is a tensor to store to: it gets its memory there.
  if (!places.count(source))
    return;
  Placed placed = placeOf(source);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    placed.isPart = true;
    Sizes offsets = sizesOf(slice.getMixedOffsets());
    Size stride = program.size(elementBytes(type.getElementType()));
    for (int64_t axis = offsets.size(); axis-- > 0;) {
      placed.offset = program.add(placed.offset, program.mul(offsets[axis], stride));
      stride = program.mul(stride, placed.sizes[axis]);
    }
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    placed.sizes.clear();
    for (auto [axis, size] : llvm::enumerate(slice.getMixedSizes()))
      if (!dropped.test(axis))
        placed.sizes.push_back(sizeOf(size));
  } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    placed.sizes =
        sizesOf(getMixedValues(expand.getStaticOutputShape(), expand.getOutputShape(), program.b));
  } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    Sizes whole = placed.sizes;
    placed.sizes.clear();
    for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
      Sizes factors;
      for (int64_t axis : group)
        factors.push_back(whole[axis]);
      placed.sizes.push_back(program.product(factors));
    }
  }
  for (auto [axis, size] : llvm::enumerate(type.getShape()))
    if (!ShapedType::isDynamic(size))
      placed.sizes[axis] = program.size(size);
  place(op->getResult(0), placed);
}

// Folding makes maps of the sizes of reshapes.
Size Scheduler::sizeOf(AffineExpr expr, unsigned numDims, ArrayRef<Size> operands) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return program.size(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return operands[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return operands[numDims + symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Size a = sizeOf(binary.getLHS(), numDims, operands);
  Size c = sizeOf(binary.getRHS(), numDims, operands);
  if (expr.getKind() == AffineExprKind::Add)
    return program.add(a, c);
  if (expr.getKind() == AffineExprKind::Mul)
    return program.mul(a, c);
  if (expr.getKind() == AffineExprKind::CeilDiv)
    return program.ceilDiv(a, c);
  Value x = program.value(a), y = program.value(c);
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return program.b.create<arith::FloorDivSIOp>(x, y).getResult();
  return program.b.create<arith::RemSIOp>(x, y).getResult();
}

// Arithmetic on sizes, and sizes that are read.
LogicalResult Scheduler::scheduleSize(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto number = dyn_cast<IntegerAttr>(constant.getValue()))
      sizes[op->getResult(0)] = program.size(number.getInt());
    return success(); // others are constants of bodies
  }
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    std::optional<int64_t> axis = dim.getConstantIndex();
    if (!axis)
      return op->emitOpError("expected a constant dimension");
    sizes[op->getResult(0)] = placeOf(dim.getSource()).sizes[*axis];
    return success();
  }
  if (auto read = dyn_cast<kernel::ReadOp>(op)) {
    const Placed &source = placeOf(read.getSource());
    sizes[op->getResult(0)] =
        program.b
            .create<ReadOp>(program.bufferOf(source), elementBytes(source.type.getElementType()),
                            program.value(sizeOf(read.getBound())))
            .getResult();
    return success();
  }
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op)) {
    Sizes operands = sizesOf(getAsOpFoldResult(apply.getMapOperands()));
    sizes[apply] =
        sizeOf(apply.getAffineMap().getResult(0), apply.getAffineMap().getNumDims(), operands);
    return success();
  }
  if (op->getNumResults() != 1 || !op->getResult(0).getType().isIndex())
    return success(); // scalars are computed inside the bodies that use them
  if (!isa_and_nonnull<arith::ArithDialect>(op->getDialect()))
    return op->emitOpError("has no place in a schedule");
  IRMapping map;
  for (Value operand : op->getOperands())
    map.map(operand, program.value(sizeOf(operand)));
  sizes[op->getResult(0)] = program.b.clone(*op, map)->getResult(0);
  return success();
}

namespace {

void collectNodes(Location loc, SmallVectorImpl<Attribute> &nodes) {
  if (auto name = dyn_cast<NameLoc>(loc)) {
    if (!llvm::is_contained(nodes, name.getName()))
      nodes.push_back(name.getName());
  } else if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location each : fused.getLocations())
      collectNodes(each, nodes);
  }
}

// The nodes of the graph that the ops of a body came from, in the order of the ops.
ArrayAttr nodesOf(kernel::DispatchOp op) {
  SmallVector<Attribute> nodes;
  for (Operation &each : op.getBlock().without_terminator())
    collectNodes(each.getLoc(), nodes);
  return ArrayAttr::get(op.getContext(), nodes);
}

// Which of its buffers holds what afterwards: the node that the yielded op came from last.
void nameResult(kernel::DispatchOp op, ArrayRef<unsigned> buffers, DispatchOp step) {
  Operation *last = op.getTerminator()->getOperand(0).getDefiningOp();
  const auto *place = llvm::find(buffers, op.getInputs().size());
  SmallVector<Attribute> nodes;
  if (last)
    collectNodes(last->getLoc(), nodes);
  if (nodes.empty() || place == buffers.end())
    return;
  Builder b(op.getContext());
  step->setAttr("tensor", b.getStringAttr(cast<StringAttr>(nodes.back()).getValue() + ":0"));
  step->setAttr("result", b.getI64IntegerAttr(place - buffers.begin()));
}

} // namespace

LogicalResult Scheduler::scheduleDispatch(kernel::DispatchOp op) {
  SmallVector<Placed> results;
  for (unsigned index = 0; index < op->getNumResults(); ++index)
    results.push_back(destination(op, index));
  PlacedDispatch dispatch = placed(op, results);
  FailureOr<Launch> launch = functions.of(dispatch, program);
  if (failed(launch))
    return failure();
  SmallVector<Value> buffers, grid;
  for (unsigned index : launch->buffers) {
    Placed tensor = dispatch.tensors[index];
    if (index >= op.getInputs().size() && launch->resultOffset)
      tensor.offset = program.add(tensor.offset, program.size(launch->resultOffset));
    buffers.push_back(program.bufferOf(tensor));
  }
  for (Size size : launch->grid)
    grid.push_back(program.value(size));
  if (grid.size() == 9 && llvm::all_equal({grid[0], grid[3], grid[6]}) &&
      llvm::all_equal({grid[1], grid[4], grid[7]}))
    grid.resize(3);
  auto step = program.b.create<DispatchOp>(
      launch->function, buffers, dispatch.dims, grid, program.value(launch->scratch),
      launch->flops ? program.value(launch->flops) : Value(), Value(),
      program.b.getStringAttr(launch->kernel), nodesOf(op));
  nameResult(op, launch->buffers, step);
  for (auto [result, placed] : llvm::zip(op->getResults(), results))
    place(result, placed);
  return success();
}

// What is returned lies in memory of its own.
void Scheduler::makeOutputs(Operation *terminator) {
  llvm::DenseSet<Value> taken;
  for (OpOperand &operand : terminator->getOpOperands()) {
    Placed placed = placeOf(operand.get());
    unsigned index = operand.getOperandNumber();
    auto name = main.getResultAttrOfType<StringAttr>(index, "kernel.name");
    auto dtype = main.getResultAttrOfType<IntegerAttr>(index, "kernel.dtype");
    auto buffer = placed.buffer.getDefiningOp<BufferOp>();
    bool isOwn = buffer && !placed.isPart && taken.insert(placed.buffer).second;
    if (!isOwn) {
      Placed own = program.allocate(placed.type, placed.sizes);
      program.copy(placed, own);
      placed = own;
      buffer = placed.buffer.getDefiningOp<BufferOp>();
    }
    buffer.setOutput(true);
    SmallVector<Value> dims;
    for (auto [axis, size] : llvm::enumerate(placed.sizes))
      if (placed.type.isDynamicDim(axis))
        dims.push_back(program.value(size));
    program.b.create<OutputOp>(name ? name.getValue() : StringRef(), dtype ? dtype.getInt() : 0,
                               placed.buffer, dims, placed.type);
  }
}

} // namespace firn::schedule
