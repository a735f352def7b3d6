// The entries of the family.
#include "runtime/kernels/depthwise/template.h"

#define FIRN_DEPTHWISE(name, width, stride)                                                        \
  FIRN_KERNEL_ENTRY(name, firn_depthwise_args) {                                                   \
    return firn::kernels::depthwise<width, stride>(group, args,                                    \
                                                   firn::kernels::ModuleEpilogue{group});          \
  }
#define FIRN_DEPTHWISE_ANY(name)                                                                   \
  FIRN_KERNEL_ENTRY(name, firn_depthwise_args) {                                                   \
    return firn::kernels::depthwiseAny(group, args, firn::kernels::ModuleEpilogue{group});         \
  }
#include "runtime/kernels/depthwise/kernels.inc"
