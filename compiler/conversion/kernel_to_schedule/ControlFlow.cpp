// Loops and conds: their variables have memory of their own.
#include "compiler/conversion/kernel_to_schedule/Scheduler.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace firn::schedule {

namespace {

// Sizes of a loop's variable are those of its first value where the type leaves them open.
Placed typedPlace(Placed placed, Value value) {
  placed.type = cast<RankedTensorType>(value.getType());
  return placed;
}

} // namespace

// The bool that `arith.cmpi ne (tensor.extract %t), 0` reads.
FailureOr<Value> Scheduler::conditionBuffer(Value condition) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  auto extract = compare ? compare.getLhs().getDefiningOp<tensor::ExtractOp>() : nullptr;
  bool isPlain = extract && compare.getPredicate() == arith::CmpIPredicate::ne &&
                 isConstantIntValue(getAsOpFoldResult(compare.getRhs()), 0) &&
                 extract.getTensor().getType().getElementType().isInteger(8);
  if (!isPlain)
    return emitError(condition.getLoc(),
                     "expected a condition that compares an element of a tensor of bools with 0"),
           failure();
  return program.bufferOf(placeOf(extract.getTensor()));
}

Placed Scheduler::carried(Value init, Operation *loop, ArrayRef<Placed> others) {
  auto type = cast<RankedTensorType>(init.getType());
  if (!places.count(init))
    return program.allocate(type, emptySizes(init));
  // Two variables that begin as the same tensor part ways.
  bool isTaken = llvm::any_of(
      others, [&](const Placed &other) { return other.buffer == placeOf(init).buffer; });
  if (!isTaken && !placeOf(init).isPart && mayChange(init, loop))
    return placeOf(init);
  Placed own = program.allocate(type, placeOf(init).sizes);
  program.copy(placeOf(init), own);
  return own;
}

// A dispatch whose result is only handed on stores it where it is wanted, when the old contents are
// not read any more.
void Scheduler::wantResults(Block &block, ValueRange values, ArrayRef<Placed> targets) {
  for (auto [value, target] : llvm::zip(values, targets)) {
    Operation *maker = value.getDefiningOp();
    if (!isa_and_nonnull<kernel::DispatchOp>(maker) || maker->getBlock() != &block ||
        !value.hasOneUse() || llvm::count(values, value) != 1)
      continue;
    bool isFree = true;
    for (Value tenant : tenants[target.buffer])
      for (Operation *user : tenant.getUsers()) {
        Operation *there = block.findAncestorOpInBlock(*user);
        isFree &= !there || (there != maker && there->isBeforeInBlock(maker));
      }
    if (isFree)
      wanted[value] = target;
  }
}

// All at once: what lies where another value goes is put aside first.
void Scheduler::handOn(ValueRange values, ArrayRef<Placed> targets) {
  SmallVector<Placed> sources;
  for (auto [index, value] : llvm::enumerate(values)) {
    Placed source = placeOf(value);
    bool isOverwritten = false;
    for (auto [other, target] : llvm::enumerate(targets))
      isOverwritten |= other < index && target.buffer == source.buffer;
    if (isOverwritten) {
      Placed aside = program.allocate(source.type, source.sizes);
      program.copy(source, aside);
      source = aside;
    }
    sources.push_back(source);
  }
  for (auto [source, target] : llvm::zip(sources, targets))
    program.copy(source, target);
}

LogicalResult Scheduler::scheduleRegion(Block &block, Region &into, ValueRange values,
                                        ArrayRef<Placed> targets) {
  OpBuilder::InsertionGuard guard(program.b);
  program.b.setInsertionPointToEnd(&into.front());
  wantResults(block, values, targets);
  if (failed(scheduleBlock(block)))
    return failure();
  handOn(values, targets);
  return success();
}

LogicalResult Scheduler::scheduleWhile(scf::WhileOp op) {
  SmallVector<Placed> variables, handed;
  for (auto [init, argument] : llvm::zip(op.getInits(), op.getBeforeArguments())) {
    variables.push_back(typedPlace(carried(init, op, variables), argument));
    place(argument, variables.back());
  }
  // What the condition hands on is mostly its own variables.
  scf::ConditionOp condition = op.getConditionOp();
  SmallVector<Value> copied;
  SmallVector<Placed> copies;
  for (auto [value, argument, result] :
       llvm::zip(condition.getArgs(), op.getAfterArguments(), op.getResults())) {
    auto it = llvm::find(op.getBeforeArguments(), value);
    if (it != op.getBeforeArguments().end()) {
      handed.push_back(variables[it - op.getBeforeArguments().begin()]);
    } else {
      auto type = cast<RankedTensorType>(value.getType());
      if (!type.hasStaticShape())
        return op.emitOpError("hands on a tensor of unknown sizes that its condition makes");
      Sizes sizes;
      for (int64_t size : type.getShape())
        sizes.push_back(program.size(size));
      handed.push_back(program.allocate(type, sizes));
      copied.push_back(value);
      copies.push_back(handed.back());
    }
    place(argument, typedPlace(handed.back(), argument));
  }
  Value flag = program.b.create<BufferOp>(program.value(program.size(1)), IntegerAttr(), false);
  auto loop = program.b.create<WhileOp>(flag);
  loop.getBefore().emplaceBlock();
  loop.getBody().emplaceBlock();
  if (failed(scheduleCondition(op, loop, copied, copies)))
    return failure();
  auto yield = cast<scf::YieldOp>(op.getAfterBody()->getTerminator());
  if (failed(scheduleRegion(*op.getAfterBody(), loop.getBody(), yield.getOperands(), variables)))
    return failure();
  for (auto [result, placed] : llvm::zip(op.getResults(), handed))
    place(result, typedPlace(placed, result));
  return success();
}

