#include "compiler/codegen/LowerToLLVM.h"

#include "compiler/codegen/DispatchFunction.h"
#include "compiler/codegen/KernelCalls.h"
#include "compiler/codegen/MathCalls.h"
#include "compiler/codegen/WidenEpilogue.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ComplexToStandard/ComplexToStandard.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToFuncs/MathToFuncs.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;

namespace firn::codegen {
namespace {

// Processors of the lowest level compute nothing in f16 and bf16: values widen, results round.
LogicalResult computeHalvesInFloat(ModuleOp module) {
  MLIRContext *context = module.getContext();
  Type halves[] = {Float16Type::get(context), BFloat16Type::get(context)};
  TypeConverter converter;
  arith::populateEmulateUnsupportedFloatsConversions(converter, halves, Float32Type::get(context));
  RewritePatternSet patterns(context);
  arith::populateEmulateUnsupportedFloatsPatterns(patterns, converter);
  ConversionTarget target(*context);
  arith::populateEmulateUnsupportedFloatsLegality(target, converter);
  target.addDynamicallyLegalDialect<math::MathDialect>(
      [&](Operation *op) { return converter.isLegal(op); });
  return applyPartialConversion(module, target, std::move(patterns));
}

LogicalResult runPasses(ModuleOp module, llvm::function_ref<void(OpPassManager &)> fill) {
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  passes.enableVerifier(false);
  fill(passes);
  return passes.run(module);
}

// Down to loops over scalars and vectors, memory addressed by plain offsets.
void addLoopPasses(OpPassManager &passes, bool linalg) {
  if (linalg)
    passes.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  passes.addPass(createConvertVectorToSCFPass());
  passes.addPass(createConvertComplexToStandardPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(createConvertMathToFuncs());
}

bool usesLinalg(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        return isa<linalg::LinalgDialect>(op->getDialect()) ? WalkResult::interrupt()
                                                            : WalkResult::advance();
      })
      .wasInterrupted();
}

// Upstream lowers a copy between strides to a function of its own runtime.
void copyInLoops(ModuleOp module) {
  module.walk([](memref::CopyOp copy) {
    OpBuilder builder(copy);
    builder.getContext()->loadDialect<linalg::LinalgDialect>();
    linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(), copy.getTarget());
    copy.erase();
  });
}

// Offsets and sizes stay far below 2^63: told so, LLVM needs no checks before it vectorises.
void markIndexArithmetic(ModuleOp module) {
  auto mark = [](auto op) {
    if (op.getType().isIndex())
      op.setOverflowFlags(arith::IntegerOverflowFlags::nsw);
  };
  module.walk([&](Operation *op) {
    llvm::TypeSwitch<Operation *>(op).Case<arith::AddIOp, arith::SubIOp, arith::MulIOp>(mark);
  });
}

LogicalResult convertToLLVM(ModuleOp module) {
  MLIRContext *context = module.getContext();
  LowerToLLVMOptions options(context);
  options.useBarePtrCallConv = true;
  options.allocLowering = LowerToLLVMOptions::AllocLowering::None;
  LLVMTypeConverter converter(context, options);
  RewritePatternSet patterns(context);
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  arith::populateArithToLLVMConversionPatterns(converter, patterns);
  populateMathToLLVMConversionPatterns(converter, patterns);
  ub::populateUBToLLVMConversionPatterns(converter, patterns);
  populateComplexToLLVMConversionPatterns(converter, patterns);
  populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
  populateVectorToLLVMConversionPatterns(converter, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
  populateFuncToLLVMConversionPatterns(converter, patterns);
  LLVMConversionTarget target(*context);
  target.addLegalOp<ModuleOp>();
  return applyFullConversion(module, target, std::move(patterns));
}

} // namespace

void registerDispatchDialects(DialectRegistry &registry) {
  registry.insert<affine::AffineDialect, arith::ArithDialect, cf::ControlFlowDialect,
                  complex::ComplexDialect, func::FuncDialect, linalg::LinalgDialect,
                  LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                  ub::UBDialect, vector::VectorDialect>();
}

LogicalResult lowerToLLVMDialect(ModuleOp module, unsigned lanes) {
  copyInLoops(module);
  bool linalg = usesLinalg(module);
  if (failed(runPasses(module, [&](OpPassManager &p) { addLoopPasses(p, linalg); })) ||
      failed(computeHalvesInFloat(module)))
    return failure();
  callMathFunctions(module, lanes);
  markIndexArithmetic(module);
  if (failed(passKernelArguments(module)) ||
      failed(runPasses(module, [](OpPassManager &p) { p.addPass(createConvertSCFToCFPass()); })))
    return failure();
  if (failed(convertToLLVM(module)))
    return failure();
  return runPasses(module,
                   [](OpPassManager &p) { p.addPass(createReconcileUnrealizedCastsPass()); });
}

} // namespace firn::codegen
