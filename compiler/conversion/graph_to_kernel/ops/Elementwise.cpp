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
