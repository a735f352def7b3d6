// Reshape, Transpose, Pad, Tile, SpaceToBatchND, ReverseV2.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList layoutKernels() { return {}; }

} // namespace firn::reference
