#include "compiler/codegen/WidenEpilogue.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace firn::codegen {
namespace {

class Widener {
public:
  Widener(func::FuncOp function, unsigned lanes)
      : function(function), lanes(lanes), value(function.getArgument(1)),
        column(function.getArgument(3)) {}

  LogicalResult run() {
    if (!llvm::hasSingleElement(function.getBody()))
      return function.emitError("expected an epilogue without branches");
    auto types = llvm::to_vector(function.getArgumentTypes());
    types[1] = widened(types[1]);
    value.setType(types[1]);
    for (Operation &op : llvm::make_early_inc_range(function.front()))
      if (failed(widen(&op)))
        return failure();
    function.setFunctionType(FunctionType::get(function.getContext(), types, types[1]));
    return success();
  }

private:
  Type widened(Type type) { return VectorType::get({int64_t(lanes)}, type); }

  // A value per lane: the accumulator, what was widened already.
  bool isWide(Value operand) { return operand == value || wide.contains(operand); }

  // Whether it counts along the columns; only memory may be addressed by it.
  bool isColumn(Value operand) { return operand == column; }

  Value asWide(OpBuilder &builder, Value operand) {
    if (isWide(operand))
      return operand;
    return builder.create<vector::SplatOp>(operand.getLoc(), operand,
                                           cast<VectorType>(widened(operand.getType())));
  }

  LogicalResult widen(Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      return widenLoad(load);
    bool touches = llvm::any_of(op->getOperands(), [&](Value v) { return isWide(v); });
    if (isa<func::ReturnOp>(op)) {
      OpBuilder builder(op);
      op->setOperand(0, asWide(builder, op->getOperand(0)));
      return success();
    }
    if (llvm::any_of(op->getOperands(), [&](Value v) { return isColumn(v); }))
      return op->emitError("expected the column only as the last index of a load");
    if (!touches && op->getNumRegions() == 0)
      return success();
    if (auto call = dyn_cast<func::CallOp>(op))
      return widenCall(call);
    if (!op->hasTrait<OpTrait::Vectorizable>() || op->getNumResults() != 1)
      return op->emitError("expected elementwise ops in an epilogue");
    widenElementwise(op);
    return success();
  }

  void widenElementwise(Operation *op) {
    OpBuilder builder(op);
    for (OpOperand &operand : op->getOpOperands())
      operand.set(asWide(builder, operand.get()));
    Value result = op->getResult(0);
    result.setType(widened(result.getType()));
    wide.insert(result);
  }

  // A function of the math family has a form for vectors beside the one for f32.
  LogicalResult widenCall(func::CallOp call) {
    StringRef scalar = call.getCallee();
    if (!scalar.starts_with("firn_") || !scalar.ends_with("_f32"))
      return call.emitError("expected a function of the math family in an epilogue");
    widenElementwise(call);
    std::string name = (scalar + "v").str();
    call.setCallee(name);
    auto module = function->getParentOfType<ModuleOp>();
    if (!module.lookupSymbol(name)) {
      OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
      auto type = builder.getFunctionType(call.getOperandTypes(), call.getResultTypes());
      builder.create<func::FuncOp>(call.getLoc(), name, type).setPrivate();
    }
    return success();
  }

  LogicalResult widenLoad(memref::LoadOp load) {
    auto indices = load.getIndices();
    if (llvm::none_of(indices, [&](Value v) { return isColumn(v); }))
      return success();
    auto type = load.getMemRefType();
    int64_t offset;
    SmallVector<int64_t> strides;
    if (type.getElementType().isInteger(1) ||
        llvm::any_of(indices.drop_back(), [&](Value v) { return isColumn(v); }) ||
        failed(getStridesAndOffset(type, strides, offset)) || strides.back() != 1)
      return load.emitError("expected the column as the last index, of stride 1, of bytes or more");
    OpBuilder builder(load);
    auto vector = cast<VectorType>(widened(type.getElementType()));
    Value values = builder.create<vector::LoadOp>(load.getLoc(), vector, load.getMemRef(), indices);
    load.getResult().replaceAllUsesWith(values);
    load.erase();
    wide.insert(values);
    return success();
  }

  func::FuncOp function;
  unsigned lanes;
  BlockArgument value, column;
  llvm::DenseSet<Value> wide;
};

} // namespace

LogicalResult widenEpilogue(func::FuncOp epilogue, unsigned lanes) {
  return Widener(epilogue, lanes).run();
}

} // namespace firn::codegen
