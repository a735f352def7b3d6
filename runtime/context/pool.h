// The threads of a context. They spin for a moment after each job, then sleep; the caller works
// too.
#pragma once

#include <atomic>
#include <pthread.h>

#include "runtime/firn/runtime.h"
#include "runtime/module/memory.h"

namespace firn::runtime {

/// Called once for each worker that takes part; `worker` is below the pool's number of threads.
using JobBody = void (*)(void *argument, uint32_t worker);

class Pool {
public:
  Pool() = default;
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;
  ~Pool() {
    if (endThreads)
      endThreads(*this);
  }

  /// Once, or never: then the caller is all there is. Threads of its own where
  /// `options.parallel_for` is null.
  firn_code start(const firn_context_options &options, firn_status *status);

  uint32_t threads() const { return threadCount; }

  /// Calls `body` for worker 0 on this thread and for at most `workers - 1` others that are awake
  /// in time: it has to share the work among those that come. Returns when all have returned.
  void run(uint32_t workers, JobBody body, void *argument);

private:
  struct Worker {
    Pool *pool;
    uint32_t index;
    pthread_t thread;
  };

  // The gate that workers enter a job by, in one word: job number, open, how many may be in, how
  // many are in. What a job is may only change while the gate is shut and nobody is in.
  static constexpr uint64_t kIn = 0xffff, kOpen = uint64_t(1) << 31;
  static constexpr int kMayShift = 16, kJobShift = 32;
  static constexpr uint64_t kMay = 0x7fff;

  static void runOnThreads(Pool &pool, uint32_t workers, JobBody body, void *argument);
  static void end(Pool &pool);
  static void *main(void *worker);
  void work(uint32_t index);
  bool isFor(uint64_t gate, uint64_t lastJob) const;
  /// The gate when there is something to do; false when the pool ends.
  bool await(uint64_t lastJob, uint64_t *gate);
  /// Until a job begins that is younger than `lastJob`, whether or not it is over by then.
  void sleep(uint64_t lastJob);
  void wake(uint32_t workers);
  void leave();
  void awaitLeft();

  uint32_t threadCount = 1, started = 0;
  uint64_t spin = 0; // nanoseconds
  firn_parallel_for parallelFor = nullptr;
  void *parallelUser = nullptr;

  // Set where there are threads: whoever does not start any does not link them.
  void (*runThreads)(Pool &pool, uint32_t workers, JobBody body, void *argument) = nullptr;
  void (*endThreads)(Pool &pool) = nullptr;

  JobBody body = nullptr;
  void *argument = nullptr;
  std::atomic<uint64_t> gate{0};
  std::atomic<uint32_t> asleep{0};
  std::atomic<bool> callerAsleep{false}, ending{false};

  Array<Worker> workers;
  bool locks = false;
  pthread_mutex_t mutex;
  pthread_cond_t workersWake, callerWakes;
};

/// How many processors this thread may run on.
uint32_t usableProcessors();

/// Of a clock that only goes forward.
uint64_t nanosecondsNow();

} // namespace firn::runtime
