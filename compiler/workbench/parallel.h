// Work on several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace firn {

/// Calls `work` with 0 … count - 1, on as many threads as the machine has, in no order. After the
/// first error, which is returned, no more is begun.
absl::Status forEachInParallel(size_t count, const std::function<absl::Status(size_t)> &work);

} // namespace firn
