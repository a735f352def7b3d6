// What a terminal shows while work goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "compiler/pipeline/RunModel.h"

namespace firn {

/// A line on stderr that tells which node a run has reached, from its second second on. Nothing
/// where stderr is no terminal. The line is gone when this is.
class RunProgress {
public:
  explicit RunProgress(bool quiet);
  ~RunProgress();
  RunProgress(const RunProgress &) = delete;

  /// Null where nothing is shown.
  NodeCallback callback();

private:
  void show(const std::string &node, const std::string &op);
  using Clock = std::chrono::steady_clock;
  bool enabled, shown = false;
  uint64_t nodes = 0;
  Clock::time_point next;
};

} // namespace firn
