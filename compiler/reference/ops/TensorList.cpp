// TensorListReserve and the other lists that loops of TensorFlow 2 use.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList tensorListKernels() { return {}; }

} // namespace firn::reference
