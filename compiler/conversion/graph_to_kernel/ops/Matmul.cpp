// Products of matrices.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

bool isConstantMatrix(const Tensor &tensor) {
  return tensor.value.getDefiningOp<ConstantOp>() != nullptr;
}

void matMul(NodeLowering &n) {
  Tensor a = n.in(0), b = n.in(1);
  if (!a || !b)
    return;
  if (n.dtype() != DT_FLOAT)
    return n.fail("products of this dtype");
  if (n.flag("transpose_a"))
    a = n.transpose(a, {1, 0});
  bool transposed = n.flag("transpose_b"), isPacked = isConstantMatrix(b);
  Sizes sizes = n.outSizes(0, {a.sizes[0], b.sizes[transposed ? 0 : 1]});
  Value right = isPacked ? n.panels(b, transposed) : b.value;
  n.give(n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<MatmulOp>(init.getType(), a.value, right, init, ValueRange(),
                                transposed && !isPacked, isPacked);
  }));
}

const LoweringEntry kMatmul[] = {
    {"MatMul", matMul},
};

} // namespace

Lowerings matmulLowerings() { return kMatmul; }

} // namespace firn::kernel
