// The entries of the family.
#include "runtime/kernels/softmax/template.h"

#define FIRN_SOFTMAX(name, type)                                                                   \
  FIRN_KERNEL_ENTRY(name, firn_softmax_args) {                                                     \
    return firn::kernels::softmax<firn::kernels::type>(group, args,                                \
                                                       firn::kernels::ModuleEpilogue{group});      \
  }
#include "runtime/kernels/softmax/kernels.inc"
