// Dispatches that call the kernel library: the arguments of the kernel, its grid, its epilogue.
#include "compiler/conversion/kernel_to_schedule/LibraryCalls.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace firn::schedule {

namespace {

// The operand of the dispatch behind an argument of its block: which buffer it is.
unsigned bufferOf(const PlacedDispatch &dispatch, Value argument) {
  unsigned index = cast<BlockArgument>(argument).getArgNumber();
  unsigned numInputs = dispatch.op.getInputs().size(), numSizes = dispatch.op.getSizes().size();
  return index < numInputs ? index : index - numSizes;
}

// The element of an extra operand for element (row, column) of the result.
Value loadExtra(OpBuilder &b, Location loc, kernel::ExtraKind kind, RankedTensorType type,
                Value buffer, const codegen::DispatchArguments &arguments) {
  Type element = type.getElementType();
  if (kind == kernel::ExtraKind::Scalar)
    return b.create<memref::LoadOp>(loc, buffer);
  Value one = b.create<arith::ConstantIndexOp>(loc, 1);
  if (kind == kernel::ExtraKind::Channel) {
    auto view = MemRefType::get({ShapedType::kDynamic}, element);
    Value vector = codegen::viewBuffer(b, loc, buffer, view, one);
    return b.create<memref::LoadOp>(loc, vector, arguments.column);
  }
  auto view = MemRefType::get({ShapedType::kDynamic, type.getShape().back()}, element);
  Value rows = codegen::viewBuffer(b, loc, buffer, view, one);
  return b.create<memref::LoadOp>(loc, rows, ValueRange{arguments.row, arguments.column});
}

void makeEpilogue(const PlacedDispatch &dispatch, kernel::LibraryOpInterface op,
                  func::FuncOp function, const std::string &name, ArrayRef<unsigned> order) {
  OpBuilder b(function);
  Location loc = op->getLoc();
  func::FuncOp epilogue = codegen::createEpilogue(b, loc, function, name);
  codegen::DispatchArguments arguments = codegen::dispatchArguments(epilogue);
  b.setInsertionPointToStart(&epilogue.getBody().front());
  Block &body = op.getEpilogue().front();
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  IRMapping map;
  map.map(body.getArgument(0), arguments.value);
  for (auto [extra, inner] : llvm::zip(op.getExtras(), body.getArguments().drop_front())) {
    auto type = cast<RankedTensorType>(extra.getType());
    unsigned buffer = llvm::find(order, bufferOf(dispatch, extra)) - order.begin();
    map.map(inner, loadExtra(b, loc, *kernel::extraKind(type, result), type,
                             arguments.buffers[buffer], arguments));
  }
  // Constants may stand in the dispatch's body.
  for (Operation &each : dispatch.op.getBlock().without_terminator())
    if (each.hasTrait<OpTrait::ConstantLike>())
      b.clone(each, map);
  for (Operation &each : body.without_terminator())
    b.clone(each, map);
  Value value = map.lookupOrDefault(body.getTerminator()->getOperand(0));
  b.create<func::ReturnOp>(loc, value);
}

Value argumentValue(OpBuilder &b, Location loc, const CallArgument &argument, ValueRange dims) {
  if (const auto *number = std::get_if<double>(&argument.constant))
    return b.create<arith::ConstantFloatOp>(loc, APFloat(*number), b.getF64Type());
  Value product = b.create<arith::ConstantIndexOp>(loc, std::get<int64_t>(argument.constant));
  for (unsigned dim : argument.dims)
    product = b.create<arith::MulIOp>(loc, product, dims[dim]);
  return product;
}

void makeFunction(const PlacedDispatch &dispatch, const LibraryCall &call, ModuleOp code,
                  uint32_t number) {
  OpBuilder b = OpBuilder::atBlockEnd(code.getBody());
  Location loc = dispatch.op.getLoc();
  std::string name = "dispatch_" + std::to_string(number) + "_v" + std::to_string(call.level);
  SmallVector<codegen::BufferArgument> buffers;
  for (unsigned index : call.buffers)
    buffers.push_back(dispatch.buffers[index]);
  func::FuncOp function = codegen::createDispatch(b, loc, name, number, buffers,
                                                  dispatch.dims.size(), call.scratchBytes > 0);
  function->setAttr("firn.level", b.getI32IntegerAttr(call.level));
  codegen::DispatchArguments arguments = codegen::dispatchArguments(function);
  auto library = dyn_cast<kernel::LibraryOpInterface>(call.op);
  if (library && library.hasEpilogue())
    makeEpilogue(dispatch, library, function, name + "_epilogue", call.buffers);
  b.setInsertionPointToStart(&function.getBody().front());
  SmallVector<Value> values;
  for (const CallArgument &argument : call.arguments)
    values.push_back(argumentValue(b, loc, argument, arguments.dims));
  b.create<func::ReturnOp>(loc, codegen::callKernel(b, loc, call.kernel, values));
}

} // namespace

FailureOr<Launch> lowerLibraryDispatch(const PlacedDispatch &dispatch, Program &program,
                                       ModuleOp code, uint32_t function, bool isNew) {
  Launch launch;
  int64_t scratch = 0;
  for (int level : {2, 3, 4}) {
    FailureOr<LibraryCall> call = libraryCall(dispatch, program, level);
    if (failed(call))
      return failure();
    if (isNew)
      makeFunction(dispatch, *call, code, function);
    scratch = std::max(scratch, call->scratchBytes);
    launch.grid.append(call->grid.begin(), call->grid.end());
    launch.kernel = call->description;
    launch.flops = call->flops;
    launch.buffers = call->buffers;
    launch.resultOffset = call->resultOffset;
  }
  launch.scratch = program.size(scratch);
  return launch;
}

} // namespace firn::schedule
