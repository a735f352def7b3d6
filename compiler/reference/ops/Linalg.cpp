// Matrices inverted, solved and factored; Cross.
#include <cmath>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Elementwise.h"
#include "compiler/reference/ops/Matrix.h"

using namespace firn::graph;

namespace firn::reference {

namespace {

// Turns column `j` from row `j` on into a multiple of the unit vector, and all of Q with it.
template <typename W> void reflect(QrFactors<W> &factors, int64_t j) {
  Matrix<W> &r = factors.r, &q = factors.q;
  W head = r(j, j);
  double rest = 0;
  for (int64_t i = j + 1; i < r.rows; ++i)
    rest += std::norm(r(i, j));
  if (rest == 0 && std::imag(head) == 0)
    return;
  double length = std::sqrt(std::norm(head) + rest), end = std::real(head) >= 0 ? -length : length;
  std::vector<W> direction(r.rows - j, W(1));
  for (int64_t i = j + 1; i < r.rows; ++i)
    direction[i - j] = r(i, j) / (head - end);
  W scale = (end - head) / end;
  for (int64_t column = j; column < r.columns; ++column) {
    W product = 0;
    for (int64_t i = j; i < r.rows; ++i)
      product += conjugate(direction[i - j]) * r(i, column);
    for (int64_t i = j; i < r.rows; ++i)
      r(i, column) -= conjugate(scale) * direction[i - j] * product;
  }
  for (int64_t i = j + 1; i < r.rows; ++i)
    r(i, j) = 0;
  for (int64_t row = 0; row < q.rows; ++row) {
    W product = 0;
    for (int64_t i = j; i < r.rows; ++i)
      product += q(row, i) * direction[i - j];
    for (int64_t i = j; i < r.rows; ++i)
      q(row, i) -= scale * product * conjugate(direction[i - j]);
  }
}

// Brings the column whose part from row `j` on is longest to `j`.
template <typename W> void orderColumn(QrFactors<W> &factors, int64_t j) {
  int64_t best = j;
  double longest = -1;
  for (int64_t column = j; column < factors.r.columns; ++column) {
    double length = 0;
    for (int64_t i = j; i < factors.r.rows; ++i)
      length += std::norm(factors.r(i, column));
    if (length > longest) {
      longest = length;
      best = column;
    }
  }
  factors.r.swapColumns(j, best);
  std::swap(factors.order[j], factors.order[best]);
}

} // namespace

template <typename W> QrFactors<W> factorQr(Matrix<W> matrix, bool ordersColumns) {
  QrFactors<W> factors;
  factors.q = Matrix<W>::identity(matrix.rows, matrix.rows);
  factors.r = std::move(matrix);
  for (int64_t j = 0; j < factors.r.columns; ++j)
    factors.order.push_back(j);
  for (int64_t j = 0; j < std::min(factors.r.rows, factors.r.columns); ++j) {
    if (ordersColumns)
      orderColumn(factors, j);
    reflect(factors, j);
  }
  return factors;
}

template QrFactors<double> factorQr(Matrix<double>, bool);
template QrFactors<std::complex<double>> factorQr(Matrix<std::complex<double>>, bool);

namespace {

bool areMatrices(Evaluation &e, const Tensor &tensor, bool mustBeSquare) {
  if (tensor.rank() >= 2 &&
      (!mustBeSquare || tensor.dim(tensor.rank() - 2) == tensor.shape().back()))
    return true;
  e.fail(llvm::Twine("expected ") + (mustBeSquare ? "square matrices" : "matrices") + ", got " +
         tensor.text());
  return false;
}

int64_t countMatrices(const Tensor &matrices) {
  return countElements(matrices.shape().drop_back(2));
}

// The triangles L and U of a matrix whose rows were put in another order, in one: U with its
// diagonal, L without. `sign` is that of the order.
template <typename W> struct LuFactors {
  Matrix<W> both;
  std::vector<int64_t> order;
  double sign = 1;

  explicit LuFactors(Matrix<W> matrix) : both(std::move(matrix)) {
    int64_t n = both.rows;
    for (int64_t i = 0; i < n; ++i)
      order.push_back(i);
    for (int64_t j = 0; j < n; ++j) {
      int64_t pivot = j;
      for (int64_t i = j + 1; i < n; ++i)
        if (std::abs(both(i, j)) > std::abs(both(pivot, j)))
          pivot = i;
      if (pivot != j) {
        both.swapRows(j, pivot);
        std::swap(order[j], order[pivot]);
        sign = -sign;
      }
      if (both(j, j) != W(0))
        eliminate(j);
    }
  }
  bool isSingular() const {
    for (int64_t i = 0; i < both.rows; ++i)
      if (!(std::abs(both(i, i)) > 0))
        return true;
    return false;
  }

private:
  void eliminate(int64_t j) {
    for (int64_t i = j + 1; i < both.rows; ++i) {
      both(i, j) /= both(j, j);
      for (int64_t k = j + 1; k < both.columns; ++k)
        both(i, k) -= both(i, j) * both(j, k);
    }
  }
};

// Solves a triangle of `matrix` against each column of `right`, in place. `hasUnits`: its diagonal
// is of ones that are not stored.
template <typename W>
void solveTriangle(const Matrix<W> &matrix, Matrix<W> &right, bool isLower, bool hasUnits) {
  int64_t n = matrix.rows;
  for (int64_t step = 0; step < n; ++step) {
    int64_t i = isLower ? step : n - 1 - step;
    for (int64_t c = 0; c < right.columns; ++c) {
      W value = right(i, c);
      for (int64_t k = isLower ? 0 : i + 1; k < (isLower ? i : n); ++k)
        value -= matrix(i, k) * right(k, c);
      right(i, c) = hasUnits ? value : value / matrix(i, i);
    }
  }
}

// Nothing when the matrix is singular.
template <typename W>
std::optional<Matrix<W>> solve(const Matrix<W> &matrix, const Matrix<W> &right) {
  LuFactors<W> factors(matrix);
  if (factors.isSingular())
    return std::nullopt;
  Matrix<W> result(right.rows, right.columns);
  for (int64_t i = 0; i < right.rows; ++i)
    for (int64_t c = 0; c < right.columns; ++c)
      result(i, c) = right(factors.order[i], c);
  solveTriangle(factors.both, result, true, true);
  solveTriangle(factors.both, result, false, false);
  return result;
}

void matrixInverse(Evaluation &e) {
  if (!areMatrices(e, e.input(0), true))
    return;
  Tensor result = e.make(0, e.dtype(), e.input(0).shape());
  dispatch(e, MatrixElements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    using W = Precise<T>;
    for (int64_t i = 0; i < countMatrices(result); ++i) {
      Matrix<W> matrix = matrixAt<T>(e.input(0), i);
      auto inverse = solve(e.flag("adjoint") ? adjoint(matrix) : matrix,
                           Matrix<W>::identity(matrix.rows, matrix.rows));
      if (!inverse)
        return e.fail("expected a matrix that has an inverse, got a singular one");
      putMatrix<T>(*inverse, result, i);
    }
  });
}

void matrixSolve(Evaluation &e) {
  const Tensor &matrices = e.input(0), &right = e.input(1);
  if (!areMatrices(e, matrices, true) || !areMatrices(e, right, false))
    return;
  if (matrices.shape().drop_back(1) != right.shape().drop_back(1))
    return e.fail("expected right sides of as many rows as the matrices, got " + matrices.text() +
                  " and " + right.text());
  Tensor result = e.make(0, e.dtype(), right.shape());
  dispatch(e, MatrixElements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < countMatrices(right); ++i) {
      auto matrix = matrixAt<T>(matrices, i);
      auto solution = solve(e.flag("adjoint") ? adjoint(matrix) : matrix, matrixAt<T>(right, i));
      if (!solution)
        return e.fail("expected a matrix that has an inverse, got a singular one");
      putMatrix<T>(*solution, result, i);
    }
  });
}

