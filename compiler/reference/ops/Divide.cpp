// Quotients and remainders.
#include <cmath>

#include "compiler/reference/ops/Elementwise.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using Inexact = Concat<Floats, Complexes>::Type;

// Integers have no quotient by zero; an empty result asks for none.
template <typename T> bool mayDivide(Evaluation &e) {
  if (!std::is_integral_v<T> || e.input(0).size() == 0 ||
      !llvm::is_contained(e.input(1).values<T>(), T(0)))
    return true;
  e.fail("expected a divisor that is not zero");
  return false;
}

// The smallest integer by -1 is itself, as in other arithmetic that wraps around.
template <typename T> T truncatedQuotient(T x, T y) {
  if constexpr (std::is_signed_v<T>)
    if (y == -1)
      return T(0 - Modular<T>(x));
  return x / y;
}
template <typename T> T truncatedRest(T x, T y) {
  if constexpr (std::is_signed_v<T>)
    if (y == -1)
      return 0;
  return x % y;
}

struct Divide {
  template <typename T> T operator()(T x, T y) const {
    if constexpr (std::is_integral_v<T>)
      return truncatedQuotient(x, y);
    else
      return T(Wide<T>(x) / Wide<T>(y));
  }
};

// A 16-bit quotient rounds before it is truncated or floored.
struct TruncateDivide {
  template <typename T> T operator()(T x, T y) const {
    if constexpr (std::is_integral_v<T>)
      return truncatedQuotient(x, y);
    else
      return T(std::trunc(Wide<T>(T(x / y))));
  }
};

struct FloorDivide {
  template <typename T> T operator()(T x, T y) const {
    if constexpr (std::is_integral_v<T>) {
      bool below = truncatedRest(x, y) != 0 && (x < 0) != (y < 0);
      return truncatedQuotient(x, y) - below;
    } else {
      return T(std::floor(Wide<T>(T(x / y))));
    }
  }
};

struct TruncateModulo {
  template <typename T> T operator()(T x, T y) const {
    if constexpr (std::is_integral_v<T>)
      return truncatedRest(x, y);
    else
      return T(std::fmod(Wide<T>(x), Wide<T>(y)));
  }
};

// The remainder has the divisor's sign.
struct FloorModulo {
  template <typename T> T operator()(T x, T y) const {
    T rest = TruncateModulo()(x, y);
    return rest != T(0) && (rest < T(0)) != (y < T(0)) ? T(rest + y) : rest;
  }
};

template <typename List, typename F> void divide(Evaluation &e) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if (mayDivide<T>(e))
      zipElements<T, T>(e, e.dtype(), [](const T &x, const T &y) { return F()(x, y); });
  });
}

constexpr KernelEntry kKernels[] = {
    {"Div", divide<Numbers, Divide>},
    {"RealDiv", divide<Inexact, Divide>},
    {"TruncateDiv", divide<Reals, TruncateDivide>},
    {"FloorDiv", divide<Reals, FloorDivide>},
    {"Mod", divide<Reals, TruncateModulo>},
    {"TruncateMod", divide<Reals, TruncateModulo>},
    {"FloorMod", divide<Reals, FloorModulo>},
};

} // namespace

KernelList divideKernels() { return kKernels; }

} // namespace firn::reference