// The steps of the condition, and its bool in the loop's flag.
LogicalResult Scheduler::scheduleCondition(scf::WhileOp op, WhileOp loop, ValueRange values,
                                           ArrayRef<Placed> targets) {
  if (failed(scheduleRegion(*op.getBeforeBody(), loop.getBefore(), values, targets)))
    return failure();
  OpBuilder::InsertionGuard guard(program.b);
  program.b.setInsertionPointToEnd(&loop.getBefore().front());
  FailureOr<Value> flag = conditionBuffer(op.getConditionOp().getCondition());
  if (failed(flag))
    return failure();
  program.b.create<CopyOp>(*flag, loop.getCondition(), program.value(program.size(1)));
  return success();
}

LogicalResult Scheduler::scheduleFor(scf::ForOp op) {
  SmallVector<Placed> variables;
  for (auto [init, argument] : llvm::zip(op.getInitArgs(), op.getRegionIterArgs())) {
    variables.push_back(typedPlace(carried(init, op, variables), argument));
    place(argument, variables.back());
  }
  Size begin = sizeOf(op.getLowerBound()), end = sizeOf(op.getUpperBound()),
       step = sizeOf(op.getStep());
  Size count = isConstantIntValue(begin, 0)
                   ? end
                   : Size(program.b.create<arith::SubIOp>(program.value(end), program.value(begin))
                              .getResult());
  count = program.ceilDiv(count, step);
  auto loop = program.b.create<ForOp>(program.value(count));
  Block &steps = loop.getBody().emplaceBlock();
  Value round = steps.addArgument(program.b.getIndexType(), op.getLoc());
  {
    OpBuilder::InsertionGuard guard(program.b);
    program.b.setInsertionPointToEnd(&steps);
    sizes[op.getInductionVar()] = program.add(begin, program.mul(round, step));
  }
  auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
  if (failed(scheduleRegion(*op.getBody(), loop.getBody(), yield.getOperands(), variables)))
    return failure();
  for (auto [result, placed] : llvm::zip(op.getResults(), variables))
    place(result, typedPlace(placed, result));
  return success();
}

LogicalResult Scheduler::scheduleIf(scf::IfOp op) {
  FailureOr<Value> flag = conditionBuffer(op.getCondition());
  if (failed(flag))
    return failure();
  SmallVector<Placed> results;
  for (Value result : op.getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    Sizes sizes;
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      sizes.push_back(type.isDynamicDim(axis) ? Size() : program.size(type.getDimSize(axis)));
    if (!type.hasStaticShape()) {
      std::optional<Sizes> known = sizesOfResult(op, cast<OpResult>(result).getResultNumber());
      if (!known)
        return op.emitOpError("yields a tensor whose sizes are known in its branches only");
      sizes = *known;
    }
    results.push_back(program.allocate(type, sizes));
  }
  auto branch = program.b.create<IfOp>(*flag);
  branch.getThen().emplaceBlock();
  branch.getOtherwise().emplaceBlock();
  if (failed(
          scheduleRegion(*op.thenBlock(), branch.getThen(), op.thenYield().getOperands(), results)))
    return failure();
  if (op.elseBlock() && failed(scheduleRegion(*op.elseBlock(), branch.getOtherwise(),
                                              op.elseYield().getOperands(), results)))
    return failure();
  for (auto [result, placed] : llvm::zip(op.getResults(), results))
    place(result, typedPlace(placed, result));
  return success();
}

// Sizes that a branch's result takes from values outside of the cond.
std::optional<Sizes> Scheduler::sizesOfResult(scf::IfOp op, unsigned index) {
  for (Value value : {op.thenYield().getOperand(index), op.elseYield().getOperand(index)}) {
    while (auto dispatch = value.getDefiningOp<kernel::DispatchOp>())
      value = dispatch.getInits()[cast<OpResult>(value).getResultNumber()];
    if (places.count(value))
      return placeOf(value).sizes;
    auto empty = value.getDefiningOp<tensor::EmptyOp>();
    if (!empty)
      continue;
    Sizes known;
    for (OpFoldResult size : empty.getMixedSizes())
      if (getConstantIntValue(size) || sizes.count(llvm::cast<Value>(size)))
        known.push_back(sizeOf(size));
    if (known.size() == empty.getMixedSizes().size())
      return known;
  }
  return std::nullopt;
}

} // namespace firn::schedule
