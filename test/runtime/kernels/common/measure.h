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
