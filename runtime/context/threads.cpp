// The threads of a pool. Apart from the pool itself: a program that asks for no threads does not
// link what makes them, which in a static program is the larger part of a C library.
#include "runtime/context/pool.h"

#include <sched.h>
#include <signal.h>
#include <time.h>

#include "runtime/module/status.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace firn::runtime {
namespace {

constexpr uint32_t kMostThreads = 1024;
// Longer than the steps between two parallel ones take, shorter than anyone's patience with a
// processor that is busy for nothing. With more threads than processors spinning only delays.
constexpr uint64_t kSpin = 200'000, kSpinCrowded = 2'000;

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

/// Calls `done` for `nanoseconds` at least, until it is true.
template <class Condition> bool spinUntil(uint64_t nanoseconds, Condition done) {
  constexpr int kBetweenClocks = 32;
  const uint64_t end = nanosecondsNow() + nanoseconds;
  do {
    for (int i = 0; i < kBetweenClocks; ++i) {
      if (done())
        return true;
      pause();
    }
  } while (nanosecondsNow() < end);
  return done();
}

class Lock {
public:
  explicit Lock(pthread_mutex_t &mutex) : mutex(mutex) { pthread_mutex_lock(&mutex); }
  ~Lock() { pthread_mutex_unlock(&mutex); }

private:
  pthread_mutex_t &mutex;
};

} // namespace

uint32_t usableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  const int count = CPU_COUNT(&set);
  return count > 0 ? uint32_t(count) : 1;
}

firn_code Pool::start(const firn_context_options &options, firn_status *status) {
  const uint32_t processors = usableProcessors();
  threadCount = options.threads ? options.threads : processors;
  if (threadCount > kMostThreads)
    return fail(status, FIRN_INVALID, "expected at most %u threads, got %u", kMostThreads,
                threadCount);
  parallelFor = options.parallel_for;
  parallelUser = options.parallel_user;
  spin = threadCount > processors ? kSpinCrowded : kSpin;
  if (parallelFor || threadCount == 1)
    return FIRN_OK;
  runThreads = runOnThreads;
  endThreads = end;
  locks = pthread_mutex_init(&mutex, nullptr) == 0;
  pthread_cond_init(&workersWake, nullptr);
  pthread_cond_init(&callerWakes, nullptr);
  if (!locks || !workers.allocate(threadCount - 1))
    return failMemory(status, threadCount * sizeof(Worker));
  // The program's signals are none of these threads' business.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (; started < threadCount - 1; ++started) {
    workers[started] = {this, started + 1, {}};
    if (pthread_create(&workers[started].thread, nullptr, main, &workers[started]) != 0)
      break;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (started + 1 < threadCount)
    return fail(status, FIRN_OUT_OF_MEMORY, "can't start %u threads, only %u", threadCount - 1,
                started);
  return FIRN_OK;
}

void Pool::end(Pool &pool) {
  if (!pool.locks)
    return;
  {
    Lock lock(pool.mutex);
    pool.ending.store(true);
    pthread_cond_broadcast(&pool.workersWake);
  }
  for (uint32_t i = 0; i < pool.started; ++i)
    pthread_join(pool.workers[i].thread, nullptr);
  pthread_cond_destroy(&pool.callerWakes);
  pthread_cond_destroy(&pool.workersWake);
  pthread_mutex_destroy(&pool.mutex);
}

void Pool::runOnThreads(Pool &pool, uint32_t count, JobBody body, void *argument) {
  pool.body = body;
  pool.argument = argument;
  const uint64_t job = (pool.gate.load(std::memory_order_relaxed) >> kJobShift) + 1;
  pool.gate.store(job << kJobShift | kOpen | uint64_t(count - 1) << kMayShift);
  pool.wake(count - 1);
  body(argument, 0);
  pool.gate.fetch_and(~kOpen);
  pool.awaitLeft();
}

// Whoever goes to sleep says so before the last look at the gate; here the gate opens before the
// look for sleepers: one of the two sees the other.
void Pool::wake(uint32_t count) {
  if (asleep.load() == 0)
    return;
  Lock lock(mutex);
  for (uint32_t i = 0; i < count; ++i)
    pthread_cond_signal(&workersWake);
}

void Pool::awaitLeft() {
  auto left = [this] { return (gate.load(std::memory_order_acquire) & kIn) == 0; };
  if (spinUntil(spin, left))
    return;
  Lock lock(mutex);
  callerAsleep.store(true);
  while ((gate.load() & kIn) != 0)
    pthread_cond_wait(&callerWakes, &mutex);
  callerAsleep.store(false);
}

void Pool::leave() {
  const uint64_t now = gate.fetch_sub(1) - 1;
  if ((now & (kIn | kOpen)) != 0 || !callerAsleep.load())
    return;
  Lock lock(mutex);
  pthread_cond_signal(&callerWakes);
}

void *Pool::main(void *worker) {
  auto *self = static_cast<Worker *>(worker);
  self->pool->work(self->index);
  return nullptr;
}

void Pool::work(uint32_t index) {
  uint64_t lastJob = 0, seen;
  while (await(lastJob, &seen)) {
    if (!gate.compare_exchange_weak(seen, seen + 1))
      continue;
    lastJob = seen >> kJobShift;
    body(argument, index);
    leave();
  }
}

bool Pool::isFor(uint64_t now, uint64_t lastJob) const {
  return (now & kOpen) && now >> kJobShift != lastJob && (now & kIn) < (now >> kMayShift & kMay);
}

// Who is woken too late for a job spins for the next one: a run has many, one soon after the other.
bool Pool::await(uint64_t lastJob, uint64_t *seen) {
  const auto found = [&] {
    *seen = gate.load(std::memory_order_relaxed);
    return isFor(*seen, lastJob) || ending.load(std::memory_order_relaxed);
  };
  while (!spinUntil(spin, found))
    sleep(*seen >> kJobShift);
  return !ending.load();
}

void Pool::sleep(uint64_t lastJob) {
  Lock lock(mutex);
  asleep.fetch_add(1);
  while (gate.load() >> kJobShift == lastJob && !ending.load())
    pthread_cond_wait(&workersWake, &mutex);
  asleep.fetch_sub(1);
}

} // namespace firn::runtime
