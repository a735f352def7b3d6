// The entries of the family.
#include "runtime/kernels/conv/template.h"

#define FIRN_CONV(name, pixels)                                                                    \
  FIRN_KERNEL_ENTRY(name, firn_conv_args) {                                                        \
    return firn::kernels::conv<pixels>(group, args, firn::kernels::ModuleEpilogue{group});         \
  }
#if FIRN_LEVEL == 4
#define FIRN_CONV_V4 FIRN_CONV
#else
#define FIRN_CONV_V4(name, pixels)
#endif
#include "runtime/kernels/conv/kernels.inc"
