// Singular values and eigenvalues, by Jacobi's rotations.
#include <cmath>
#include <numeric>

#include "compiler/reference/ops/Matrix.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using RealMatrix = Matrix<double>;

// Takes two rows or columns x and y to cosine x + sine y and cosine y - sine x.
struct Rotation {
  double cosine = 1, sine = 0;

  Rotation inverse() const { return {cosine, -sine}; }
  // This after `first`.
  Rotation after(const Rotation &first) const {
    return {cosine * first.cosine - sine * first.sine, cosine * first.sine + sine * first.cosine};
  }
  void turn(double &x, double &y) const {
    double turned = cosine * x + sine * y;
    y = cosine * y - sine * x;
    x = turned;
  }
  void turnRows(RealMatrix &matrix, int64_t p, int64_t q) const {
    for (int64_t j = 0; j < matrix.columns; ++j)
      turn(matrix(p, j), matrix(q, j));
  }
  void turnColumns(RealMatrix &matrix, int64_t p, int64_t q) const {
    for (int64_t i = 0; i < matrix.rows; ++i)
      turn(matrix(i, p), matrix(i, q));
  }
};

// What, applied to the columns and to the rows of [[a, b], [b, c]], makes it diagonal: the smaller
// of the two turns.
Rotation diagonalizing(double a, double b, double c) {
  if (2 * std::abs(b) < std::numeric_limits<double>::min())
    return {};
  double ratio = (a - c) / (2 * std::abs(b)), root = std::sqrt(ratio * ratio + 1);
  double tangent = ratio > 0 ? 1 / (ratio + root) : 1 / (ratio - root);
  double cosine = 1 / std::sqrt(tangent * tangent + 1);
  return {cosine, (b < 0 ? -1 : 1) * tangent * cosine};
}

constexpr int kMostSweeps = 100; // a handful suffices; not numbers never settle

// What counts as zero beside the diagonal.
double toleranceOf(const RealMatrix &matrix) {
  double largest = 0;
  for (int64_t i = 0; i < matrix.rows; ++i)
    largest = std::max(largest, std::abs(matrix(i, i)));
  return std::max(2 * std::numeric_limits<double>::epsilon() * largest,
                  std::numeric_limits<double>::min());
}

// What makes [[a, b], [c, d]] symmetric when applied to its rows.
Rotation symmetrizing(double a, double b, double c, double d) {
  double trace = a + d, difference = c - b;
  if (std::abs(difference) < std::numeric_limits<double>::min())
    return {};
  double length = std::hypot(trace, difference);
  return {std::copysign(1, difference) * trace / length, std::abs(difference) / length};
}

// left × diagonal × the transpose of right, with the diagonal's elements falling.
struct SingularValues {
  RealMatrix left, middle, right;

  // Turns rows and columns p and q so that neither holds anything of the other.
  void separate(int64_t p, int64_t q) {
    double block[] = {middle(p, p), middle(p, q), middle(q, p), middle(q, q)};
    Rotation rows = symmetrizing(block[0], block[1], block[2], block[3]);
    rows.turn(block[0], block[2]);
    rows.turn(block[1], block[3]);
    Rotation columns = diagonalizing(block[0], block[1], block[3]);
    rows = columns.after(rows);
    rows.turnRows(middle, p, q);
    rows.turnColumns(left, p, q);
    columns.turnColumns(middle, p, q);
    columns.turnColumns(right, p, q);
  }

  void iterate() {
    bool isDone = false;
    for (int sweep = 0; sweep < kMostSweeps && !isDone; ++sweep) {
      isDone = true;
      for (int64_t p = 1; p < middle.rows; ++p)
        for (int64_t q = 0; q < p; ++q) {
          double tolerance = toleranceOf(middle);
          if (std::abs(middle(p, q)) <= tolerance && std::abs(middle(q, p)) <= tolerance)
            continue;
          separate(p, q);
          isDone = false;
        }
    }
  }

  // Makes the values positive and puts them in order.
  void arrange() {
    int64_t n = middle.rows;
    for (int64_t i = 0; i < n; ++i)
      if (middle(i, i) < 0) {
        middle(i, i) = -middle(i, i);
        for (int64_t row = 0; row < left.rows; ++row)
          left(row, i) = -left(row, i);
      }
    for (int64_t i = 0; i < n; ++i) {
      int64_t best = i;
      for (int64_t k = i + 1; k < n; ++k)
        if (middle(k, k) > middle(best, best))
          best = k;
      std::swap(middle(i, i), middle(best, best));
      left.swapColumns(i, best);
      right.swapColumns(i, best);
    }
  }
};

// Of a matrix with at least as many rows as columns. The left side is [rows, rows].
SingularValues decomposeTall(RealMatrix matrix) {
  SingularValues result;
  int64_t rows = matrix.rows, columns = matrix.columns;
  if (rows == columns) {
    result.left = RealMatrix::identity(rows, rows);
    result.right = RealMatrix::identity(rows, rows);
    result.middle = std::move(matrix);
  } else {
    QrFactors<double> factors = factorQr(std::move(matrix), true);
    result.left = std::move(factors.q);
    result.middle = factors.r.corner(columns, columns);
    result.right = RealMatrix(columns, columns);
    for (int64_t j = 0; j < columns; ++j)
      result.right(factors.order[j], j) = 1;
  }
  result.iterate();
  result.arrange();
  return result;
}

