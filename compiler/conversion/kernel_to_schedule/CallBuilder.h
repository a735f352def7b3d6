// Collects what a call of a kernel is made of.
#pragma once

#include "compiler/conversion/kernel_to_schedule/LibraryCalls.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace firn::schedule {

/// A product of sizes as a kernel's arguments want it: a constant times dims.
class CallBuilder {
public:
  CallBuilder(const PlacedDispatch &dispatch, Program &program, mlir::Operation *op, int level)
      : dispatch(dispatch), program(program) {
    call.op = op;
    call.level = level;
    call.grid = {program.size(1), program.size(1), program.size(1)};
  }

  unsigned tensorOf(mlir::Value argument) const {
    if (auto part = argument.getDefiningOp<mlir::tensor::ExtractSliceOp>())
      argument = part.getSource();
    unsigned index = llvm::cast<mlir::BlockArgument>(argument).getArgNumber();
    unsigned inputs = dispatch.op.getInputs().size();
    return index < inputs ? index : index - dispatch.op.getSizes().size();
  }
  void addBuffer(mlir::Value argument) { call.buffers.push_back(tensorOf(argument)); }
  void addExtras(kernel::LibraryOpInterface op) {
    for (mlir::Value extra : op.getExtras())
      addBuffer(extra);
  }
  /// The buffer that the result is stored to; it may be a part of the tensor there, even in the
  /// last axis alone or lying together (kernel-store-parts).
  void addResult(mlir::Value init);
  /// Elements between what is stored for one place of the axes before the last and for the next.
  int64_t resultStride(mlir::Value init) const {
    return dispatch.tensors[tensorOf(init)].type.getShape().back();
  }

  // Product of the sizes of axes [begin, end) of a tensor.
  CallArgument sizes(mlir::Value tensor, int64_t begin, int64_t end, int64_t factor = 1) const {
    CallArgument product(factor);
    unsigned index = tensorOf(tensor);
    auto type = llvm::cast<mlir::RankedTensorType>(tensor.getType());
    mlir::RankedTensorType whole = dispatch.tensors[index].type;
    for (int64_t axis = begin; axis < end; ++axis)
      if (type.isDynamicDim(axis))
        product.dims.push_back(dispatch.tensorDims[index][whole.getDynamicDimIndex(axis)]);
      else
        product.constant = std::get<int64_t>(product.constant) * type.getDimSize(axis);
    return product;
  }
  // The same in the program.
  Size programSizes(mlir::Value tensor, int64_t begin, int64_t end) const {
    auto type = llvm::cast<mlir::RankedTensorType>(tensor.getType());
    Sizes factors;
    for (int64_t axis = begin; axis < end; ++axis)
      factors.push_back(type.isDynamicDim(axis) ? dispatch.tensors[tensorOf(tensor)].sizes[axis]
                                                : program.size(type.getDimSize(axis)));
    return program.product(factors);
  }
  static bool isConstant(const CallArgument &argument) { return argument.dims.empty(); }
  static int64_t constant(const CallArgument &argument) {
    return std::get<int64_t>(argument.constant);
  }

  const PlacedDispatch &dispatch;
  Program &program;
  LibraryCall call;
};

/// The fields of a kernel's argument structure, which are all int64_t, in their order.
template <typename Args> llvm::SmallVector<CallArgument> argumentsOf(const Args &args) {
  static_assert(sizeof(Args) % sizeof(int64_t) == 0, "fields are int64_t");
  const auto *fields = reinterpret_cast<const int64_t *>(&args);
  return {fields, fields + sizeof(Args) / sizeof(int64_t)};
}

/// "64", or "?" for a size that run time knows.
std::string text(const CallArgument &argument);

/// The product of all rows of `a` with packed weights: kernel, arguments and grid. Its buffers are
/// a, the panels, the result.
void packedMatmul(CallBuilder &builder, mlir::Value a, mlir::Value result);

// Calls of windows that move over images (WindowCalls.cpp). Failure was diagnosed.
mlir::FailureOr<LibraryCall> convCall(CallBuilder &builder, kernel::Conv2DOp op);
mlir::FailureOr<LibraryCall> depthwiseCall(CallBuilder &builder, kernel::DepthwiseConv2DOp op);
mlir::FailureOr<LibraryCall> poolCall(CallBuilder &builder, kernel::PoolOp op);

/// A kernel of runtime/kernels/plain: one workgroup, its arguments as the op has them.
mlir::FailureOr<LibraryCall> plainCall(CallBuilder &builder, kernel::CallOp op);

} // namespace firn::schedule
