// Matrices of doubles and of complex numbers, as the plain kernels compute with them.
#pragma once

#include "runtime/kernels/math/number.h"
#include "runtime/kernels/plain/element.h"
#include "runtime/kernels/plain/plain.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// A complex number.
using Pair = Complex<double>;

FIRN_INLINE Pair operator-(Pair x, Pair y) { return {x.re - y.re, x.im - y.im}; }
FIRN_INLINE Pair operator-(Pair x) { return {-x.re, -x.im}; }
FIRN_INLINE Pair operator/(Pair x, double y) { return {x.re / y, x.im / y}; }

FIRN_INLINE double absolute(double x) { return x < 0 ? -x : x; }
FIRN_INLINE double root(double x) { return math::sqrt(x); }
FIRN_INLINE double larger(double x, double y) { return x < y ? y : x; }
FIRN_INLINE double conjugate(double x) { return x; }
FIRN_INLINE Pair conjugate(Pair x) { return {x.re, -x.im}; }
FIRN_INLINE double realOf(double x) { return x; }
FIRN_INLINE double realOf(Pair x) { return x.re; }
FIRN_INLINE double imaginaryOf(double) { return 0; }
FIRN_INLINE double imaginaryOf(Pair x) { return x.im; }
FIRN_INLINE double squareOf(double x) { return x * x; }
FIRN_INLINE double squareOf(Pair x) { return x.re * x.re + x.im * x.im; }
FIRN_INLINE double sizeOf(double x) { return absolute(x); }
// Scaled, so that squares do not overflow.
FIRN_INLINE double sizeOf(Pair x) {
  double most = larger(absolute(x.re), absolute(x.im));
  return most > 0 ? most * root(squareOf(x / most)) : most;
}
FIRN_INLINE Pair operator/(Pair x, Pair y) {
  double most = larger(absolute(y.re), absolute(y.im));
  Pair by = y / most;
  return x * conjugate(by) / squareOf(by) / most;
}

template <typename T> FIRN_INLINE void swap(T &x, T &y) {
  T kept = x;
  x = y;
  y = kept;
}

/// Row-major.
template <typename W> struct Matrix {
  W *values;
  int64_t rows, columns;

  FIRN_INLINE W &operator()(int64_t row, int64_t column) const {
    return values[row * columns + column];
  }
  /// Number `index` of a batch of them.
  FIRN_INLINE Matrix of(int64_t index) const {
    return {values + index * rows * columns, rows, columns};
  }
  FIRN_INLINE void makeIdentity() const {
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j)
        (*this)(i, j) = W(i == j ? 1.0 : 0.0);
  }
  FIRN_INLINE void swapRows(int64_t a, int64_t b) const {
    for (int64_t j = 0; j < columns; ++j)
      swap((*this)(a, j), (*this)(b, j));
  }
  FIRN_INLINE void swapColumns(int64_t a, int64_t b) const {
    for (int64_t i = 0; i < rows; ++i)
      swap((*this)(i, a), (*this)(i, b));
  }
};

/// The batch of matrices in buffer `index`.
template <typename W>
FIRN_INLINE Matrix<W> matricesOf(const firn_workgroup *group, int index, int64_t rows,
                                 int64_t columns) {
  return {bufferOf<W>(group, index), rows, columns};
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
