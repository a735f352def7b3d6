#include "runtime/module/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

namespace firn::runtime {

firn_code fail(firn_status *status, firn_code code, const char *format, ...) {
  if (status) {
    status->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(status->message, sizeof status->message, format, arguments);
    va_end(arguments);
  }
  return code;
}

firn_code succeed(firn_status *status) {
  if (status) {
    status->code = FIRN_OK;
    status->message[0] = 0;
  }
  return FIRN_OK;
}

firn_code failMemory(firn_status *status, uint64_t bytes) {
  return fail(status, FIRN_OUT_OF_MEMORY, "out of memory: %" PRIu64 " bytes", bytes);
}

DimsText::DimsText(const int64_t *dims, uint32_t rank) {
  constexpr size_t kLongest = 24; // of a number with its comma, and of the end
  size_t at = 0;
  text[at++] = '[';
  for (uint32_t i = 0; i < rank; ++i) {
    if (at + 2 * kLongest > sizeof text) {
      at += snprintf(text + at, sizeof text - at, "…");
      break;
    }
    const char *comma = i + 1 < rank ? "," : "";
    at += dims[i] < 0 ? snprintf(text + at, sizeof text - at, "?%s", comma)
                      : snprintf(text + at, sizeof text - at, "%" PRId64 "%s", dims[i], comma);
  }
  text[at++] = ']';
  text[at] = 0;
}

} // namespace firn::runtime
