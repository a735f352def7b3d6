// The walk over a function of dispatches: where each tensor lies, and the steps in their order.
#pragma once

#include "compiler/conversion/kernel_to_schedule/Functions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace firn::schedule {

class Scheduler {
public:
  Scheduler(mlir::func::FuncOp main, ProgramOp program, mlir::ModuleOp code)
      : main(main), program(program), functions(code) {}

  /// Failure was diagnosed.
  mlir::LogicalResult run();

private:
  void placeArguments();
  mlir::LogicalResult scheduleBlock(mlir::Block &block);
  mlir::LogicalResult schedule(mlir::Operation *op);
  mlir::LogicalResult scheduleDispatch(kernel::DispatchOp op);
  mlir::LogicalResult scheduleWhile(mlir::scf::WhileOp op);
  mlir::LogicalResult scheduleFor(mlir::scf::ForOp op);
  mlir::LogicalResult scheduleIf(mlir::scf::IfOp op);
  mlir::LogicalResult scheduleSize(mlir::Operation *op);
  void placeView(mlir::Operation *op);
  void placeConstant(mlir::Operation *op);
  void makeOutputs(mlir::Operation *terminator);

  // Sizes and places of values of the function.
  Size sizeOf(mlir::OpFoldResult size);
  Size sizeOf(mlir::AffineExpr expr, unsigned numDims, llvm::ArrayRef<Size> operands);
  Sizes sizesOf(llvm::ArrayRef<mlir::OpFoldResult> sizes);
  const Placed &placeOf(mlir::Value tensor);
  void place(mlir::Value tensor, Placed placed);

  // Memory (Memory.cpp)
  /// Where a dispatch stores result `index`: in place, where somebody wants it, or in a new buffer.
  Placed destination(kernel::DispatchOp op, unsigned index);
  /// Sizes of a tensor that is only made to be stored to.
  Sizes emptySizes(mlir::Value tensor);
  /// Nothing reads the tensor's memory after `by`.
  bool mayChange(mlir::Value tensor, mlir::Operation *by);
  PlacedDispatch placed(kernel::DispatchOp op, llvm::ArrayRef<Placed> results);

  // Control flow (ControlFlow.cpp)
  /// Memory of a loop's variable, with its first value, apart from the other variables.
  Placed carried(mlir::Value init, mlir::Operation *loop, llvm::ArrayRef<Placed> others);
  /// Schedules a region whose terminator hands `values` on to `targets`.
  mlir::LogicalResult scheduleRegion(mlir::Block &block, mlir::Region &into,
                                     mlir::ValueRange values, llvm::ArrayRef<Placed> targets);
  mlir::LogicalResult scheduleCondition(mlir::scf::WhileOp op, WhileOp loop,
                                        mlir::ValueRange values, llvm::ArrayRef<Placed> targets);
  std::optional<Sizes> sizesOfResult(mlir::scf::IfOp op, unsigned index);
  void wantResults(mlir::Block &block, mlir::ValueRange values, llvm::ArrayRef<Placed> targets);
  void handOn(mlir::ValueRange values, llvm::ArrayRef<Placed> targets);
  mlir::FailureOr<mlir::Value> conditionBuffer(mlir::Value condition);

  mlir::func::FuncOp main;
  Program program;
  Functions functions;
  llvm::DenseMap<mlir::Value, Placed> places;
  llvm::DenseMap<mlir::Value, Size> sizes;
  /// Tensors that lie in a buffer, in the order in which they were placed there.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> tenants;
  /// Buffers that nothing may change: inputs and weights.
  llvm::DenseSet<mlir::Value> constants;
  /// Where results should go that a loop or cond hands on.
  llvm::DenseMap<mlir::Value, Placed> wanted;
};

} // namespace firn::schedule
