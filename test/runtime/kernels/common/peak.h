// As many multiply-adds as a core can do: what the speed of a kernel is a share of.
#pragma once

#include <cstdint>

extern "C" float firn_peak_v2(int64_t steps);
extern "C" float firn_peak_v3(int64_t steps);
extern "C" float firn_peak_v4(int64_t steps);

namespace firn::kernels {

/// Does `peakFlops(level)` floating point operations in one thread.
constexpr int64_t kPeakSteps = 8000;
inline void runPeak(int level) {
  (level == 4 ? firn_peak_v4 : level == 3 ? firn_peak_v3 : firn_peak_v2)(kPeakSteps);
}
inline double peakFlops(int level) { return 2.0 * 12 * (4 << (level - 2)) * kPeakSteps; }

} // namespace firn::kernels
