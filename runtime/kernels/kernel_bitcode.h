// The kernels as LLVM bitcode, embedded in the program that links FirnKernelBitcode.
#pragma once

#include <stddef.h>

namespace firn::kernels {

/// One bitcode file. It lives as long as the program.
struct Bitcode {
  const char *data;
  size_t size;
};

/// All kernel entries, compiled for x86-64-v<level> (2, 3, 4), not optimised yet: the parts of an
/// entry are `always_inline` functions. It calls `firn_epilogue`, which the compiler defines.
Bitcode bitcode(int level);

/// memcpy, memmove, memset, memcmp for x86-64-v<level>. Apart from the kernels, because LLVM makes
/// calls of these after it has removed unused functions: compile it to an object of its own.
Bitcode supportBitcode(int level);

} // namespace firn::kernels
