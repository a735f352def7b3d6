// Matrices solved and factored.
#pragma once

#include "runtime/kernels/math/logarithm.h"
#include "runtime/kernels/plain/matrix.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// Leaves the triangles L (without its diagonal, which is of ones) and U in the matrix, whose rows
/// are put in another order, and those of `right` with them. Gives the sign of the order.
template <typename W> FIRN_INLINE double factorLu(Matrix<W> matrix, Matrix<W> right) {
  double sign = 1;
  for (int64_t j = 0; j < matrix.rows; ++j) {
    int64_t pivot = j;
    for (int64_t i = j + 1; i < matrix.rows; ++i)
      if (sizeOf(matrix(i, j)) > sizeOf(matrix(pivot, j)))
        pivot = i;
    if (pivot != j) {
      matrix.swapRows(j, pivot);
      right.swapRows(j, pivot);
      sign = -sign;
    }
    if (!(squareOf(matrix(j, j)) > 0))
      continue;
    for (int64_t i = j + 1; i < matrix.rows; ++i) {
      W factor = matrix(i, j) / matrix(j, j);
      matrix(i, j) = factor;
      for (int64_t k = j + 1; k < matrix.columns; ++k)
        matrix(i, k) = matrix(i, k) - factor * matrix(j, k);
    }
  }
  return sign;
}

template <typename W>
FIRN_INLINE void solveTriangle(Matrix<W> matrix, Matrix<W> right, bool isLower, bool hasUnits) {
  int64_t n = matrix.rows;
  for (int64_t step = 0; step < n; ++step) {
    int64_t i = isLower ? step : n - 1 - step;
    for (int64_t k = isLower ? 0 : i + 1; k < (isLower ? i : n); ++k)
      for (int64_t c = 0; c < right.columns; ++c)
        right(i, c) = right(i, c) - matrix(i, k) * right(k, c);
    for (int64_t c = 0; c < right.columns && !hasUnits; ++c)
      right(i, c) = right(i, c) / matrix(i, i);
  }
}

template <typename W>
FIRN_INLINE uint32_t solve(const firn_workgroup *group, const firn_solve_args *args) {
  int64_t size = args->size;
  for (int64_t i = 0; i < args->batch; ++i) {
    Matrix<W> matrix = matricesOf<W>(group, 0, size, size).of(i);
    Matrix<W> right = matricesOf<W>(group, 1, size, args->columns).of(i);
    factorLu(matrix, right);
    for (int64_t k = 0; k < size; ++k)
      if (!(sizeOf(matrix(k, k)) > 0))
        return FIRN_DISPATCH_NOT_SOLVABLE;
    solveTriangle(matrix, right, true, true);
    solveTriangle(matrix, right, false, false);
  }
  return FIRN_DISPATCH_OK;
}

template <typename W, bool IsLower>
FIRN_INLINE uint32_t solveTriangles(const firn_workgroup *group, const firn_solve_args *args) {
  for (int64_t i = 0; i < args->batch; ++i)
    solveTriangle(matricesOf<W>(group, 0, args->size, args->size).of(i),
                  matricesOf<W>(group, 1, args->size, args->columns).of(i), IsLower, false);
  return FIRN_DISPATCH_OK;
}

template <typename W>
FIRN_INLINE uint32_t determinant(const firn_workgroup *group, const firn_square_args *args) {
  W *signs = bufferOf<W>(group, 1);
  double *logarithms = bufferOf<double>(group, 2);
  for (int64_t i = 0; i < args->batch; ++i) {
    Matrix<W> matrix = matricesOf<W>(group, 0, args->size, args->size).of(i);
    W sign = factorLu(matrix, Matrix<W>{nullptr, 0, 0});
    double logarithm = 0;
    for (int64_t k = 0; k < args->size; ++k) {
      double size = sizeOf(matrix(k, k));
      if (size == 0) {
        sign = W(0.0);
        logarithm = -math::kInfinity;
        break;
      }
      sign = sign * (matrix(k, k) / size);
      logarithm += math::log(size);
    }
    signs[i] = sign;
    logarithms[i] = logarithm;
  }
  return FIRN_DISPATCH_OK;
}

// Not numbers where there is no factor.
template <typename W>
FIRN_INLINE uint32_t cholesky(const firn_workgroup *group, const firn_square_args *args) {
  int64_t size = args->size;
  for (int64_t number = 0; number < args->batch; ++number) {
    Matrix<W> matrix = matricesOf<W>(group, 0, size, size).of(number);
    bool isDefinite = true;
    for (int64_t j = 0; j < size; ++j) {
      for (int64_t i = j; i < size; ++i) {
        W value = matrix(i, j);
        for (int64_t k = 0; k < j; ++k)
          value = value - matrix(i, k) * conjugate(matrix(j, k));
        if (i == j)
          isDefinite &= !(realOf(value) <= 0);
        matrix(i, j) = i == j ? W(root(realOf(value))) : value / matrix(j, j);
      }
      for (int64_t i = 0; i < j; ++i)
        matrix(i, j) = W(0.0);
    }
    for (int64_t i = 0; i < size && !isDefinite; ++i)
      for (int64_t j = 0; j <= i; ++j)
        matrix(i, j) = W(math::kNan);
  }
  return FIRN_DISPATCH_OK;
}

/// Turns column `j` of R from row `j` on into a multiple of the unit vector, and all of Q with it.
template <typename W> FIRN_INLINE void reflect(Matrix<W> q, Matrix<W> r, W *direction, int64_t j) {
  W head = r(j, j);
  double rest = 0;
  for (int64_t i = j + 1; i < r.rows; ++i)
    rest += squareOf(r(i, j));
  if (rest == 0 && imaginaryOf(head) == 0)
    return;
  double length = root(squareOf(head) + rest), end = realOf(head) >= 0 ? -length : length;
  direction[j] = W(1.0);
  for (int64_t i = j + 1; i < r.rows; ++i)
    direction[i] = r(i, j) / (head - W(end));
  W scale = (W(end) - head) / end;
  for (int64_t column = j; column < r.columns; ++column) {
    W product(0.0);
    for (int64_t i = j; i < r.rows; ++i)
      product = product + conjugate(direction[i]) * r(i, column);
    for (int64_t i = j; i < r.rows; ++i)
      r(i, column) = r(i, column) - conjugate(scale) * direction[i] * product;
  }
  for (int64_t i = j + 1; i < r.rows; ++i)
    r(i, j) = W(0.0);
  for (int64_t row = 0; row < q.rows; ++row) {
    W product(0.0);
    for (int64_t i = j; i < r.rows; ++i)
      product = product + q(row, i) * direction[i];
    for (int64_t i = j; i < r.rows; ++i)
      q(row, i) = q(row, i) - scale * product * conjugate(direction[i]);
  }
}

template <typename W>
FIRN_INLINE uint32_t qr(const firn_workgroup *group, const firn_qr_args *args) {
  int64_t steps = args->rows < args->columns ? args->rows : args->columns;
  for (int64_t number = 0; number < args->batch; ++number) {
    Matrix<W> r = matricesOf<W>(group, 0, args->rows, args->columns).of(number);
    Matrix<W> q = matricesOf<W>(group, 1, args->rows, args->rows).of(number);
    q.makeIdentity();
    for (int64_t j = 0; j < steps; ++j)
      reflect(q, r, bufferOf<W>(group, 2), j);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
