// Slice, StridedSlice.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList sliceKernels() { return {}; }

} // namespace firn::reference
