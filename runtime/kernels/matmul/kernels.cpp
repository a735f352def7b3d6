// The entries of the family.
#include "runtime/kernels/matmul/template.h"

#define FIRN_MATMUL(name, rows)                                                                    \
  FIRN_KERNEL_ENTRY(name, firn_matmul_args) {                                                      \
    return firn::kernels::matmul<rows>(group, args, firn::kernels::ModuleEpilogue{group});         \
  }
#if FIRN_LEVEL == 4
#define FIRN_MATMUL_V4 FIRN_MATMUL
#else
#define FIRN_MATMUL_V4(name, rows)
#endif
#include "runtime/kernels/matmul/kernels.inc"
