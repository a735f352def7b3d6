// Neg, Exp, Relu and the like: one operand.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList unaryKernels() { return {}; }

} // namespace firn::reference
