// Matrices inverted, solved and factored, in double precision, rounded once.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

int preciseType(int dtype) { return isComplexType(dtype) ? DT_COMPLEX128 : DT_DOUBLE; }

std::string kernelName(StringRef name, const Tensor &of) {
  return (name + (isComplexType(of.dtype) ? "_c128" : "_f64")).str();
}

/// A batch of matrices as [batch, rows, columns] of doubles.
struct Matrices {
  Tensor tensor;
  Sizes batch; // as it was
  Size count, rows, columns;
  explicit operator bool() const { return bool(tensor); }
};

Tensor transposed(NodeLowering &n, const Tensor &matrices) {
  return n.transpose(matrices, {0, 2, 1});
}

Tensor adjoint(NodeLowering &n, const Tensor &matrices) {
  Tensor turned = transposed(n, matrices);
  if (!isComplexType(turned.dtype))
    return turned;
  return map(n, {turned}, turned.dtype, turned.sizes,
             [](ArrayRef<Number> x) { return conj(x[0]); });
}

Matrices matricesOf(NodeLowering &n, unsigned index, bool isAdjoint = false) {
  Tensor given = n.in(index);
  if (!given || given.rank() < 2)
    return {};
  Matrices result;
  ArrayRef<Size> sizes = given.sizes;
  result.batch = Sizes(sizes.drop_back(2));
  result.count = n.product(result.batch);
  result.rows = sizes[sizes.size() - 2];
  result.columns = sizes.back();
  Tensor precise = converted(n, given, preciseType(given.dtype));
  result.tensor = n.reshape(precise, {result.count, result.rows, result.columns});
  if (isAdjoint) {
    result.tensor = adjoint(n, result.tensor);
    std::swap(result.rows, result.columns);
  }
  return result;
}

// `precise`, whose first dimension is the batch, as an output.
void giveBatch(NodeLowering &n, unsigned index, const Tensor &precise, ArrayRef<Size> batch) {
  if (!precise)
    return n.give(index, Tensor());
  Sizes sizes(batch);
  sizes.append(precise.sizes.begin() + 1, precise.sizes.end());
  Tensor result = converted(n, precise, n.outDtype(index));
  n.give(index, n.reshape(result, n.outSizes(index, sizes)));
}

Tensor identities(NodeLowering &n, int dtype, Size count, Size size) {
  return n.generate(dtype, {count, size, size}, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Truth isDiagonal{&b, (placeOf(b, at[1]) == placeOf(b, at[2])).value};
    return choose(isDiagonal, constantOf(b, dtype, 1), constantOf(b, dtype, 0)).value;
  });
}

// The kernel uses the matrices up and changes the right sides.
Tensor solved(NodeLowering &n, StringRef kernel, const Matrices &matrices, const Tensor &right) {
  SmallVector<Size> fields{matrices.count, matrices.rows, right.sizes.back()};
  return n.call(kernelName(kernel, right), {}, fields, {}, {matrices.tensor, right})[1];
}

void matrixInverse(NodeLowering &n) {
  Matrices matrices = matricesOf(n, 0, n.flag("adjoint"));
  if (!matrices)
    return;
  Tensor right = identities(n, matrices.tensor.dtype, matrices.count, matrices.rows);
  giveBatch(n, 0, solved(n, "solve", matrices, right), matrices.batch);
}

void matrixSolve(NodeLowering &n) {
  Matrices matrices = matricesOf(n, 0, n.flag("adjoint")), right = matricesOf(n, 1);
  if (matrices && right)
    giveBatch(n, 0, solved(n, "solve", matrices, right.tensor), right.batch);
}

Matrices repeated(NodeLowering &n, const Matrices &matrices, ArrayRef<Size> batch) {
  Matrices result = matrices;
  Sizes own = matrices.batch, wide(batch);
  own.append({matrices.rows, matrices.columns});
  wide.append({matrices.rows, matrices.columns});
  result.batch = Sizes(batch);
  result.count = n.product(batch);
  result.tensor = n.reshape(n.broadcast(n.reshape(matrices.tensor, own), wide),
                            {result.count, matrices.rows, matrices.columns});
  return result;
}

void matrixTriangularSolve(NodeLowering &n) {
  bool isAdjoint = n.flag("adjoint"), isLower = n.flag("lower") != isAdjoint;
  Matrices matrices = matricesOf(n, 0, isAdjoint), right = matricesOf(n, 1);
  if (!matrices || !right)
    return;
  Tensor batchA = matrices.tensor, batchB = right.tensor;
  batchA.sizes = matrices.batch;
  batchB.sizes = right.batch;
  std::optional<Sizes> batch = n.broadcastSizes({batchA, batchB});
  if (!batch)
    return;
  Matrices wide = repeated(n, matrices, *batch);
  Tensor values = repeated(n, right, *batch).tensor;
  SmallVector<Size> fields{wide.count, wide.rows, right.columns};
  StringRef kernel = isLower ? "solve_lower" : "solve_upper";
  Tensor result = n.call(kernelName(kernel, values), {wide.tensor}, fields, {}, {values}).front();
  giveBatch(n, 0, result, *batch);
}

template <bool IsLog> void matrixDeterminant(NodeLowering &n) {
  Matrices matrices = matricesOf(n, 0);
  if (!matrices)
    return;
  int dtype = matrices.tensor.dtype;
  SmallVector<Tensor> made = n.call(
      kernelName("determinant", matrices.tensor), {}, {matrices.count, matrices.rows}, {},
      {matrices.tensor, n.empty(dtype, {matrices.count}), n.empty(DT_DOUBLE, {matrices.count})});
  Tensor sign = made[1], logarithm = made[2];
  if (IsLog) {
    giveBatch(n, 0, sign, matrices.batch);
    return giveBatch(n, 1, logarithm, matrices.batch);
  }
  giveBatch(n, 0,
            map(n, {sign, logarithm}, dtype, sign.sizes,
                [=](ArrayRef<Number> x) { return x[0] * convert(exp(x[1]), dtype); }),
            matrices.batch);
}

