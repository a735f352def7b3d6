// What LLVM may call without being told: memcpy, memmove, memset.
#pragma once

#include "llvm/IR/Module.h"

namespace firn::codegen {

/// A module of the memory functions of the C library, of the string instructions.
std::unique_ptr<llvm::Module> createSupport(llvm::LLVMContext &context);

} // namespace firn::codegen
