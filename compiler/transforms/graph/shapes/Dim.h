// A dimension, or an integer that dimensions are computed from: a coefficient times symbols.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "llvm/ADT/Hashing.h"

namespace llvm {
class raw_ostream;
}

namespace firn::graph {

/// `coefficient * s1 * s2 * …`, exact; a constant has no symbols. Equality is that of the number:
/// two different symbols may still stand for equal numbers, one symbol never for two.
class Dim {
public:
  /// More factors than this are not kept: the product is unknown then.
  static constexpr unsigned kMaxSymbols = 3;
  /// Symbols below are tracked: what the dimension of an input is renamed to, to see where it goes.
  static constexpr uint32_t kTrackedSymbols = 16;
  /// Set in a symbol that may stand for a negative number.
  static constexpr uint32_t kAnyInteger = 1u << 31;
  /// Set in a symbol that was computed from a tracked one in a way that is no product.
  static constexpr uint32_t kFromTracked = 1u << 30;

  Dim() = default;
  Dim(int64_t value) : number(value) {}
  static Dim symbol(uint32_t id);
  /// Tracked symbol `index`.
  static Dim tracked(unsigned index) { return symbol(index + 1); }

  bool isConstant() const { return factors[0] == 0; }
  bool isConstant(int64_t value) const { return isConstant() && number == value; }
  std::optional<int64_t> constant() const {
    return isConstant() ? std::optional<int64_t>(number) : std::nullopt;
  }
  int64_t coefficient() const { return number; }
  /// Sorted, 0 behind the last one.
  const std::array<uint32_t, kMaxSymbols> &symbols() const { return factors; }
  /// A product of tracked symbols and a number, with at least one such symbol.
  bool isTracked() const;
  /// Its value depends on a tracked symbol.
  bool dependsOnTracked() const;
  bool mayBeNegative() const;

  /// Where a constant comes from: an id that `ShapeInference` gives, 0 for nowhere. Copies keep it,
  /// arithmetic does not (but for x * 1 and x + 0).
  uint32_t origin() const { return source; }
  Dim withOrigin(uint32_t id) const {
    Dim copy = *this;
    copy.source = id;
    return copy;
  }

  /// Exact results; nothing where there is no such form (or a number overflows).
  std::optional<Dim> times(Dim other) const;
  std::optional<Dim> plus(Dim other) const;
  std::optional<Dim> minus(Dim other) const;
  std::optional<Dim> dividedBy(Dim other) const;

  bool operator==(const Dim &o) const { return number == o.number && factors == o.factors; }
  bool operator!=(const Dim &o) const { return !(*this == o); }
  /// Equal, and of the same origin.
  bool isIdentical(const Dim &o) const { return *this == o && source == o.source; }

private:
  int64_t number = 0;
  std::array<uint32_t, kMaxSymbols> factors{};
  uint32_t source = 0;
};

inline llvm::hash_code hash_value(const Dim &dim) {
  return llvm::hash_combine(dim.coefficient(),
                            llvm::hash_combine_range(dim.symbols().begin(), dim.symbols().end()));
}

/// `7`, `batch`, `3*batch*s20`.
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Dim &dim);

} // namespace firn::graph
