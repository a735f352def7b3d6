// Elements as the plain kernels compute with them.
#pragma once

#include "runtime/abi/dispatch.h"
#include "runtime/kernels/common/level.h"

#include <stdint.h>

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Buffer `index` of a workgroup.
template <typename T> FIRN_INLINE T *bufferOf(const firn_workgroup *group, int index) {
  return static_cast<T *>(group->buffers[index]);
}

/// As it lies in memory.
template <typename T> struct Complex {
  T re, im;

  Complex() = default;
  FIRN_INLINE Complex(T re, T im = 0) : re(re), im(im) {}
  FIRN_INLINE Complex operator+(Complex o) const { return {re + o.re, im + o.im}; }
  FIRN_INLINE Complex operator*(Complex o) const {
    return {re * o.re - im * o.im, re * o.im + im * o.re};
  }
};

/// Sums and products of integers wrap around.
template <typename T> struct Modular {
  using Type = T;
};
template <> struct Modular<int32_t> {
  using Type = uint32_t;
};
template <> struct Modular<int64_t> {
  using Type = uint64_t;
};

struct Adding {
  template <typename T> static FIRN_INLINE T start() { return T(0); }
  template <typename T> static FIRN_INLINE T step(T a, T x) {
    using M = typename Modular<T>::Type;
    return static_cast<T>(static_cast<M>(a) + static_cast<M>(x));
  }
};
struct Multiplying {
  template <typename T> static FIRN_INLINE T start() { return T(1); }
  template <typename T> static FIRN_INLINE T step(T a, T x) {
    using M = typename Modular<T>::Type;
    return static_cast<T>(static_cast<M>(a) * static_cast<M>(x));
  }
};

/// The largest finite number.
template <typename T> struct Most;
template <> struct Most<float> {
  static constexpr float kValue = 0x1.fffffep127f;
};
template <> struct Most<double> {
  static constexpr double kValue = 0x1.fffffffffffffp1023;
};
template <> struct Most<int32_t> {
  static constexpr int32_t kValue = INT32_MAX;
};
template <> struct Most<int64_t> {
  static constexpr int64_t kValue = INT64_MAX;
};

struct Greatest {
  template <typename T> static FIRN_INLINE T start() {
    return T(0.5) == T(0) ? -Most<T>::kValue - 1 : -Most<T>::kValue; // integers reach one further
  }
  template <typename T> static FIRN_INLINE T step(T a, T x) { return a < x ? x : a; }
};
struct Least {
  template <typename T> static FIRN_INLINE T start() { return Most<T>::kValue; }
  template <typename T> static FIRN_INLINE T step(T a, T x) { return x < a ? x : a; }
};

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