void matrixTriangularSolve(Evaluation &e) {
  const Tensor &matrices = e.input(0), &right = e.input(1);
  if (!areMatrices(e, matrices, true) || !areMatrices(e, right, false))
    return;
  auto batchA = matrices.shape().drop_back(2), batchB = right.shape().drop_back(2);
  std::optional<Shape> shape = broadcastShapes(batchA, batchB);
  if (!shape || matrices.shape().back() != right.dim(right.rank() - 2))
    return e.fail("expected right sides of as many rows as the matrices, got " + matrices.text() +
                  " and " + right.text());
  BroadcastIndex atMatrix(batchA, *shape), atRight(batchB, *shape);
  int64_t count = countElements(*shape);
  shape->append(right.shape().end() - 2, right.shape().end());
  Tensor result = e.make(0, e.dtype(), *shape);
  if (e.failed())
    return;
  bool isAdjoint = e.flag("adjoint"), isLower = e.flag("lower") != isAdjoint;
  dispatch(e, MatrixElements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < count; ++i, atMatrix.next(), atRight.next()) {
      auto matrix = matrixAt<T>(matrices, atMatrix.position());
      auto values = matrixAt<T>(right, atRight.position());
      solveTriangle(isAdjoint ? adjoint(matrix) : matrix, values, isLower, false);
      putMatrix<T>(values, result, i);
    }
  });
}

