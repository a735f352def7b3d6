// Windows for the unit tests and benchmarks of the families that slide one over an image.
#pragma once

#include "runtime/kernels/common/window_args.h"

#include <algorithm>

namespace firn::kernels {

/// The same size, stride and dilation along both axes.
struct Square {
  int64_t kernel, stride, dilation = 1;
};

/// TensorFlow's SAME padding.
inline firn_window_args sameWindow(int64_t height, int64_t width, Square square) {
  const int64_t kernel = square.kernel, stride = square.stride, dilation = square.dilation;
  auto out = [&](int64_t in) { return (in + stride - 1) / stride; };
  auto before = [&](int64_t in) {
    return std::max<int64_t>(0, (out(in) - 1) * stride + (kernel - 1) * dilation + 1 - in) / 2;
  };
  return {height, width,  out(height), out(width), kernel,         kernel,
          stride, stride, dilation,    dilation,   before(height), before(width)};
}

/// No padding.
inline firn_window_args validWindow(int64_t height, int64_t width, Square square) {
  const auto &[kernel, stride, dilation] = square;
  const int64_t extent = (kernel - 1) * dilation + 1;
  return {height,
          width,
          (height - extent) / stride + 1,
          (width - extent) / stride + 1,
          kernel,
          kernel,
          stride,
          stride,
          dilation,
          dilation,
          0,
          0};
}

} // namespace firn::kernels