void cholesky(NodeLowering &n) {
  Matrices matrices = matricesOf(n, 0);
  if (!matrices)
    return;
  Tensor factor = n.call(kernelName("cholesky", matrices.tensor), {},
                         {matrices.count, matrices.rows}, {}, {matrices.tensor})
                      .front();
  giveBatch(n, 0, factor, matrices.batch);
}

// The first columns of the first rows.
Tensor corner(NodeLowering &n, const Tensor &matrices, Size rows, Size columns) {
  return n.slice(matrices, n.repeated(0, 3), {matrices.sizes[0], rows, columns});
}

void qr(NodeLowering &n) {
  Matrices matrices = matricesOf(n, 0);
  if (!matrices)
    return;
  Size count = matrices.count, rows = matrices.rows, columns = matrices.columns;
  int dtype = matrices.tensor.dtype;
  SmallVector<Tensor> made =
      n.call(kernelName("qr", matrices.tensor), {}, {count, rows, columns}, {},
             {matrices.tensor, n.empty(dtype, {count, rows, rows}), n.empty(dtype, {rows})});
  if (!made[0])
    return;
  Size inner = n.flag("full_matrices") ? rows : n.min(rows, columns);
  giveBatch(n, 0, corner(n, made[1], rows, inner), matrices.batch);
  giveBatch(n, 1, corner(n, made[0], inner, columns), matrices.batch);
}

// `yes` or `no`, [batch, rows, columns] both, of whose rows and columns the first ones are taken.
Tensor cornerOfEither(NodeLowering &n, Size condition, const Tensor &yes, const Tensor &no,
                      Size rows, Size columns) {
  if (std::optional<int64_t> known = constantSize(condition))
    return corner(n, *known ? yes : no, rows, columns);
  Sizes sizes{yes.sizes[0], rows, columns};
  return n.generate(yes.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    auto elementOf = [&](const Tensor &matrices) {
      SmallVector<Value> place(at);
      for (unsigned axis : {1u, 2u})
        place[axis] = clamp(placeOf(b, at[axis]), placeOf(b, matrices.sizes[axis])).value;
      return NodeLowering::read(b, matrices, place);
    };
    return choose(placeOf(b, condition) == 1, elementOf(yes), elementOf(no));
  });
}

// The kernel takes matrices with at least as many rows as columns, so others are turned.
void svd(NodeLowering &n) {
  Matrices matrices = matricesOf(n, 0);
  if (!matrices)
    return;
  if (isComplexType(matrices.tensor.dtype))
    return n.fail("singular values of complex matrices");
  Size count = matrices.count, rows = matrices.rows, columns = matrices.columns;
  Size isTurned = n.isNegative(n.sub(rows, columns)), tall = n.max(rows, columns),
       inner = n.min(rows, columns);
  bool isFull = n.flag("full_matrices");
  Tensor given =
      cornerOfEither(n, isTurned, transposed(n, matrices.tensor), matrices.tensor, tall, inner);
  auto empty = [&](ArrayRef<Size> sizes) { return n.empty(DT_DOUBLE, sizes); };
  SmallVector<Tensor> made =
      n.call("svd_f64", {}, {count, tall, inner, isTurned}, {},
             {given, empty({count, inner}), empty({count, tall, tall}),
              empty({count, inner, inner}), empty({inner, inner}), empty({tall})});
  if (!made[0])
    return;
  giveBatch(n, 0, made[1], matrices.batch);
  if (!n.flag("compute_uv")) {
    for (unsigned i : {1u, 2u})
      if (n.isUsed(i))
        n.give(i, n.zeros(n.outDtype(i), {}));
    return;
  }
  Tensor left = cornerOfEither(n, isTurned, made[3], made[2], rows, isFull ? rows : inner);
  Tensor right = cornerOfEither(n, isTurned, made[2], made[3], columns, isFull ? columns : inner);
  giveBatch(n, 1, left, matrices.batch);
  giveBatch(n, 2, right, matrices.batch);
}

void selfAdjointEig(NodeLowering &n) {
  Matrices matrices = matricesOf(n, 0);
  if (!matrices)
    return;
  if (isComplexType(matrices.tensor.dtype))
    return n.fail("eigenvalues of complex matrices");
  Size count = matrices.count, size = matrices.rows;
  SmallVector<Tensor> made = n.call("eigen_f64", {}, {count, size}, {},
                                    {matrices.tensor, n.empty(DT_DOUBLE, {count, size}),
                                     n.empty(DT_DOUBLE, {count, size, size})});
  giveBatch(n, 0, made[1], matrices.batch);
  if (n.flag("compute_v"))
    giveBatch(n, 1, made[2], matrices.batch);
  else if (n.isUsed(1))
    n.give(1, n.zeros(n.outDtype(1), {}));
}

const LoweringEntry kLinalg[] = {
    {"Cholesky", cholesky},
    {"LogMatrixDeterminant", matrixDeterminant<true>},
    {"MatrixDeterminant", matrixDeterminant<false>},
    {"MatrixInverse", matrixInverse},
    {"MatrixSolve", matrixSolve},
    {"MatrixTriangularSolve", matrixTriangularSolve},
    {"Qr", qr},
    {"SelfAdjointEigV2", selfAdjointEig},
    {"Svd", svd},
};

} // namespace

Lowerings linalgLowerings() { return kLinalg; }

} // namespace firn::kernel
