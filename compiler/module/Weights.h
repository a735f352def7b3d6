// The weights of a module: which constants it holds, in which form, and where they lie.
#pragma once

#include "dialects/schedule/Schedule.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/DenseMap.h"

#include <tuple>
#include <vector>

namespace firn {

/// A constant as it lies in the weights section.
struct WeightEntry {
  enum class Form : uint8_t { Plain, Packed, PackedTransposed };

  mlir::Attribute value; ///< `#graph.tensor` or `dense`
  mlir::RankedTensorType type;
  Form form;
  uint64_t offset; ///< in the section
  uint64_t bytes;  ///< in this form
  mlir::Location loc;

  /// Of a packed one: the matrix [depth][columns] that the panels hold, whichever way it lies.
  int64_t columns() const;
  int64_t depth() const;
};

/// Lays out what `schedule.weights` ops ask for. Entries begin at multiples of 64 bytes; the same
/// value in the same form is there once.
class WeightLayout {
public:
  /// All of a program, in the order of its ops. Failure was diagnosed.
  mlir::LogicalResult add(schedule::ProgramOp program);

  const WeightEntry &entryOf(schedule::WeightsOp op) const { return all[places.lookup(op)]; }
  uint32_t indexOf(schedule::WeightsOp op) const { return places.lookup(op); }
  const std::vector<WeightEntry> &entries() const { return all; }
  /// Of the section, without what the writer adds at its end.
  uint64_t size() const { return end; }

private:
  mlir::LogicalResult add(schedule::WeightsOp op);

  std::vector<WeightEntry> all;
  llvm::DenseMap<std::tuple<mlir::Attribute, mlir::Type, uint8_t>, uint32_t> known;
  llvm::DenseMap<mlir::Operation *, uint32_t> places;
  uint64_t end = 0;
};

/// Bytes of an element in memory: bools have one.
uint64_t elementBytes(mlir::Type elementType);

} // namespace firn
