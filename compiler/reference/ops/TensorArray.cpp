// TensorArrayV3 and its reads and writes.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList tensorArrayKernels() { return {}; }

} // namespace firn::reference
