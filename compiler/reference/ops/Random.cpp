// RandomUniform: TensorFlow's Philox streams.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList randomKernels() { return {}; }

} // namespace firn::reference
