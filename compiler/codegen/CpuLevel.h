// The levels of processors that code is made for.
#pragma once

#include "runtime/module/format.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace firn::codegen {

using CpuLevel = firn_cpu_level;

/// How many f32 a vector register of the level has.
unsigned lanesOf(CpuLevel level);

/// The machine of a level; always there, as libLLVM holds its target. Any thread.
std::unique_ptr<llvm::TargetMachine> createTargetMachine(CpuLevel level);

/// Makes the module one of the level: triple, data layout, and on every function the same
/// processor, features and restrictions. Functions with different ones are not inlined into each
/// other.
void adoptLevel(llvm::Module &module, const llvm::TargetMachine &machine);

} // namespace firn::codegen
