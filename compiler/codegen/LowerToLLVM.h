// From one dispatch in MLIR to LLVM IR.
#pragma once

#include "compiler/codegen/Signature.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"

namespace firn::codegen {

/// The dialects that a dispatch may use.
void registerDispatchDialects(mlir::DialectRegistry &registry);

/// Lowers a module of dispatches to the LLVM dialect in place. `lanes`: how many f32 the level's
/// vectors have; epilogues become functions of that many. Errors: diagnostics.
mlir::LogicalResult lowerToLLVMDialect(mlir::ModuleOp module, unsigned lanes);

/// A lowered dispatch as LLVM IR: the body, the epilogue's body, and what their arguments are.
struct LoweredDispatch {
  std::unique_ptr<llvm::Module> module;
  DispatchSignature signature;
};

/// Parses the text or bytecode of a module with one dispatch in a context of its own (so any number
/// of threads may call this), lowers and translates it. Null with `error` set when it cannot.
LoweredDispatch lowerDispatch(llvm::StringRef ir, unsigned lanes, llvm::StringRef dataLayout,
                              llvm::LLVMContext &context, std::string &error);

} // namespace firn::codegen
