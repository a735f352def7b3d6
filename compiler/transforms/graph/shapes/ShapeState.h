// What the blocks of one inference share: symbols, origins, what TensorArrays hold.
#pragma once

#include "compiler/transforms/graph/shapes/ShapeInference.h"
#include "llvm/ADT/StringMap.h"

namespace firn::graph {

/// Results of arithmetic that has no form as a product. Equal operands give the same symbol.
enum class DerivedKind : uint8_t {
  Plus,
  Minus,
  Times,
  CeilDivide,
  FloorDivide,
  Modulo,
  Maximum,
  Minimum
};

class ShapeState {
public:
  ShapeState(mlir::ModuleOp module, ShapeOptions options);

  const ShapeOptions &options() const { return given; }
  bool isTracking() const { return !given.trackedValues.empty(); }
  FuncOp function(llvm::StringRef name) const { return functions.lookup(name); }

  /// A new symbol, the same for each call with the same `owner` and `key`.
  Dim symbol(const void *owner, unsigned key, uint32_t flags);
  Dim derived(DerivedKind kind, Dim a, Dim b);

  uint32_t originId(const Origin &origin);
  const Origin &origin(uint32_t id) const { return origins[id - 1]; }
  /// `dim` with this origin, or what it is taken to be instead.
  Dim stamped(Dim dim, const Origin &origin);

  std::optional<int64_t> writtenValue(Dim dim) const;

private:
  uint32_t nextId(uint32_t flags) { return ++lastId | flags; }

  using DimKey = std::pair<int64_t, std::array<uint32_t, Dim::kMaxSymbols>>;

  ShapeOptions given;
  llvm::StringMap<FuncOp> functions;
  uint32_t lastId = Dim::kTrackedSymbols;
  llvm::DenseMap<std::pair<const void *, unsigned>, uint32_t> symbols;
  std::map<std::tuple<DerivedKind, DimKey, DimKey>, uint32_t> derivedSymbols;
  llvm::SmallVector<Origin> origins;
  std::map<Origin, uint32_t> originIds;
};

} // namespace firn::graph
