// Element types of ports.
#pragma once

#include "runtime/firn/runtime.h"

namespace firn::runtime {

/// Bytes of an element; 0 for a type that no compiled model takes or gives.
uint32_t sizeOfType(int32_t dtype);

} // namespace firn::runtime
