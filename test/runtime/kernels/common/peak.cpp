#include "test/runtime/kernels/common/peak.h"

#include "runtime/kernels/common/vector.h"

using namespace firn::kernels;

/// Twelve independent sums hide the latency of an FMA and fit into the registers of every level.
extern "C" float FIRN_SYMBOL(firn_peak)(int64_t steps) {
  constexpr int kSums = 12;
  // Sums of about 2: a product that vanishes would take a level without FMA long.
  const V factor = splat(0.5f + float(steps) * 1e-20f);
  const V term = splat(1.0f + float(steps) * 1e-20f);
  V sums[kSums];
  FIRN_UNROLL
  for (int i = 0; i < kSums; ++i)
    sums[i] = splat(float(i));
  for (int64_t step = 0; step < steps; ++step) {
    FIRN_UNROLL
    for (int i = 0; i < kSums; ++i)
      sums[i] = sums[i] * factor + term;
    // Else the sums would be seen to be alike after some steps.
    asm volatile("" ::: "memory");
  }
  V total = sums[0];
  FIRN_UNROLL
  for (int i = 1; i < kSums; ++i)
    total += sums[i];
  return total[0];
}
