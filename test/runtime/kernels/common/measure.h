// How benchmarks of all families measure: a kernel and the peak in turn, in the same seconds of a
// machine that others use as well.
#pragma once

#include "runtime/kernels/common/native.h"
#include "test/runtime/kernels/common/peak.h"
#include "test/runtime/kernels/common/specialise.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace firn::kernels {

/// Runs `kernel` over the grid, one thread.
inline void runWorkgroups(SpecialisedKernel &kernel, void *const *buffers, void *scratch,
                          int64_t gridX, int64_t gridY, int64_t gridZ) {
  for (uint32_t z = 0; z < gridZ; ++z)
    for (uint32_t y = 0; y < gridY; ++y)
      for (uint32_t x = 0; x < gridX; ++x) {
        const firn_workgroup group = {buffers, nullptr, scratch, x, y, z};
        kernel(&group);
      }
}

/// Seconds that this thread has run. Time that others had is not the kernel's.
inline double threadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

/// Times `run`, which does `flops` operations. Counters: the share of the peak, which is measured
/// right before and after each run, as the median of all runs and the best of them; GFLOP/s that
/// the median is at the best peak seen.
template <class Run>
void measure(benchmark::State &state, int level, double flops, const Run &run) {
  auto timed = [](const auto &work) {
    const double begin = threadSeconds();
    work();
    return threadSeconds() - begin;
  };
  auto peakTime = [&] { return timed([&] { runPeak(level); }); };
  std::vector<double> shares;
  double before = peakTime(), best = before, bestRun = 1e9;
  run(); // warm
  for (auto _ : state) {
    const double time = timed(run);
    state.SetIterationTime(time);
    bestRun = std::min(bestRun, time);
    const double after = peakTime();
    shares.push_back(flops / time / (2 * peakFlops(level) / (before + after)));
    best = std::min(best, after);
    before = after;
  }
  std::nth_element(shares.begin(), shares.begin() + shares.size() / 2, shares.end());
  const double share = shares[shares.size() / 2], peak = peakFlops(level) / best;
  state.counters["GFLOP/s"] = share * peak * 1e-9;
  state.counters["peak"] = peak * 1e-9;
  state.counters["share"] = share;
  state.counters["best"] = flops / bestRun / peak;
}

/// After `measure`, of a kernel that memory may hold up: bytes that have to be moved in a run. The
/// counter is the best speed seen.
inline void countBytes(benchmark::State &state, double flops, double bytes) {
  const double seconds = flops / (state.counters["GFLOP/s"].value * 1e9);
  state.counters["GB/s"] = bytes / seconds * 1e-9;
}

/// A benchmark `vLEVEL/NAME` for each shape and level of the machine.
template <class Shape, size_t Count>
void registerShapes(const Shape (&shapes)[Count],
                    void (*run)(benchmark::State &, const Shape &, int)) {
  for (int level : {2, 3, 4})
    for (const Shape &shape : shapes)
      if (machineHas(level))
        benchmark::RegisterBenchmark(
            ("v" + std::to_string(level) + "/" + shape.name).c_str(),
            [&shape, run, level](benchmark::State &state) { run(state, shape, level); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond)
            ->MinTime(0.1);
}

} // namespace firn::kernels
