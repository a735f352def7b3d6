#include "compiler/transforms/graph/shapes/ShapeState.h"

using namespace mlir;

namespace firn::graph {

ShapeState::ShapeState(ModuleOp module, ShapeOptions options) : given(std::move(options)) {
  for (FuncOp function : module.getOps<FuncOp>())
    functions[function.getFuncName()] = function;
}

Dim ShapeState::symbol(const void *owner, unsigned key, uint32_t flags) {
  uint32_t &id = symbols[{owner, key}];
  if (id == 0 || (id & flags) != flags)
    id = nextId(flags);
  return Dim::symbol(id);
}

// The number, where both are constants.
static std::optional<int64_t> compute(DerivedKind kind, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (kind) {
  case DerivedKind::Plus:
    return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  case DerivedKind::Minus:
    return __builtin_sub_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  case DerivedKind::Times:
    return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  case DerivedKind::CeilDivide:
  case DerivedKind::FloorDivide:
  case DerivedKind::Modulo:
    break;
  case DerivedKind::Maximum:
    return std::max(a, b);
  case DerivedKind::Minimum:
    return std::min(a, b);
  }
  if (b == 0 || b == -1)
    return std::nullopt;
  int64_t quotient = a / b, rest = a % b;
  bool isBelow = rest != 0 && (rest < 0) != (b < 0);
  if (kind == DerivedKind::FloorDivide)
    return quotient - isBelow;
  if (kind == DerivedKind::CeilDivide)
    return quotient + (rest != 0 && !isBelow);
  return isBelow ? rest + b : rest;
}

// The exact form, where there is one.
static std::optional<Dim> exactForm(DerivedKind kind, Dim a, Dim b) {
  switch (kind) {
  case DerivedKind::Plus:
    return a.plus(b);
  case DerivedKind::Minus:
    return a == b ? Dim(0) : a.minus(b);
  case DerivedKind::Times:
    return a.times(b);
  case DerivedKind::CeilDivide:
  case DerivedKind::FloorDivide:
    return a.dividedBy(b);
  case DerivedKind::Modulo:
    return a.dividedBy(b) ? std::optional(Dim(0)) : std::nullopt;
  case DerivedKind::Maximum:
  case DerivedKind::Minimum:
    if (a == b)
      return a;
    // A dimension is no less than 0.
    if (a.isConstant(0) && !b.mayBeNegative())
      return kind == DerivedKind::Maximum ? b : a;
    if (b.isConstant(0) && !a.mayBeNegative())
      return kind == DerivedKind::Maximum ? a : b;
    return std::nullopt;
  }
  llvm_unreachable("every kind is handled");
}

Dim ShapeState::derived(DerivedKind kind, Dim a, Dim b) {
  if (std::optional<Dim> exact = exactForm(kind, a, b))
    return *exact;
  if (a.isConstant() && b.isConstant())
    if (std::optional<int64_t> number = compute(kind, a.coefficient(), b.coefficient()))
      return Dim(*number);
  bool isSigned = kind == DerivedKind::Minus || a.mayBeNegative() || b.mayBeNegative();
  uint32_t flags = isSigned ? Dim::kAnyInteger : 0;
  if (a.dependsOnTracked() || b.dependsOnTracked())
    flags |= Dim::kFromTracked;
  auto keyOf = [](Dim d) { return DimKey(d.coefficient(), d.symbols()); };
  uint32_t &id = derivedSymbols[{kind, keyOf(a), keyOf(b)}];
  if (id == 0)
    id = nextId(flags);
  return Dim::symbol(id);
}

uint32_t ShapeState::originId(const Origin &origin) {
  auto [it, isNew] = originIds.try_emplace(origin, 0);
  if (isNew) {
    origins.push_back(origin);
    it->second = origins.size();
  }
  return it->second;
}

Dim ShapeState::stamped(Dim dim, const Origin &origin) {
  if (!given.rewrites.empty())
    if (auto it = given.rewrites.find(origin); it != given.rewrites.end())
      return it->second;
  return dim.withOrigin(originId(origin));
}

std::optional<int64_t> ShapeState::writtenValue(Dim dim) const {
  int64_t value = dim.coefficient();
  for (uint32_t id : dim.symbols()) {
    if (id == 0)
      continue;
    if (id > given.trackedValues.size() ||
        __builtin_mul_overflow(value, given.trackedValues[id - 1], &value))
      return std::nullopt;
  }
  return value;
}

} // namespace firn::graph
