// Index values of a schedule as slots of a program.
#pragma once

#include "compiler/module/Slots.h"
#include "dialects/schedule/Schedule.h"
#include "llvm/ADT/DenseMap.h"

namespace firn {

class Sizes {
public:
  SlotTable table;

  /// Sets the slot of a value that only a step or an input gives.
  void define(mlir::Value value, uint32_t slot) { known[value] = slot; }

  /// The slot of an index value: defined, or computed from others that are. Failure was diagnosed.
  mlir::FailureOr<uint32_t> of(mlir::Value value);
  mlir::FailureOr<std::vector<uint32_t>> of(mlir::ValueRange values);

private:
  mlir::FailureOr<uint32_t> compute(mlir::Operation *op);

  llvm::DenseMap<mlir::Value, uint32_t> known;
};

} // namespace firn
