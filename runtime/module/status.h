// How the runtime's functions fail: a code, and a message in the caller's firn_status.
#pragma once

#include "runtime/firn/runtime.h"

namespace firn::runtime {

/// Fills `status` (may be null) and returns `code`. Text as everywhere in firn: lower case, no full
/// stop, `expected X, got Y`.
__attribute__((format(printf, 3, 4))) firn_code fail(firn_status *status, firn_code code,
                                                     const char *format, ...);

/// FIRN_OK, also in `status`.
firn_code succeed(firn_status *status);

/// FIRN_OUT_OF_MEMORY.
firn_code failMemory(firn_status *status, uint64_t bytes);

/// "[8,224,?,3]"; long ones end in "…".
struct DimsText {
  DimsText(const int64_t *dims, uint32_t rank);
  char text[160];
};

} // namespace firn::runtime
