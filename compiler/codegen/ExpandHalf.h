// Conversions of f16 and bf16 that a level has no instructions for.
#pragma once

#include "compiler/codegen/CpuLevel.h"

namespace firn::codegen {

/// Replaces conversions between f32 and bf16, and at level 2 f16, by integer arithmetic; rounding
/// to the nearest, ties to even. What only moves such numbers moves integers. Without it LLVM calls
/// functions of a C runtime that is not there.
void expandHalf(llvm::Module &module, CpuLevel level);

} // namespace firn::codegen
