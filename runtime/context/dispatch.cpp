#include "runtime/context/dispatch.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace firn::runtime {
namespace {

struct Job {
  const Dispatch *dispatch;
  Share *shares;
  uint32_t shareCount;
  uint64_t chunk;
  std::atomic<uint32_t> code;
};

/// Runs the workgroups `begin` to `end`, x fastest.
void runRange(Job &job, uint32_t worker, uint64_t begin, uint64_t end) {
  const Dispatch &dispatch = *job.dispatch;
  const uint64_t rows = begin / dispatch.grid[0];
  firn_workgroup group = {dispatch.buffers,
                          dispatch.dims,
                          dispatch.scratch + worker * dispatch.scratchStride,
                          uint32_t(begin % dispatch.grid[0]),
                          uint32_t(rows % dispatch.grid[1]),
                          uint32_t(rows / dispatch.grid[1])};
  for (uint64_t i = begin; i < end; ++i) {
    if (uint32_t code = dispatch.entry(dispatch.function, &group)) {
      uint32_t none = FIRN_DISPATCH_OK;
      job.code.compare_exchange_strong(none, code);
      return;
    }
    if (++group.x < dispatch.grid[0])
      continue;
    group.x = 0;
    if (++group.y < dispatch.grid[1])
      continue;
    group.y = 0;
    ++group.z;
  }
}

void runShare(Job &job, uint32_t worker, Share &share) {
  while (share.next.load(std::memory_order_relaxed) < share.end &&
         job.code.load(std::memory_order_relaxed) == FIRN_DISPATCH_OK) {
    const uint64_t begin = share.next.fetch_add(job.chunk, std::memory_order_relaxed);
    if (begin >= share.end)
      return;
    const uint64_t end = begin + job.chunk;
    runRange(job, worker, begin, end < share.end ? end : share.end);
  }
}

void runWorker(void *argument, uint32_t worker) {
  FloatMode mode;
  Job &job = *static_cast<Job *>(argument);
  for (uint32_t i = 0; i < job.shareCount; ++i)
    runShare(job, worker, job.shares[(worker + i) % job.shareCount]);
}

/// Large enough that taking one costs nothing beside it, small enough that the end is even.
uint64_t chunkOf(uint64_t share) {
  constexpr uint64_t kChunksPerShare = 16, kLargest = 64;
  const uint64_t chunk = share / kChunksPerShare;
  return chunk < 1 ? 1 : chunk > kLargest ? kLargest : chunk;
}

} // namespace

uint32_t runDispatch(const Dispatch &dispatch, Pool &pool, Share *shares) {
  const uint64_t total = uint64_t(dispatch.grid[0]) * dispatch.grid[1] * dispatch.grid[2];
  if (total == 0)
    return FIRN_DISPATCH_OK;
  const uint32_t count = total < pool.threads() ? uint32_t(total) : pool.threads();
  Job job{&dispatch, shares, count, 1, {FIRN_DISPATCH_OK}};
  if (count == 1) {
    runRange(job, 0, 0, total);
    return job.code.load(std::memory_order_relaxed);
  }
  job.chunk = chunkOf(total / count);
  for (uint32_t i = 0; i < count; ++i) {
    shares[i].next.store(total / count * i + total % count * i / count, std::memory_order_relaxed);
    shares[i].end = total / count * (i + 1) + total % count * (i + 1) / count;
  }
  pool.run(count, runWorker, &job);
  return job.code.load(std::memory_order_relaxed);
}

#if defined(__x86_64__)
// All exceptions masked, round to nearest, flush to zero, denormals are zero.
constexpr unsigned kFloatMode = 0x1f80 | 0x8000 | 0x0040;
FloatMode::FloatMode() : before(_mm_getcsr()) { _mm_setcsr(kFloatMode); }
FloatMode::~FloatMode() { _mm_setcsr(before); }
#else
FloatMode::FloatMode() = default;
FloatMode::~FloatMode() = default;
#endif

} // namespace firn::runtime