// The determinant's sign (or direction, where it is complex) and the logarithm of its size.
template <typename W> std::pair<W, double> logDeterminant(const Matrix<W> &matrix) {
  LuFactors<W> factors(matrix);
  W sign = factors.sign;
  double size = 0;
  for (int64_t i = 0; i < matrix.rows; ++i) {
    W value = factors.both(i, i);
    if (value == W(0))
      return {W(0), -std::numeric_limits<double>::infinity()};
    sign *= value / std::abs(value);
    size += std::log(std::abs(value));
  }
  return {sign, size};
}

template <bool IsLog> void matrixDeterminant(Evaluation &e) {
  const Tensor &matrices = e.input(0);
  if (!areMatrices(e, matrices, true))
    return;
  Tensor first = e.make(0, e.dtype(), matrices.shape().drop_back(2));
  Tensor second = IsLog ? e.make(1, e.dtype(), first.shape()) : Tensor();
  dispatch(e, MatrixElements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < first.size(); ++i) {
      auto [sign, size] = logDeterminant(matrixAt<T>(matrices, i));
      first.mutableValues<T>()[i] = static_cast<T>(IsLog ? sign : sign * std::exp(size));
      if (IsLog)
        second.mutableValues<T>()[i] = static_cast<T>(Precise<T>(size));
    }
  });
}

// The lower triangle L with L × its adjoint = the matrix, of which the lower triangle is read. Not
// numbers when there is none: TensorFlow only warns.
template <typename W> Matrix<W> factorCholesky(const Matrix<W> &matrix) {
  Matrix<W> lower(matrix.rows, matrix.columns);
  bool isDefinite = true;
  for (int64_t j = 0; j < matrix.rows; ++j)
    for (int64_t i = j; i < matrix.rows; ++i) {
      W value = matrix(i, j);
      for (int64_t k = 0; k < j; ++k)
        value -= lower(i, k) * conjugate(lower(j, k));
      isDefinite &= i != j || !(std::real(value) <= 0);
      lower(i, j) = i == j ? W(std::sqrt(std::real(value))) : value / lower(j, j);
    }
  if (!isDefinite)
    for (int64_t i = 0; i < matrix.rows; ++i)
      for (int64_t j = 0; j <= i; ++j)
        lower(i, j) = std::numeric_limits<double>::quiet_NaN();
  return lower;
}

void cholesky(Evaluation &e) {
  if (!areMatrices(e, e.input(0), true))
    return;
  Tensor result = e.make(0, e.dtype(), e.input(0).shape());
  dispatch(e, MatrixElements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < countMatrices(result); ++i)
      putMatrix<T>(factorCholesky(matrixAt<T>(e.input(0), i)), result, i);
  });
}

void qr(Evaluation &e) {
  const Tensor &matrices = e.input(0);
  if (!areMatrices(e, matrices, false))
    return;
  int64_t rows = matrices.dim(matrices.rank() - 2), columns = matrices.shape().back();
  int64_t inner = e.flag("full_matrices") ? rows : std::min(rows, columns);
  Shape q(matrices.shape()), r(matrices.shape());
  q.back() = inner;
  r[r.size() - 2] = inner;
  Tensor first = e.make(0, e.dtype(), q), second = e.make(1, e.dtype(), r);
  dispatch(e, MatrixElements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < countMatrices(matrices); ++i) {
      auto factors = factorQr(matrixAt<T>(matrices, i));
      putMatrix<T>(factors.q.corner(rows, inner), first, i);
      putMatrix<T>(factors.r.corner(inner, columns), second, i);
    }
  });
}

void cross(Evaluation &e) {
  const Tensor &a = e.input(0), &b = e.input(1);
  if (a.shape() != b.shape() || a.rank() < 1 || a.shape().back() != 3)
    return e.fail("expected two of the same shape that ends in 3, got " + a.text() + " and " +
                  b.text());
  Tensor result = e.make(0, e.dtype(), a.shape());
  dispatch(e, Reals{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto left = a.values<T>(), right = b.values<T>();
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < out.size(); ++i) {
      size_t next = i - i % 3 + (i + 1) % 3, last = i - i % 3 + (i + 2) % 3;
      auto product = [&](size_t x, size_t y) { // rounded, as a 16-bit float is after each operation
        return Modular<T>(T(Modular<T>(left[x]) * Modular<T>(right[y])));
      };
      out[i] = T(product(next, last) - product(last, next));
    }
  });
}

constexpr KernelEntry kKernels[] = {
    {"MatrixInverse", matrixInverse},
    {"MatrixSolve", matrixSolve},
    {"MatrixTriangularSolve", matrixTriangularSolve},
    {"MatrixDeterminant", matrixDeterminant<false>},
    {"LogMatrixDeterminant", matrixDeterminant<true>},
    {"Cholesky", cholesky},
    {"Qr", qr},
    {"Cross", cross},
};

} // namespace

KernelList linalgKernels() { return kKernels; }

} // namespace firn::reference
