// The functions that dispatches run: equal bodies are one function.
#pragma once

#include "compiler/codegen/DispatchFunction.h"
#include "compiler/conversion/kernel_to_schedule/Program.h"
#include "dialects/kernel/Kernel.h"
#include "llvm/ADT/StringMap.h"

#include <variant>

namespace firn::schedule {

/// A dispatch whose operands have their places: inputs first, then inits.
struct PlacedDispatch {
  mutable kernel::DispatchOp op; // a handle: reading it changes nothing
  llvm::SmallVector<Placed> tensors;
  /// Distinct sizes that are not constants, as values of the program, and of each `?` of each
  /// tensor, and of each of the dispatch's own sizes, which of them it is.
  llvm::SmallVector<mlir::Value> dims;
  llvm::SmallVector<llvm::SmallVector<unsigned>> tensorDims;
  llvm::SmallVector<std::variant<unsigned, int64_t>> ownSizes; // a dim, or a constant
  /// What code may take for granted of each buffer.
  llvm::SmallVector<codegen::BufferArgument> buffers;
};

/// The op whose result a dispatch stores: as a whole, or by an insert_slice as a part of its init.
mlir::Operation *storedBy(kernel::DispatchOp op);

/// How to run it: grid of three sizes or nine (v2, v3, v4), scratch bytes.
struct Launch {
  uint32_t function = 0;
  llvm::SmallVector<Size, 9> grid;
  Size scratch;
  Size flops; // null: not known
  /// The function's buffers, as indices of the dispatch's tensors.
  llvm::SmallVector<unsigned> buffers;
  int64_t resultOffset = 0; // bytes before what is stored to in the buffer of the init
  std::string kernel;
};

class Functions {
public:
  explicit Functions(mlir::ModuleOp code) : code(code) {}

  /// The function of a dispatch, made where there is none like it. Failure was diagnosed.
  mlir::FailureOr<Launch> of(const PlacedDispatch &dispatch, Program &program);

private:
  mlir::ModuleOp code;
  llvm::StringMap<uint32_t> known;
};

/// Makes the function of a dispatch that calls the kernel library, one per CPU level; `isNew`
/// false: only says how it is launched.
mlir::FailureOr<Launch> lowerLibraryDispatch(const PlacedDispatch &dispatch, Program &program,
                                             mlir::ModuleOp code, uint32_t function, bool isNew);
/// The same for one whose body is linalg and tensor ops.
mlir::FailureOr<Launch> lowerGeneratedDispatch(const PlacedDispatch &dispatch, Program &program,
                                               mlir::ModuleOp code, uint32_t function, bool isNew);

/// The size of axis `axis` of a tensor of a dispatch inside its function.
mlir::OpFoldResult sizeInside(mlir::OpBuilder &builder, const PlacedDispatch &dispatch,
                              unsigned tensor, int64_t axis, mlir::ValueRange dims);

} // namespace firn::schedule
