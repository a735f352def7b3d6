// ResizeBilinear, CropAndResize, ExtractImagePatches.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList imageKernels() { return {}; }

} // namespace firn::reference
