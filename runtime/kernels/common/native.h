// How tests and benchmarks reach the native entries: FIRN_DECLARE_KERNEL for each line of a
// family's kernels.inc.
#pragma once

#include "runtime/abi/dispatch.h"

#include <cstdint>

namespace firn::kernels {

/// A native entry; `Args` is the family's argument structure.
template <class Args> struct NativeKernel {
  const char *name; ///< as in kernels.inc
  int level;        ///< 2, 3, 4
  uint32_t (*run)(const firn_workgroup *, const Args *);
};

/// Whether this machine can run code of a level.
inline bool machineHas(int level) {
  return level == 4   ? __builtin_cpu_supports("x86-64-v4")
         : level == 3 ? __builtin_cpu_supports("x86-64-v3")
                      : __builtin_cpu_supports("x86-64-v2");
}

} // namespace firn::kernels

/// Declares the native entry of a kernel at one level.
#define FIRN_DECLARE_KERNEL(name, level, arguments)                                                \
  extern "C" uint32_t firn_kernel_##name##_v##level(const firn_workgroup *, const arguments *);

/// A NativeKernel of it.
#define FIRN_NATIVE_KERNEL(name, level) {#name, level, firn_kernel_##name##_v##level},
