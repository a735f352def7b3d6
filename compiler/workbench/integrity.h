// Whether all of a checkpoint can be read.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/formats/checkpoint.h"

namespace firn {

struct Integrity {
  uint64_t files = 0, tensors = 0, slices = 0, bytes = 0;
  /// All that is wrong, a line each, in order of key.
  std::vector<std::string> problems;
  /// Keys whose values have no checksum that is known: variants and the like.
  std::vector<std::string> unchecked;
};

/// Reads every byte: every file is there, every checksum agrees, the slices of every tensor cover
/// it once. `checkpoint` must be open with `verify`.
Integrity checkIntegrity(Checkpoint &checkpoint,
                         const std::function<void(uint64_t done, uint64_t total)> &progress);

} // namespace firn
