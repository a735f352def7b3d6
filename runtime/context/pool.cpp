#include "runtime/context/pool.h"

#include <time.h>

namespace firn::runtime {

uint64_t nanosecondsNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1'000'000'000u + uint64_t(now.tv_nsec);
}

void Pool::run(uint32_t count, JobBody jobBody, void *jobArgument) {
  if (count > threadCount)
    count = threadCount;
  if (count <= 1)
    return jobBody(jobArgument, 0);
  if (parallelFor)
    return parallelFor(parallelUser, count, jobBody, jobArgument);
  runThreads(*this, count, jobBody, jobArgument);
}

} // namespace firn::runtime
