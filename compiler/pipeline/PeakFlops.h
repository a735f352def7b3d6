// How fast the processor multiplies and adds: what the speed of compiled code is a share of.
#pragma once

namespace firn {

/// Floating point operations of type f32 per second of `threads` threads at once, with the vectors
/// of an x86-64 level that the processor has: fused multiply-adds, at level 2 one after the other.
/// Takes about 50 ms.
double measurePeakFlops(int level, unsigned threads);

} // namespace firn
