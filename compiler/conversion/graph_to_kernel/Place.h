// Code that computes where an element lies, written as arithmetic: the bodies of `generate`.
#pragma once

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"

namespace firn::kernel {

/// An index that the code computes. Operators emit that code.
struct Place {
  mlir::ImplicitLocOpBuilder *b;
  mlir::Value value;
};

/// A condition on places: an i1.
struct Condition {
  mlir::ImplicitLocOpBuilder *b;
  mlir::Value value;
};

/// An index value, or an integer that is read as one (with its sign).
Place placeOf(mlir::ImplicitLocOpBuilder &b, mlir::Value value);
Place placeOf(mlir::ImplicitLocOpBuilder &b, int64_t number);
Place placeOf(mlir::ImplicitLocOpBuilder &b, mlir::OpFoldResult size);
llvm::SmallVector<Place> placesOf(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange values);
llvm::SmallVector<mlir::Value> valuesOf(llvm::ArrayRef<Place> places);

Place operator+(Place x, Place y);
Place operator-(Place x, Place y);
Place operator*(Place x, Place y);
/// Rounded towards zero.
Place operator/(Place x, Place y);
Place operator%(Place x, Place y);
inline Place operator+(Place x, int64_t y) { return x + placeOf(*x.b, y); }
inline Place operator-(Place x, int64_t y) { return x - placeOf(*x.b, y); }
inline Place operator*(Place x, int64_t y) { return x * placeOf(*x.b, y); }
inline Place operator/(Place x, int64_t y) { return x / placeOf(*x.b, y); }
inline Place operator%(Place x, int64_t y) { return x % placeOf(*x.b, y); }
Place max(Place x, Place y);
Place min(Place x, Place y);
/// Of a dimension of this size: what lies outside becomes its first or last element.
Place clamp(Place x, Place size);

Condition operator<(Place x, Place y);
Condition operator==(Place x, Place y);
inline Condition operator<(Place x, int64_t y) { return x < placeOf(*x.b, y); }
inline Condition operator==(Place x, int64_t y) { return x == placeOf(*x.b, y); }
/// 0 <= x < size.
Condition isWithin(Place x, Place size);
Condition operator&&(Condition x, Condition y);
Condition operator||(Condition x, Condition y);
Condition operator!(Condition x);
/// Both operands are computed.
Place choose(Condition condition, Place yes, Place no);
mlir::Value choose(Condition condition, mlir::Value yes, mlir::Value no);
/// `yes` is computed, and what it reads is read, only where the condition holds.
mlir::Value whereHolds(Condition condition,
                       const std::function<mlir::Value(mlir::ImplicitLocOpBuilder &)> &yes,
                       mlir::Value no);
/// Zero, false, of any element type.
mlir::Value zeroOf(mlir::ImplicitLocOpBuilder &b, mlir::Type type);
/// Folds over `first … end - 1` from `start` on: `step` takes the number and what came so far.
mlir::Value
foldRange(Place first, Place end, mlir::Value start,
          const std::function<mlir::Value(mlir::ImplicitLocOpBuilder &, Place, mlir::Value)> &step);

} // namespace firn::kernel
