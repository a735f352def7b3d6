#include "compiler/conversion/graph_to_kernel/Tensors.h"

#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

std::optional<int64_t> constantSize(Size size) { return getConstantIntValue(size); }

int64_t staticSize(Size size) { return constantSize(size).value_or(ShapedType::kDynamic); }

RankedTensorType tensorType(ArrayRef<Size> sizes, Type element) {
  return RankedTensorType::get(llvm::map_to_vector(sizes, staticSize), element);
}

Type storageType(MLIRContext *context, int dtype) {
  switch (dtype) {
  case DT_FLOAT:
    return Float32Type::get(context);
  case DT_DOUBLE:
    return Float64Type::get(context);
  case DT_HALF:
    return Float16Type::get(context);
  case DT_BFLOAT16:
    return BFloat16Type::get(context);
  case DT_COMPLEX64:
    return ComplexType::get(Float32Type::get(context));
  case DT_COMPLEX128:
    return ComplexType::get(Float64Type::get(context));
  case DT_BOOL:
  case DT_INT8:
  case DT_UINT8:
  case DT_QINT8:
  case DT_QUINT8:
    return IntegerType::get(context, 8);
  case DT_INT16:
  case DT_UINT16:
  case DT_QINT16:
  case DT_QUINT16:
    return IntegerType::get(context, 16);
  case DT_INT32:
  case DT_UINT32:
  case DT_QINT32:
    return IntegerType::get(context, 32);
  case DT_INT64:
  case DT_UINT64:
    return IntegerType::get(context, 64);
  default:
    return Type();
  }
}

bool isUnsignedType(int dtype) {
  return dtype == DT_UINT8 || dtype == DT_UINT16 || dtype == DT_UINT32 || dtype == DT_UINT64 ||
         dtype == DT_QUINT8 || dtype == DT_QUINT16 || dtype == DT_BOOL;
}

bool isFloatType(int dtype) {
  return dtype == DT_FLOAT || dtype == DT_DOUBLE || dtype == DT_HALF || dtype == DT_BFLOAT16;
}

bool isComplexType(int dtype) { return dtype == DT_COMPLEX64 || dtype == DT_COMPLEX128; }

bool isIntegerType(int dtype) {
  switch (dtype) {
  case DT_INT8:
  case DT_UINT8:
  case DT_INT16:
  case DT_UINT16:
  case DT_INT32:
  case DT_UINT32:
  case DT_INT64:
  case DT_UINT64:
    return true;
  default:
    return false;
  }
}

} // namespace firn::kernel
