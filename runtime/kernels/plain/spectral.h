// Singular values and eigenvalues, by Jacobi's rotations.
#pragma once

#include "runtime/kernels/plain/solve.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

using RealMatrix = Matrix<double>;

constexpr double kLeastNormal = 0x1p-1022, kPrecision = 0x1p-52;
constexpr int kMostSweeps = 100; // a handful suffices; not numbers never settle

/// Takes two rows or columns x and y to cosine x + sine y and cosine y - sine x.
struct Rotation {
  double cosine, sine;

  // This after `first`.
  FIRN_INLINE Rotation after(Rotation first) const {
    return {cosine * first.cosine - sine * first.sine, cosine * first.sine + sine * first.cosine};
  }
  FIRN_INLINE void turn(double &x, double &y) const {
    double turned = cosine * x + sine * y;
    y = cosine * y - sine * x;
    x = turned;
  }
  FIRN_INLINE void turnRows(RealMatrix matrix, int64_t p, int64_t q) const {
    for (int64_t j = 0; j < matrix.columns; ++j)
      turn(matrix(p, j), matrix(q, j));
  }
  FIRN_INLINE void turnColumns(RealMatrix matrix, int64_t p, int64_t q) const {
    for (int64_t i = 0; i < matrix.rows; ++i)
      turn(matrix(i, p), matrix(i, q));
  }
};

/// What, applied to the columns and to the rows of [[a, b], [b, c]], makes it diagonal: the smaller
/// of the two turns.
FIRN_INLINE Rotation diagonalizing(double a, double b, double c) {
  if (2 * absolute(b) < kLeastNormal)
    return {1, 0};
  double ratio = (a - c) / (2 * absolute(b)), length = root(ratio * ratio + 1);
  double tangent = ratio > 0 ? 1 / (ratio + length) : 1 / (ratio - length);
  double cosine = 1 / root(tangent * tangent + 1);
  return {cosine, (b < 0 ? -1 : 1) * tangent * cosine};
}

/// What makes [[a, b], [c, d]] symmetric when applied to its rows.
FIRN_INLINE Rotation symmetrizing(double a, double b, double c, double d) {
  double trace = a + d, difference = c - b;
  if (absolute(difference) < kLeastNormal)
    return {1, 0};
  double length = sizeOf(Pair(trace, difference));
  return {(difference < 0 ? -trace : trace) / length, absolute(difference) / length};
}

/// What counts as zero beside the diagonal.
FIRN_INLINE double toleranceOf(RealMatrix matrix) {
  double largest = 0;
  for (int64_t i = 0; i < matrix.rows; ++i)
    largest = larger(largest, absolute(matrix(i, i)));
  return larger(2 * kPrecision * largest, kLeastNormal);
}

/// left x diagonal x the transpose of right.
struct SingularValues {
  RealMatrix left, middle, right;

  // Turns rows and columns p and q so that neither holds anything of the other.
  FIRN_INLINE void separate(int64_t p, int64_t q) const {
    double a = middle(p, p), b = middle(p, q), c = middle(q, p), d = middle(q, q);
    Rotation rows = symmetrizing(a, b, c, d);
    rows.turn(a, c);
    rows.turn(b, d);
    Rotation columns = diagonalizing(a, b, d);
    rows = columns.after(rows);
    rows.turnRows(middle, p, q);
    rows.turnColumns(left, p, q);
    columns.turnColumns(middle, p, q);
    columns.turnColumns(right, p, q);
  }

  FIRN_INLINE bool sweep() const {
    bool isDone = true;
    for (int64_t p = 1; p < middle.rows; ++p)
      for (int64_t q = 0; q < p; ++q) {
        double tolerance = toleranceOf(middle);
        if (absolute(middle(p, q)) <= tolerance && absolute(middle(q, p)) <= tolerance)
          continue;
        separate(p, q);
        isDone = false;
      }
    return isDone;
  }

  // Makes the values positive and puts them in falling order.
  FIRN_INLINE void arrange() const {
    for (int64_t i = 0; i < middle.rows; ++i)
      if (middle(i, i) < 0) {
        middle(i, i) = -middle(i, i);
        for (int64_t row = 0; row < left.rows; ++row)
          left(row, i) = -left(row, i);
      }
    for (int64_t i = 0; i < middle.rows; ++i) {
      int64_t best = i;
      for (int64_t k = i + 1; k < middle.rows; ++k)
        if (middle(k, k) > middle(best, best))
          best = k;
      swap(middle(i, i), middle(best, best));
      left.swapColumns(i, best);
      right.swapColumns(i, best);
    }
  }
};

