// Matrices as the kernels of linear algebra compute with them: in double precision, rounded once.
#pragma once

#include <complex>

#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

template <typename T>
using Precise = std::conditional_t<isComplex<T>, std::complex<double>, double>;
using MatrixElements = Concat<Floats, Complexes>::Type;

inline double conjugate(double x) { return x; }
inline std::complex<double> conjugate(std::complex<double> x) { return std::conj(x); }

/// Row-major.
template <typename W> struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<W> values;

  Matrix() = default;
  Matrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(rows * columns, W(0)) {}
  static Matrix identity(int64_t rows, int64_t columns) {
    Matrix matrix(rows, columns);
    for (int64_t i = 0; i < std::min(rows, columns); ++i)
      matrix(i, i) = 1;
    return matrix;
  }

  W &operator()(int64_t row, int64_t column) { return values[row * columns + column]; }
  W operator()(int64_t row, int64_t column) const { return values[row * columns + column]; }
  void swapRows(int64_t a, int64_t b) {
    for (int64_t j = 0; j < columns; ++j)
      std::swap((*this)(a, j), (*this)(b, j));
  }
  void swapColumns(int64_t a, int64_t b) {
    for (int64_t i = 0; i < rows; ++i)
      std::swap((*this)(i, a), (*this)(i, b));
  }
  /// The first columns of the first rows.
  Matrix corner(int64_t height, int64_t width) const {
    Matrix part(height, width);
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < width; ++j)
        part(i, j) = (*this)(i, j);
    return part;
  }
};

/// The conjugate transpose.
template <typename W> Matrix<W> adjoint(const Matrix<W> &matrix) {
  Matrix<W> result(matrix.columns, matrix.rows);
  for (int64_t i = 0; i < matrix.rows; ++i)
    for (int64_t j = 0; j < matrix.columns; ++j)
      result(j, i) = conjugate(matrix(i, j));
  return result;
}

/// The matrix number `index` of a tensor of matrices, and the elements of `to` that are it.
template <typename T> Matrix<Precise<T>> matrixAt(const Tensor &tensor, int64_t index) {
  Matrix<Precise<T>> matrix(tensor.dim(tensor.rank() - 2), tensor.shape().back());
  size_t size = matrix.values.size();
  auto from = tensor.values<T>().slice(index * size, size);
  for (size_t i = 0; i < size; ++i)
    matrix.values[i] = static_cast<Precise<T>>(from[i]);
  return matrix;
}
template <typename T> void putMatrix(const Matrix<Precise<T>> &matrix, Tensor &to, int64_t index) {
  size_t size = matrix.values.size();
  auto elements = to.mutableValues<T>().slice(index * size, size);
  for (size_t i = 0; i < size; ++i)
    elements[i] = static_cast<T>(matrix.values[i]);
}

/// `matrix` = Q × R with Q unitary [rows, rows] and R upper triangular [rows, columns], by
/// reflections. With `order`, columns of greatest rest come first: R is then that of the matrix
/// whose column j is the given one's column order[j].
template <typename W> struct QrFactors {
  Matrix<W> q, r;
  std::vector<int64_t> order;
};
template <typename W> QrFactors<W> factorQr(Matrix<W> matrix, bool ordersColumns = false);

extern template QrFactors<double> factorQr(Matrix<double>, bool);
extern template QrFactors<std::complex<double>> factorQr(Matrix<std::complex<double>>, bool);

} // namespace firn::reference
