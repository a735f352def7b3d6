// The normalisations, plainly. Host side.
#pragma once

#include "runtime/kernels/norm/norm.h"

#include <algorithm>
#include <cmath>

namespace firn::kernels {

/// The mean and the variance of `count` elements, `stride` apart.
struct Moments {
  double mean = 0, variance = 0;
  Moments(const float *x, int64_t count, int64_t stride) {
    for (int64_t i = 0; i < count; ++i)
      mean += double(x[i * stride]) / count;
    for (int64_t i = 0; i < count; ++i)
      variance += (x[i * stride] - mean) * (x[i * stride] - mean) / count;
  }
};

/// One channel of one pixel.
inline double referenceLrn(const firn_lrn_args &args, const float *pixel, int64_t channel) {
  double sum = 0;
  for (int64_t c = std::max<int64_t>(0, channel - args.radius);
       c <= std::min(args.channels - 1, channel + args.radius); ++c)
    sum += double(pixel[c]) * pixel[c];
  return pixel[channel] * std::pow(args.bias + args.alpha * sum, -args.beta);
}

} // namespace firn::kernels
