// The form in which dispatches reach this room, and the functions that build it. A module holds
// per distinct dispatch
//
//     func.func @NAME(buffers…, dims…, %x: index, %y: index, %z: index) -> i32
//         attributes {firn.function = N : i32}
//
// - buffers: memref<T> of rank 0 (a bare pointer), in the order of the dispatch's bindings. A last
//   one may carry the unit attribute `firn.scratch`: it is the workgroup's scratch memory.
// - dims: index, in the order in which the dispatch lists them.
// - the i32 is an enum firn_dispatch_code; a function without a result is always good.
// - `llvm.noalias` on a buffer promises that nothing else in the function reaches its bytes,
//   `llvm.align` states an alignment.
// - `firn.level = 4 : i32`: this is function N at that level only; kernels tile differently.
//
// Kernels are called with the fields of their argument struct, in order:
//
//     %code = func.call @firn_kernel_NAME(%field0, …) : (i64 | f64, …) -> i32
//
// What they apply to finished values is named by the function's `firn.epilogue = @E`:
//
//     func.func private @E(%value: f32, %row: index, %column: index, buffers…, dims…) -> f32
//
// with the buffers and dims of the dispatch itself, scratch excepted. It is widened to the level's
// vectors along `column`: it has no branches, and the last index of a memref.load is exactly
// %column, or no index depends on it. Functions of runtime/kernels/math may be called by name in
// both, as firn_sigmoid_f32.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace firn::codegen {

inline constexpr llvm::StringLiteral functionAttr = "firn.function";
inline constexpr llvm::StringLiteral epilogueAttr = "firn.epilogue";
inline constexpr llvm::StringLiteral levelAttr = "firn.level";
inline constexpr llvm::StringLiteral scratchAttr = "firn.scratch";
inline constexpr llvm::StringLiteral kernelPrefix = "firn_kernel_";

/// A buffer as the dispatch binds it.
struct BufferArgument {
  mlir::Type elementType;
  /// 64-byte aligned: all but the caller's own tensors and bindings with an offset.
  bool aligned = true;
  /// No other binding of the dispatch overlaps it, in-place results excepted that are read before
  /// they are written, element by element.
  bool noalias = true;
};

/// The arguments of a dispatch or (x, y, z null) of an epilogue.
struct DispatchArguments {
  llvm::SmallVector<mlir::Value> buffers, dims;
  mlir::Value scratch;            // memref<i8>, null where there is none
  mlir::Value x, y, z;            // of a dispatch
  mlir::Value value, row, column; // of an epilogue
};

/// An empty dispatch function with its entry block, at the builder's insertion point.
mlir::func::FuncOp createDispatch(mlir::OpBuilder &builder, mlir::Location loc,
                                  llvm::StringRef name, uint32_t function,
                                  llvm::ArrayRef<BufferArgument> buffers, unsigned dims,
                                  bool scratch = false);

/// An empty epilogue for `dispatch`, recorded in its attribute.
mlir::func::FuncOp createEpilogue(mlir::OpBuilder &builder, mlir::Location loc,
                                  mlir::func::FuncOp dispatch, llvm::StringRef name);

DispatchArguments dispatchArguments(mlir::func::FuncOp function);

/// `buffer` (memref<T>) as `type`: identity layout, one of `sizes` (index) per `?`.
mlir::Value viewBuffer(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value buffer,
                       mlir::MemRefType type, mlir::ValueRange sizes);

/// Calls firn_kernel_NAME with the fields of its argument struct (index, i64 or f64); its code as
/// i32.
mlir::Value callKernel(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name,
                       mlir::ValueRange values);

} // namespace firn::codegen
