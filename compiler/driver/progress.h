// What a terminal shows while work goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
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

/// A line on stderr that tells which stage a compilation has reached, from its second second on;
/// otherwise like `RunProgress`.
class StageProgress {
public:
  explicit StageProgress(bool quiet);
  ~StageProgress();
  StageProgress(const StageProgress &) = delete;

  using Callback = std::function<void(const std::string &stage, uint64_t done, uint64_t total)>;
  /// Null where nothing is shown.
  Callback callback();

private:
  void show(const std::string &stage, uint64_t done, uint64_t total);
  using Clock = std::chrono::steady_clock;
  bool enabled, shown = false;
  std::string last;
  Clock::time_point first, next;
};

/// A bar on a terminal, for bytes that are written long enough to look at; null elsewhere.
std::function<void(uint64_t done, uint64_t total)> writeProgress();

} // namespace firn
