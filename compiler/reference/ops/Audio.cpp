// DecodeWav, AudioSpectrogram, Mfcc.
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

KernelList audioKernels() { return {}; }

} // namespace firn::reference
