// tensorflow.DataType numbers as MLIR element types, and back.
#pragma once

#include "mlir/IR/Types.h"

namespace firn::graph {

/// Numbers of tensorflow/core/framework/types.proto. A ref type is its value
/// type's number plus 100.
enum DataTypeNumber : int {
  DT_INVALID = 0,
  DT_FLOAT = 1,
  DT_DOUBLE = 2,
  DT_INT32 = 3,
  DT_UINT8 = 4,
  DT_INT16 = 5,
  DT_INT8 = 6,
  DT_STRING = 7,
  DT_COMPLEX64 = 8,
  DT_INT64 = 9,
  DT_BOOL = 10,
  DT_QINT8 = 11,
  DT_QUINT8 = 12,
  DT_QINT32 = 13,
  DT_BFLOAT16 = 14,
  DT_QINT16 = 15,
  DT_QUINT16 = 16,
  DT_UINT16 = 17,
  DT_COMPLEX128 = 18,
  DT_HALF = 19,
  DT_RESOURCE = 20,
  DT_VARIANT = 21,
  DT_UINT32 = 22,
  DT_UINT64 = 23,
  /// Not TensorFlow's: the element type of an op that is not known.
  DT_OPAQUE = -1,
};
constexpr int kRefOffset = 100;

/// The element type for a DataType number; numbers without a type of their own become
/// `!graph.dtype<n>`.
mlir::Type typeFromNumber(mlir::MLIRContext *context, int number);
/// The inverse; `DT_OPAQUE` for types that no DataType names.
int numberFromType(mlir::Type elementType);

/// The name of a dtype number that MLIR has no type for ("string"), "" for others.
llvm::StringRef dataTypeMnemonic(int number);
/// "float", "int32_ref", "resource" …: TensorFlow's name in messages.
std::string dataTypeText(mlir::Type elementType);

bool isResource(mlir::Type elementType);
bool isString(mlir::Type elementType);
bool isOpaque(mlir::Type elementType);
/// The element type of a `!graph.ref`, others as they are.
mlir::Type valueType(mlir::Type elementType);
/// Bytes of one element in a checkpoint or `tensor_content`; 0 where elements have no fixed size.
unsigned elementSize(mlir::Type elementType);

} // namespace firn::graph
