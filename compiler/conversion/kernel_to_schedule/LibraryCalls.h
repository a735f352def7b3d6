// Which kernel of the library computes a dispatch at a CPU level, with which arguments.
#pragma once

#include "compiler/conversion/kernel_to_schedule/Functions.h"

namespace firn::schedule {

/// A field of a kernel's argument structure: a constant, times dims of the dispatch.
struct CallArgument {
  std::variant<int64_t, double> constant;
  llvm::SmallVector<unsigned, 2> dims;

  CallArgument(int64_t number) : constant(number) {}
  static CallArgument real(double number) {
    CallArgument argument(0);
    argument.constant = number;
    return argument;
  }
};

struct LibraryCall {
  mlir::Operation *op = nullptr;
  int level = 0;
  std::string kernel; // without firn_kernel_
  llvm::SmallVector<CallArgument> arguments;
  /// The kernel's buffers, as indices of the dispatch's tensors: operands, result, extras.
  llvm::SmallVector<unsigned> buffers;
  int64_t resultOffset = 0; // bytes, see Launch
  std::array<Size, 3> grid;
  int64_t scratchBytes = 0;
  Size flops;
  std::string description;
};

/// Failure was diagnosed.
mlir::FailureOr<LibraryCall> libraryCall(const PlacedDispatch &dispatch, Program &program,
                                         int level);

} // namespace firn::schedule
