// Conv2D, Conv3D, depthwise, transposed.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList convKernels() { return {}; }

} // namespace firn::reference