/// Q x R of the matrix with its columns in another order, those of the greatest rest first; `order`
/// becomes the permutation: the matrix is Q x R x its transpose.
FIRN_INLINE void factorInOrder(RealMatrix r, RealMatrix q, RealMatrix order, double *direction) {
  q.makeIdentity();
  order.makeIdentity();
  for (int64_t j = 0; j < r.columns; ++j) {
    int64_t best = j;
    double longest = -1;
    for (int64_t column = j; column < r.columns; ++column) {
      double length = 0;
      for (int64_t i = j; i < r.rows; ++i)
        length += squareOf(r(i, column));
      if (length > longest) {
        longest = length;
        best = column;
      }
    }
    r.swapColumns(j, best);
    order.swapColumns(j, best);
    reflect(q, r, direction, j);
  }
}

FIRN_INLINE void decompose(RealMatrix matrix, RealMatrix ofRows, RealMatrix ofColumns,
                           RealMatrix middle, double *direction, bool isTurned) {
  bool isSquare = matrix.rows == matrix.columns;
  if (isSquare) {
    ofRows.makeIdentity();
    ofColumns.makeIdentity();
  } else {
    factorInOrder(matrix, ofRows, ofColumns, direction);
  }
  for (int64_t i = 0; i < middle.rows; ++i)
    for (int64_t j = 0; j < middle.columns; ++j)
      middle(i, j) = isTurned ? matrix(j, i) : matrix(i, j);
  SingularValues values{isTurned ? ofColumns : ofRows, middle, isTurned ? ofRows : ofColumns};
  for (int sweep = 0; sweep < kMostSweeps && !values.sweep(); ++sweep)
    ;
  values.arrange();
}

FIRN_INLINE uint32_t svd(const firn_workgroup *group, const firn_svd_args *args) {
  int64_t rows = args->rows, columns = args->columns;
  double *values = bufferOf<double>(group, 1);
  RealMatrix middle = matricesOf<double>(group, 4, columns, columns);
  for (int64_t i = 0; i < args->batch; ++i) {
    decompose(matricesOf<double>(group, 0, rows, columns).of(i),
              matricesOf<double>(group, 2, rows, rows).of(i),
              matricesOf<double>(group, 3, columns, columns).of(i), middle,
              bufferOf<double>(group, 5), args->turned);
    for (int64_t k = 0; k < columns; ++k)
      values[i * columns + k] = middle(k, k);
  }
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE bool isDiagonal(RealMatrix matrix) {
  double tolerance = toleranceOf(matrix);
  for (int64_t i = 0; i < matrix.rows; ++i)
    for (int64_t j = 0; j < i; ++j)
      if (!(absolute(matrix(i, j)) <= tolerance))
        return false;
  return true;
}

/// vectors x values x the transpose of vectors, the values rising.
FIRN_INLINE void decomposeSymmetric(RealMatrix values, RealMatrix vectors) {
  int64_t size = values.rows;
  vectors.makeIdentity();
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j < i; ++j)
      values(j, i) = values(i, j);
  for (int sweep = 0; sweep < kMostSweeps && !isDiagonal(values); ++sweep)
    for (int64_t p = 1; p < size; ++p)
      for (int64_t q = 0; q < p; ++q) {
        Rotation rotation = diagonalizing(values(p, p), values(p, q), values(q, q));
        rotation.turnRows(values, p, q);
        rotation.turnColumns(values, p, q);
        rotation.turnColumns(vectors, p, q);
      }
  // By neighbours, so that equal ones keep their order.
  for (int64_t end = size; end > 1; --end)
    for (int64_t i = 0; i + 1 < end; ++i)
      if (values(i + 1, i + 1) < values(i, i)) {
        swap(values(i, i), values(i + 1, i + 1));
        vectors.swapColumns(i, i + 1);
      }
}

FIRN_INLINE uint32_t eigen(const firn_workgroup *group, const firn_square_args *args) {
  int64_t size = args->size;
  double *values = bufferOf<double>(group, 1);
  for (int64_t i = 0; i < args->batch; ++i) {
    RealMatrix matrix = matricesOf<double>(group, 0, size, size).of(i);
    decomposeSymmetric(matrix, matricesOf<double>(group, 2, size, size).of(i));
    for (int64_t k = 0; k < size; ++k)
      values[i * size + k] = matrix(k, k);
  }
  return FIRN_DISPATCH_OK;
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
