// MatMul, BatchMatMul, Einsum.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList matMulKernels() { return {}; }

} // namespace firn::reference
