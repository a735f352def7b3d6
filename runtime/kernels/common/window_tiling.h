// Workgroups of windows over images. Host side.
#pragma once

#include "runtime/kernels/common/tiling.h"
#include "runtime/kernels/common/window_args.h"

namespace firn::kernels {

/// Output rows of a workgroup: as many as move 256 KiB, what a core does in some 30 µs, and all
/// workgroups alike. An output row costs reading `stride_y` input rows.
inline int64_t windowRows(const firn_window_args &w, int64_t channels, int64_t outChannels) {
  const int64_t in = w.stride_y * w.in_width * channels, out = w.out_width * outChannels;
  return evenPart(w.out_height, ceilDiv(256 << 10, 4 * (in + out)));
}

} // namespace firn::kernels
