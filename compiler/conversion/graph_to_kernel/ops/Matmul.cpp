// Products of matrices, one or a batch.
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "compiler/conversion/graph_to_kernel/ops/Products.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// Inference often knows more of the result than the operands tell.
Tensor withSizesOfResult(NodeLowering &n, Tensor result) {
  if (result)
    result = n.reshape(result, n.outSizes(0, result.sizes));
  return result;
}

void matMul(NodeLowering &n) {
  Tensor a = n.in(0), b = n.in(1);
  if (!a || !b)
    return;
  if (n.flag("transpose_a"))
    a = n.transpose(a, {1, 0});
  n.give(withSizesOfResult(n, matrixProduct(n, a, b, n.flag("transpose_b"), n.outDtype())));
}

// Operands of 16 bits, and a result of f32.
void sparseMatMul(NodeLowering &n) {
  Tensor a = converted(n, n.in(0), DT_FLOAT), b = converted(n, n.in(1), DT_FLOAT);
  if (!a || !b)
    return;
  if (n.flag("transpose_a"))
    a = n.transpose(a, {1, 0});
  n.give(matrixProduct(n, a, b, n.flag("transpose_b"), DT_FLOAT));
}

Tensor adjoint(NodeLowering &n, const Tensor &matrices) {
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, matrices.rank()));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  Tensor turned = n.transpose(matrices, order);
  if (isComplexType(turned.dtype))
    turned =
        map(n, {turned}, turned.dtype, turned.sizes, [](ArrayRef<Number> x) { return conj(x[0]); });
  return turned;
}

Sizes joined(ArrayRef<Size> batch, ArrayRef<Size> matrix) {
  Sizes all(batch);
  all.append(matrix.begin(), matrix.end());
  return all;
}

// The batch dimensions broadcast; `sizes`: those of the result.
Tensor batchProduct(NodeLowering &n, const Tensor &a, const Tensor &b, bool transposed,
                    ArrayRef<Size> batch, int dtype) {
  ArrayRef<Size> left(a.sizes), right(b.sizes);
  bool isOneRight = llvm::all_of(right.drop_back(2), [&](Size size) { return n.isOne(size); });
  if (isOneRight && left.drop_back(2) == batch) { // all rows of the left side by side
    Tensor rows = n.reshape(a, {n.product(left.drop_back()), left.back()});
    return matrixProduct(n, rows, n.reshape(b, right.take_back(2)), transposed, dtype);
  }
  auto flat = [&](const Tensor &x) {
    ArrayRef<Size> matrix = ArrayRef<Size>(x.sizes).take_back(2);
    Tensor wide = n.broadcast(x, joined(batch, matrix));
    return n.reshape(wide, {n.product(batch), matrix[0], matrix[1]});
  };
  return matrixProduct(n, flat(a), flat(b), transposed, dtype);
}

void batchMatMul(NodeLowering &n) {
  Tensor a = n.in(0), b = n.in(1);
  if (!a || !b)
    return;
  if (n.flag("adj_x"))
    a = adjoint(n, a);
  bool transposed = n.flag("adj_y");
  if (transposed && isComplexType(b.dtype)) {
    b = adjoint(n, b);
    transposed = false;
  }
  Tensor batchA = a, batchB = b;
  batchA.sizes.truncate(a.rank() - 2);
  batchB.sizes.truncate(b.rank() - 2);
  std::optional<Sizes> batch = n.broadcastSizes({batchA, batchB});
  if (!batch)
    return;
  Size rows = a.sizes[a.rank() - 2], columns = b.sizes[b.rank() - (transposed ? 2 : 1)];
  Sizes sizes = n.outSizes(0, joined(*batch, {rows, columns}));
  n.give(n.reshape(batchProduct(n, a, b, transposed, *batch, n.outDtype()), sizes));
}

const LoweringEntry kMatmul[] = {
    {"BatchMatMul", batchMatMul}, {"BatchMatMulV2", batchMatMul}, {"BatchMatMulV3", batchMatMul},
    {"MatMul", matMul},           {"SparseMatMul", sparseMatMul},
};

} // namespace

Lowerings matmulLowerings() { return kMatmul; }

} // namespace firn::kernel
