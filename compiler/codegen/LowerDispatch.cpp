#include "compiler/codegen/DispatchFunction.h"
#include "compiler/codegen/LowerToLLVM.h"
#include "compiler/codegen/WidenEpilogue.h"
#include "compiler/support/Status.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace mlir;

namespace firn::codegen {
namespace {

LogicalResult bindAndLower(ModuleOp module, unsigned lanes, DispatchSignature &signature) {
  FailureOr<DispatchSignature> bound = bindSignature(module);
  if (failed(bound))
    return failure();
  signature = *bound;
  auto epilogue = module.lookupSymbol<func::FuncOp>(signature.epilogue);
  if (!signature.epilogue.empty() && failed(widenEpilogue(epilogue, lanes)))
    return failure();
  return lowerToLLVMDialect(module, lanes);
}

} // namespace

LoweredDispatch lowerDispatch(llvm::StringRef ir, unsigned lanes, llvm::StringRef dataLayout,
                              llvm::LLVMContext &context, std::string &error) {
  DialectRegistry registry;
  registerDispatchDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  MLIRContext mlir(registry, MLIRContext::Threading::DISABLED);
  // What the lowering itself builds; whatever else the text names is loaded on the way.
  mlir.loadDialect<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect,
                   vector::VectorDialect>();
  DiagnosticCollector diagnostics(&mlir);
  LoweredDispatch lowered;
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(ir, &mlir);
  if (module)
    (*module)->setAttr(LLVM::LLVMDialect::getDataLayoutAttrName(),
                       StringAttr::get(&mlir, dataLayout));
  if (module && succeeded(bindAndLower(*module, lanes, lowered.signature)))
    lowered.module = translateModuleToLLVMIR(*module, context, "dispatch");
  if (!lowered.module)
    error = diagnostics.status().ok() ? "its LLVM IR is invalid"
                                      : std::string(diagnostics.status().message());
  return lowered;
}

} // namespace firn::codegen
