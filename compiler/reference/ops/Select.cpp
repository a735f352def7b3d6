// Select, Where, Cast, ClipByValue.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList selectKernels() { return {}; }

} // namespace firn::reference
