#include "compiler/codegen/KernelCalls.h"

#include "compiler/codegen/DispatchFunction.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace firn::codegen {
namespace {

// The struct is made at the function's start, so that it stays a static alloca inside loops.
Value storeFields(func::CallOp call, func::FuncOp function) {
  MLIRContext *context = call.getContext();
  auto type = LLVM::LLVMStructType::getLiteral(context, llvm::to_vector(call.getOperandTypes()));
  auto pointer = LLVM::LLVMPointerType::get(context);
  OpBuilder builder = OpBuilder::atBlockBegin(&function.getBody().front());
  Value one = builder.create<LLVM::ConstantOp>(call.getLoc(), builder.getI64IntegerAttr(1));
  Value memory = builder.create<LLVM::AllocaOp>(call.getLoc(), pointer, type, one);
  builder.setInsertionPoint(call);
  for (auto [i, field] : llvm::enumerate(call.getOperands())) {
    Value place = builder.create<LLVM::GEPOp>(call.getLoc(), pointer, type, memory,
                                              ArrayRef<LLVM::GEPArg>{0, int32_t(i)});
    builder.create<LLVM::StoreOp>(call.getLoc(), field, place);
  }
  return memory;
}

LogicalResult passArguments(func::CallOp call) {
  for (Type type : call.getOperandTypes())
    if (!type.isInteger(64) && !type.isF64())
      return call.emitError("expected fields of type i64 or f64, got ") << type;
  auto function = call->getParentOfType<func::FuncOp>();
  Value fields = storeFields(call, function);
  OpBuilder builder(call);
  auto made = builder.create<func::CallOp>(call.getLoc(), call.getCallee(), builder.getI32Type(),
                                           ValueRange{function.getArgument(0), fields});
  call.replaceAllUsesWith(made);
  call.erase();
  return success();
}

} // namespace

LogicalResult passKernelArguments(ModuleOp module) {
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  Builder builder(module.getContext());
  for (auto function : module.getOps<func::FuncOp>())
    if (function.getName().starts_with(kernelPrefix))
      function.setFunctionType(builder.getFunctionType({pointer, pointer}, builder.getI32Type()));
  SmallVector<func::CallOp> calls;
  module.walk([&](func::CallOp call) {
    if (call.getCallee().starts_with(kernelPrefix))
      calls.push_back(call);
  });
  for (func::CallOp call : calls)
    if (failed(passArguments(call)))
      return failure();
  return success();
}

} // namespace firn::codegen
