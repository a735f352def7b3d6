// The functions by which the runtime and the kernels enter a dispatch.
#pragma once

#include "compiler/codegen/Signature.h"
#include "llvm/IR/Module.h"

namespace firn::codegen {

/// The symbol of a dispatch's entry: uint32_t firn_function_N(const firn_workgroup *).
std::string entrySymbol(uint32_t function);

/// Adds the entry of a lowered dispatch, which takes the body's arguments from the workgroup, and
/// the function firn_epilogue that kernels call: the dispatch's own or, where it has none, the
/// value unchanged.
void addEntries(llvm::Module &module, const DispatchSignature &signature, unsigned lanes);

/// Makes memory hold bools as whole bytes and accesses of memory `inbounds`, so that LLVM
/// vectorises.
void refineMemoryAccess(llvm::Module &module);

/// A module with `firn_dispatch`, which switches to the entries of the functions.
std::unique_ptr<llvm::Module> createSwitch(llvm::LLVMContext &context,
                                           llvm::ArrayRef<uint32_t> functions);

} // namespace firn::codegen
