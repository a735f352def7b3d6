#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"

using namespace mlir;

namespace firn::kernel {

static ScalarBody scalarBody(ArrayRef<Tensor> operands, int dtype, const NumberBody &body) {
  SmallVector<int> dtypes;
  for (const Tensor &operand : operands)
    dtypes.push_back(operand.dtype);
  return [dtypes, dtype, body](ImplicitLocOpBuilder &b, ValueRange values) {
    SmallVector<Number> numbers;
    for (auto [value, type] : llvm::zip(values, dtypes))
      numbers.push_back({&b, value, type});
    return convert(body(numbers), dtype).value;
  };
}

Tensor map(NodeLowering &n, ArrayRef<Tensor> operands, int dtype, ArrayRef<Size> sizes,
           const NumberBody &body) {
  return n.elementwise(operands, dtype, sizes, scalarBody(operands, dtype, body));
}

Tensor map(NodeLowering &n, ArrayRef<Tensor> operands, int dtype, const NumberBody &body) {
  return n.elementwise(operands, dtype, scalarBody(operands, dtype, body));
}

SmallVector<Tensor> ofOneShape(ArrayRef<Tensor> operands) {
  Sizes sizes;
  for (const Tensor &operand : operands) {
    if (sizes.empty())
      sizes = operand.sizes;
    for (auto [size, mine] : llvm::zip(sizes, operand.sizes))
      if (constantSize(mine))
        size = mine;
  }
  SmallVector<Tensor> same(operands);
  for (Tensor &operand : same)
    if (operand && operand.rank() == static_cast<int64_t>(sizes.size()))
      operand.sizes = sizes;
  return same;
}

Tensor filled(NodeLowering &n, int dtype, double number, ArrayRef<Size> sizes) {
  return n.generate(dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange) {
    return constantOf(b, dtype, number).value;
  });
}

Tensor converted(NodeLowering &n, const Tensor &tensor, int dtype) {
  if (!tensor || tensor.dtype == dtype)
    return tensor;
  return map(n, {tensor}, dtype, tensor.sizes, [](ArrayRef<Number> x) { return x[0]; });
}

} // namespace firn::kernel
