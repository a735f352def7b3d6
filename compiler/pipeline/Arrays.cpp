#include "compiler/pipeline/Arrays.h"

using namespace firn::graph;

namespace firn {

using reference::Tensor;

Tensor tensorOf(const NpyArray &array, int dtype) {
  Tensor tensor(dtype, array.shape);
  if (dtype == DT_STRING)
    llvm::copy(array.strings, tensor.mutableValues<std::string>().begin());
  else
    llvm::copy(array.bytes, tensor.mutableBytes().begin());
  return tensor;
}

NpyArray arrayOf(const Tensor &tensor) {
  NpyArray array{tensor.dtype(), {tensor.shape().begin(), tensor.shape().end()}, "", {}};
  if (!tensor || tensor.size() == 0)
    return array;
  if (tensor.dtype() == DT_STRING)
    array.strings.assign(tensor.values<std::string>().begin(), tensor.values<std::string>().end());
  else if (reference::elementBytes(tensor.dtype()))
    array.bytes.assign(tensor.bytes().begin(), tensor.bytes().end());
  return array;
}

bool holdsDtype(const NpyArray &array, int dtype) {
  return array.dtype == dtype || (dtype != DT_STRING && array.dtype != DT_STRING &&
                                  npyDescr(array.dtype) == npyDescr(dtype));
}

} // namespace firn
