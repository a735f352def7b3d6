// The entries of the family.
#include "runtime/kernels/plain/fourier.h"
#include "runtime/kernels/plain/order.h"
#include "runtime/kernels/plain/scan.h"
#include "runtime/kernels/plain/scatter.h"
#include "runtime/kernels/plain/sparse.h"
#include "runtime/kernels/plain/spectral.h"
#include "runtime/kernels/plain/suppress.h"
#include "runtime/kernels/plain/unique.h"

using namespace firn::kernels;

#define FIRN_PLAIN_AS(name, type, arguments, ...)                                                  \
  FIRN_KERNEL_ENTRY(name, arguments) {                                                             \
    using T [[maybe_unused]] = type;                                                               \
    return __VA_ARGS__(group, args);                                                               \
  }
#include "runtime/kernels/plain/kernels.inc"
