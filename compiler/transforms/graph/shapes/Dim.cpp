#include "compiler/transforms/graph/shapes/Dim.h"

#include <algorithm>

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace firn::graph {

Dim Dim::symbol(uint32_t id) {
  Dim dim(1);
  dim.factors[0] = id;
  return dim;
}

static bool isTrackedSymbol(uint32_t id) { return id != 0 && id <= Dim::kTrackedSymbols; }

bool Dim::isTracked() const {
  return !isConstant() && number > 0 &&
         llvm::all_of(factors, [](uint32_t id) { return id == 0 || isTrackedSymbol(id); });
}

bool Dim::dependsOnTracked() const {
  return llvm::any_of(factors,
                      [](uint32_t id) { return isTrackedSymbol(id) || (id & kFromTracked) != 0; });
}

bool Dim::mayBeNegative() const {
  return number < 0 || llvm::any_of(factors, [](uint32_t id) { return (id & kAnyInteger) != 0; });
}

std::optional<Dim> Dim::times(Dim other) const {
  if (other.isConstant(1))
    return *this;
  if (isConstant(1))
    return other;
  Dim product;
  if (__builtin_mul_overflow(number, other.number, &product.number))
    return std::nullopt;
  if (product.number == 0)
    return Dim(0);
  unsigned count = 0;
  for (const auto &list : {factors, other.factors})
    for (uint32_t id : list) {
      if (id == 0)
        continue;
      if (count == kMaxSymbols)
        return std::nullopt;
      product.factors[count++] = id;
    }
  std::sort(product.factors.begin(), product.factors.begin() + count);
  return product;
}

std::optional<Dim> Dim::plus(Dim other) const {
  if (other.isConstant(0))
    return *this;
  if (isConstant(0))
    return other;
  if (factors != other.factors)
    return std::nullopt;
  Dim sum;
  if (__builtin_add_overflow(number, other.number, &sum.number))
    return std::nullopt;
  if (sum.number != 0)
    sum.factors = factors;
  return sum;
}

std::optional<Dim> Dim::minus(Dim other) const {
  if (other.isConstant(0))
    return *this;
  Dim negative = other;
  if (__builtin_sub_overflow(int64_t(0), other.number, &negative.number))
    return std::nullopt;
  return plus(negative.withOrigin(0));
}

std::optional<Dim> Dim::dividedBy(Dim other) const {
  if (other.isConstant(1))
    return *this;
  if (other.number == 0 || other.number == -1 || number % other.number != 0)
    return std::nullopt;
  if (number == 0)
    return other.isConstant() ? std::optional<Dim>(Dim(0)) : std::nullopt;
  Dim quotient(number / other.number);
  unsigned count = 0, taken = 0;
  for (uint32_t id : factors) {
    if (taken < kMaxSymbols && other.factors[taken] != 0 && other.factors[taken] == id)
      ++taken;
    else if (id != 0)
      quotient.factors[count++] = id;
  }
  bool tookAll = taken == kMaxSymbols || other.factors[taken] == 0;
  return tookAll ? std::optional<Dim>(quotient) : std::nullopt;
}

llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Dim &dim) {
  if (dim.isConstant())
    return os << dim.coefficient();
  bool first = dim.coefficient() == 1;
  if (!first)
    os << dim.coefficient();
  for (uint32_t id : dim.symbols()) {
    if (id == 0)
      break;
    os << (first ? "" : "*");
    first = false;
    if (id == 1)
      os << "batch";
    else
      os << "s" << (id & ~(Dim::kAnyInteger | Dim::kFromTracked));
  }
  return os;
}

} // namespace firn::graph