SingularValues decompose(RealMatrix matrix) {
  if (matrix.rows >= matrix.columns)
    return decomposeTall(std::move(matrix));
  QrFactors<double> factors = factorQr(adjoint(matrix), true);
  SingularValues result;
  result.right = std::move(factors.q);
  result.middle = adjoint(factors.r.corner(matrix.rows, matrix.rows));
  result.left = RealMatrix(matrix.rows, matrix.rows);
  for (int64_t j = 0; j < matrix.rows; ++j)
    result.left(factors.order[j], j) = 1;
  result.iterate();
  result.arrange();
  return result;
}

void svd(Evaluation &e) {
  const Tensor &matrices = e.input(0);
  if (matrices.rank() < 2)
    return e.fail("expected matrices, got " + matrices.text());
  auto batch = matrices.shape().drop_back(2);
  int64_t rows = matrices.dim(matrices.rank() - 2), columns = matrices.shape().back();
  int64_t inner = std::min(rows, columns);
  bool isFull = e.flag("full_matrices"), hasSides = e.flag("compute_uv");
  auto shaped = [&](std::initializer_list<int64_t> dims) {
    Shape shape(batch);
    shape.append(dims);
    return shape;
  };
  int64_t leftColumns = isFull ? rows : inner, rightColumns = isFull ? columns : inner;
  Tensor values = e.make(0, e.dtype(), shaped({inner}));
  Tensor left = e.make(1, e.dtype(), hasSides ? shaped({rows, leftColumns}) : Shape());
  Tensor right = e.make(2, e.dtype(), hasSides ? shaped({columns, rightColumns}) : Shape());
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < countElements(batch); ++i) {
      SingularValues result = decompose(matrixAt<T>(matrices, i));
      for (int64_t k = 0; k < inner; ++k)
        values.mutableValues<T>()[i * inner + k] = static_cast<T>(result.middle(k, k));
      if (!hasSides)
        continue;
      putMatrix<T>(result.left.corner(rows, leftColumns), left, i);
      putMatrix<T>(result.right.corner(columns, rightColumns), right, i);
    }
  });
}

// vectors × values × the transpose of vectors.
struct Eigen {
  RealMatrix vectors, values;

  // Of a symmetric matrix, of which the lower triangle is read.
  explicit Eigen(RealMatrix matrix)
      : vectors(RealMatrix::identity(matrix.rows, matrix.rows)), values(std::move(matrix)) {
    for (int64_t i = 0; i < values.rows; ++i)
      for (int64_t j = 0; j < i; ++j)
        values(j, i) = values(i, j);
    for (int sweep = 0; sweep < kMostSweeps && !isDiagonal(); ++sweep)
      for (int64_t p = 1; p < values.rows; ++p)
        for (int64_t q = 0; q < p; ++q) {
          Rotation rotation = diagonalizing(values(p, p), values(p, q), values(q, q));
          rotation.turnRows(values, p, q);
          rotation.turnColumns(values, p, q);
          rotation.turnColumns(vectors, p, q);
        }
  }

  bool isDiagonal() const {
    double tolerance = toleranceOf(values);
    for (int64_t i = 0; i < values.rows; ++i)
      for (int64_t j = 0; j < i; ++j)
        if (!(std::abs(values(i, j)) <= tolerance))
          return false;
    return true;
  }

  // The columns' numbers, their values rising.
  std::vector<int64_t> order() const {
    std::vector<int64_t> order(values.rows);
    std::iota(order.begin(), order.end(), 0);
    llvm::stable_sort(order, [&](int64_t a, int64_t b) { return values(a, a) < values(b, b); });
    return order;
  }
};

void selfAdjointEig(Evaluation &e) {
  const Tensor &matrices = e.input(0);
  if (matrices.rank() < 2 || matrices.dim(matrices.rank() - 2) != matrices.shape().back())
    return e.fail("expected square matrices, got " + matrices.text());
  bool hasVectors = e.flag("compute_v");
  int64_t n = matrices.shape().back();
  Tensor values = e.make(0, e.dtype(), matrices.shape().drop_back(1));
  Tensor vectors = e.make(1, e.dtype(), hasVectors ? Shape(matrices.shape()) : Shape());
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; n && i < values.size() / n; ++i) {
      Eigen eigen(matrixAt<T>(matrices, i));
      std::vector<int64_t> order = eigen.order();
      RealMatrix columns(n, n);
      for (int64_t k = 0; k < n; ++k) {
        values.mutableValues<T>()[i * n + k] = static_cast<T>(eigen.values(order[k], order[k]));
        for (int64_t row = 0; row < n; ++row)
          columns(row, k) = eigen.vectors(row, order[k]);
      }
      if (hasVectors)
        putMatrix<T>(columns, vectors, i);
    }
  });
}

constexpr KernelEntry kKernels[] = {
    {"Svd", svd},
    {"SelfAdjointEigV2", selfAdjointEig},
};

} // namespace

KernelList spectralKernels() { return kKernels; }

} // namespace firn::reference
