// StringJoin, AsString, StringToHashBucketFast.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList stringKernels() { return {}; }

} // namespace firn::reference
