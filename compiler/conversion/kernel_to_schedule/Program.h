// The program under construction: sizes, buffers, and which tensor lies where.
#pragma once

#include "dialects/schedule/Schedule.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/DenseMap.h"

namespace firn::schedule {

/// A constant (index attribute) or an index value of the program.
using Size = mlir::OpFoldResult;
using Sizes = llvm::SmallVector<Size, 4>;

/// Where a tensor lies: a buffer, from a byte on, and its sizes.
struct Placed {
  mlir::Value buffer; // result of an input, weights, or buffer op
  Size offset;        // bytes
  mlir::RankedTensorType type;
  Sizes sizes;
  bool isPart = false; // of a larger tensor

  explicit operator bool() const { return buffer != nullptr; }
};

class Program {
public:
  explicit Program(ProgramOp program)
      : b(program.getLoc(), mlir::OpBuilder::atBlockEnd(&program.getSteps())) {}

  mlir::ImplicitLocOpBuilder b;

  // Sizes
  Size size(int64_t number) { return b.getIndexAttr(number); }
  mlir::Value value(Size size);
  Size add(Size a, Size c);
  Size mul(Size a, Size c);
  Size ceilDiv(Size a, Size c);
  Size product(llvm::ArrayRef<Size> sizes);
  Size bytesOf(mlir::RankedTensorType type, llvm::ArrayRef<Size> sizes);

  // Buffers
  /// A new buffer of the arena.
  Placed allocate(mlir::RankedTensorType type, Sizes sizes);
  /// The buffer of the tensor itself: a view where it does not begin with its buffer.
  mlir::Value bufferOf(const Placed &placed);
  void copy(const Placed &from, const Placed &to);
};

/// Bytes of an element in memory.
int64_t elementBytes(mlir::Type elementType);

} // namespace firn::schedule
