// HashTableV2, LookupTableFindV2.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList tableKernels() { return {}; }

} // namespace firn::reference
