// Products of matrices, one or a batch.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// One operand's matrices: [rows, columns] after its transposition.
struct Operand {
  const Tensor &tensor;
  bool isTransposed, isConjugated;
  int64_t rows, columns;
  Shape batch;

  Operand(const Tensor &tensor, bool isTransposed, bool isConjugated)
      : tensor(tensor), isTransposed(isTransposed), isConjugated(isConjugated),
        rows(tensor.dim(tensor.rank() - 2)), columns(tensor.dim(tensor.rank() - 1)),
        batch(tensor.shape().drop_back(2)) {
    if (isTransposed)
      std::swap(rows, columns);
  }
  int64_t size() const { return rows * columns; }
};

// All elements of the operand, each matrix as [rows, columns].
template <typename Sum> std::vector<Sum> matricesOf(const Operand &operand) {
  std::vector<Sum> values;
  dispatch(Numbers{}, operand.tensor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_convertible_v<T, Sum>)
      values = widened<Sum>(operand.tensor.values<T>());
  });
  for (size_t at = 0; operand.isTransposed && at < values.size(); at += operand.size()) {
    // The stored matrix has the operand's columns as its rows.
    std::vector<Sum> matrix =
        transposed(values.data() + at, operand.columns, operand.rows, operand.isConjugated);
    llvm::copy(matrix, values.begin() + at);
  }
  return values;
}

template <typename T> void multiplyAll(const Operand &a, const Operand &b, Tensor &result) {
  using Sum = SumOf<T>;
  std::vector<Sum> left = matricesOf<Sum>(a), right = matricesOf<Sum>(b), sums(result.size());
  llvm::ArrayRef<int64_t> batch = result.shape().drop_back(2);
  BroadcastIndex atLeft(a.batch, batch), atRight(b.batch, batch);
  int64_t size = a.rows * b.columns;
  for (int64_t at = 0; at < result.size(); at += size) {
    Panels<Sum> panels(right.data() + atRight.position() * b.size(), b.rows, b.columns, b.columns);
    panels.multiply(left.data() + atLeft.position() * a.size(), a.columns, sums.data() + at,
                    b.columns, a.rows);
    atLeft.next();
    atRight.next();
  }
  narrow<Sum, T>(sums, result.mutableValues<T>());
}

void multiply(Evaluation &e, bool transposeA, bool transposeB, bool conjugate, int dtype) {
  for (const Tensor &input : e.inputs())
    if (input.rank() < 2)
      return e.fail("expected matrices, got " + e.input(0).text() + " and " + e.input(1).text());
  Operand a(e.input(0), transposeA, conjugate), b(e.input(1), transposeB, conjugate);
  std::optional<Shape> shape = broadcastShapes(a.batch, b.batch);
  if (!shape || a.columns != b.rows)
    return e.fail("expected as many columns on the left as rows on the right, got " +
                  shapeText(a.tensor.shape()) + (transposeA ? " transposed" : "") + " and " +
                  shapeText(b.tensor.shape()) + (transposeB ? " transposed" : ""));
  shape->append({a.rows, b.columns});
  Tensor result = e.make(0, dtype, *shape);
  if (e.failed())
    return;
  dispatch(e, Numbers{}, dtype, [&](auto zero) { multiplyAll<decltype(zero)>(a, b, result); });
}

void matMul(Evaluation &e) {
  if (e.input(0).rank() != 2 || e.input(1).rank() != 2)
    return e.fail("expected two matrices, got " + e.input(0).text() + " and " + e.input(1).text());
  multiply(e, e.flag("transpose_a"), e.flag("transpose_b"), false, e.dtype());
}

void sparseMatMul(Evaluation &e) {
  if (e.input(0).rank() != 2 || e.input(1).rank() != 2)
    return e.fail("expected two matrices, got " + e.input(0).text() + " and " + e.input(1).text());
  multiply(e, e.flag("transpose_a"), e.flag("transpose_b"), false, DT_FLOAT);
}

void batchMatMul(Evaluation &e) {
  if (e.input(0).shape().drop_back(std::min<int64_t>(2, e.input(0).rank())) !=
      e.input(1).shape().drop_back(std::min<int64_t>(2, e.input(1).rank())))
    return e.fail("expected equal batch dimensions, got " + e.input(0).text() + " and " +
                  e.input(1).text());
  multiply(e, e.flag("adj_x"), e.flag("adj_y"), true, e.dtype());
}

void batchMatMulV2(Evaluation &e) {
  multiply(e, e.flag("adj_x"), e.flag("adj_y"), true, e.dtype());
}

void batchMatMulV3(Evaluation &e) {
  multiply(e, e.flag("adj_x"), e.flag("adj_y"), true, e.type("Tout"));
}

constexpr KernelEntry kKernels[] = {
    {"MatMul", matMul},
    {"SparseMatMul", sparseMatMul},
    {"BatchMatMul", batchMatMul},
    {"BatchMatMulV2", batchMatMulV2},
    {"BatchMatMulV3", batchMatMulV3},
};

} // namespace

KernelList matMulKernels() { return kKernels; }

} // namespace firn::reference
