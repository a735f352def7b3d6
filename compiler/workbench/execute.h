// Carrying out a plan.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/workbench/sink.h"

namespace firn {

struct ExecuteOptions {
  SinkOptions sink;
  bool verify = true; // compare the checksums of what is read
  /// Bytes done, bytes to do. Never called from two threads at once. May be null.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

struct ExecuteReport {
  uint64_t bytes = 0;
  /// What a reader should know, a line each: values that a cast made infinite.
  std::vector<std::string> warnings;
};

/// Writes `plan` to `path`, piece by piece: what is copied never lies in memory for more than
/// 1 MiB a lane, what has to be rearranged (V1, other slices, strings) does so one tensor at a
/// time. Where it fails nothing is left of it, and what stood under the name stays.
absl::StatusOr<ExecuteReport> executePlan(Plan plan, const std::string &path,
                                          const ExecuteOptions &options);

} // namespace firn
