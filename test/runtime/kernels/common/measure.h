// How benchmarks of all families measure: a kernel and the peak in turn, in the same seconds of a
// machine that others use as well.
#pragma once

#include "runtime/kernels/common/native.h"
#include "test/runtime/kernels/common/peak.h"
#include "test/runtime/kernels/common/specialise.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

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

/// Times `run`, which does `flops` operations. Counters: the best speed seen and its share of the
/// best peak seen between the runs.
template <class Run>
void measure(benchmark::State &state, int level, double flops, const Run &run) {
  using Clock = std::chrono::steady_clock;
  double bestRun = 1e9, bestPeak = 1e9;
  auto seconds = [](auto since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  };
  run(); // warm
  for (auto _ : state) {
    const auto begin = Clock::now();
    run();
    const double time = seconds(begin);
    state.SetIterationTime(time);
    bestRun = std::min(bestRun, time);
    const auto peakBegin = Clock::now();
    runPeak(level);
    bestPeak = std::min(bestPeak, seconds(peakBegin));
  }
  const double speed = flops / bestRun, peak = peakFlops(level) / bestPeak;
  state.counters["GFLOP/s"] = speed * 1e-9;
  state.counters["peak"] = peak * 1e-9;
  state.counters["share"] = speed / peak;
}

} // namespace firn::kernels
