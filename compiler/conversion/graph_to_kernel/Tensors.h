// What a value of the graph became: a tensor with its sizes.
#pragma once

#include <optional>

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"

namespace firn::kernel {

/// A constant (an index attribute) or an index value. Equal sizes are the same attribute or the
/// same value wherever the graph says that they are equal.
using Size = mlir::OpFoldResult;
using Sizes = llvm::SmallVector<Size, 4>;

/// The number that a size is; nothing for one that is known at run time only.
std::optional<int64_t> constantSize(Size size);
/// Its number, ShapedType::kDynamic for one that is not known.
int64_t staticSize(Size size);
mlir::RankedTensorType tensorType(llvm::ArrayRef<Size> sizes, mlir::Type element);

struct Tensor {
  mlir::Value value;
  Sizes sizes;
  /// TensorFlow's dtype: the element type in MLIR has no sign, and no bool.
  int dtype = 0;

  explicit operator bool() const { return value != nullptr; }
  int64_t rank() const { return sizes.size(); }
  mlir::RankedTensorType type() const {
    return llvm::cast<mlir::RankedTensorType>(value.getType());
  }
  mlir::Type elementType() const { return type().getElementType(); }
};

/// A TensorArray, or a TensorList: `elements` is one tensor [length, element…], absent as long as
/// no element says its shape.
struct List {
  Size length;
  int dtype = 0;
  Tensor elements;
  /// The node that made a TensorArray; null for a list.
  mlir::Operation *array = nullptr;
  /// Storing behind the last element makes it longer.
  bool grows = false;
};

/// Of an output of a node: the tensor, and the elements where they are sizes (shapes on their way
/// to a Reshape). `tensor` may be absent then, until somebody needs it. A list, or the flow of a
/// TensorArray, has no tensor but what it holds. The handle of an array has nothing.
struct Lowered {
  Tensor tensor;
  std::optional<Sizes> elements;
  std::optional<List> list;
};

/// Bools and quantized numbers as the bytes that hold them, integers without sign; null for
/// strings, resources and variants.
mlir::Type storageType(mlir::MLIRContext *context, int dtype);
bool isUnsignedType(int dtype);
bool isFloatType(int dtype);
bool isIntegerType(int dtype);
bool isComplexType(int dtype);

} // namespace firn::kernel
