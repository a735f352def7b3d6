// The buffers of a program: where a value of the schedule lies, and how long it is needed.
#pragma once

#include "compiler/module/ProgramParts.h"
#include "compiler/module/Sizes.h"
#include "compiler/module/Weights.h"

namespace firn {

class Buffers {
public:
  Buffers(Sizes &sizes, const WeightLayout &weights) : sizes(sizes), weights(weights) {}

  /// The buffer of an input.
  uint32_t addInput(mlir::Value input, uint32_t size);
  /// The buffer of an output: memory that is marked as one. Failure was diagnosed.
  mlir::FailureOr<uint32_t> ofOutput(schedule::OutputOp output);

  /// What step `step` reads or writes as `buffer`: a buffer, or a view of one. Failure was
  /// diagnosed.
  mlir::FailureOr<ProgramParts::Binding> bind(mlir::Value buffer, uint32_t step);

  /// Steps `first` to `last` repeat: what they use of the memory around `loop` lives all the time.
  void spanLoop(mlir::Operation *loop, uint32_t first, uint32_t last);

  /// Places the arena's buffers where all of their sizes are constants; false: they are not. No
  /// more buffers are added then.
  mlir::FailureOr<bool> plan(mlir::Operation *program, ProgramParts &parts);

  std::vector<ProgramParts::Buffer> all;

private:
  mlir::FailureOr<uint32_t> indexOf(mlir::Value buffer);
  mlir::FailureOr<uint32_t> create(mlir::Value buffer);
  uint32_t append(mlir::Value value, ProgramParts::Buffer buffer);

  Sizes &sizes;
  const WeightLayout &weights;
  llvm::DenseMap<mlir::Value, uint32_t> known;
  llvm::DenseMap<uint32_t, uint32_t> weightBuffers; // of entries
  std::vector<mlir::Operation *> makers;            // of each buffer
};

} // namespace firn
