// The entries of the family.
#include "runtime/kernels/topk/template.h"

#define FIRN_TOPK(name, type)                                                                      \
  FIRN_KERNEL_ENTRY(name, firn_topk_args) { return firn::kernels::topk<type>(group, args); }
#include "runtime/kernels/topk/kernels.inc"
