// The entries of the family.
#include "runtime/kernels/norm/template.h"

#define FIRN_NORM(name, arguments, function)                                                       \
  FIRN_KERNEL_ENTRY(name, arguments) {                                                             \
    return firn::kernels::function(group, args, firn::kernels::ModuleEpilogue{group});             \
  }
#include "runtime/kernels/norm/kernels.inc"
