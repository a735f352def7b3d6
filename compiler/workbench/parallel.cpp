#include "compiler/workbench/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace firn {

absl::Status forEachInParallel(size_t count, const std::function<absl::Status(size_t)> &work) {
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  absl::Status result;
  auto take = [&] {
    for (size_t i = next++; i < count && !failed; i = next++)
      if (absl::Status status = work(i); !status.ok()) {
        std::lock_guard<std::mutex> lock(mutex);
        failed = true;
        result.Update(status);
      }
  };
  const size_t threads = std::min<size_t>(count, std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i)
    others.emplace_back(take);
  take();
  for (std::thread &thread : others)
    thread.join();
  return result;
}

} // namespace firn
