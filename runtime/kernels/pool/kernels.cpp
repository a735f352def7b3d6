// The entries of the family.
#include "runtime/kernels/pool/template.h"

#define FIRN_POOL(name, type)                                                                      \
  FIRN_KERNEL_ENTRY(name, firn_pool_args) {                                                        \
    return firn::kernels::pool<firn::kernels::type>(group, args,                                   \
                                                    firn::kernels::ModuleEpilogue{group});         \
  }
#include "runtime/kernels/pool/kernels.inc"
