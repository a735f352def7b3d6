// Elementwise ops of two operands, with broadcasting.
#include <cmath>
#include <type_traits>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using Addable = Concat<Numbers, Strings>::Type;
using Comparable = Concat<Concat<Numbers, Bools>::Type, Strings>::Type;
using FloatsAndComplexes = Concat<Floats, Complexes>::Type;

/// result[i] = function(a[i], b[i]) with `Result` elements of `dtype`.
template <typename T, typename Result, typename F> void zip(Evaluation &e, int dtype, F function) {
  const Tensor &a = e.input(0), &b = e.input(1);
  std::optional<Shape> shape = broadcastShapes(a.shape(), b.shape());
  if (!shape)
    return e.fail("expected shapes that broadcast, got " + shapeText(a.shape()) + " and " +
                  shapeText(b.shape()));
  Tensor result = e.make(0, dtype, *shape);
  if (e.failed())
    return;
  auto left = a.values<T>(), right = b.values<T>();
  auto out = result.mutableValues<Result>();
  if (a.shape() == b.shape()) {
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = function(left[i], right[i]);
    return;
  }
  BroadcastIndex atLeft(a.shape(), *shape), atRight(b.shape(), *shape);
  for (Result &element : out) {
    element = function(left[atLeft.position()], right[atRight.position()]);
    atLeft.next();
    atRight.next();
  }
}

/// An op that yields its operands' dtype; `F` has operator()(T, T) for each type of `List`.
template <typename List, typename F> void arithmetic(Evaluation &e) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zip<T, T>(e, e.dtype(), [](const T &x, const T &y) -> T { return F()(x, y); });
  });
}

/// An op that yields bool.
template <typename List, typename F> void comparison(Evaluation &e) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zip<T, bool>(e, DT_BOOL, [](const T &x, const T &y) -> bool { return F()(x, y); });
  });
}

// Integers wrap around; signed overflow is none in C++, so it is done without signs.
template <typename T, typename F> T wrapping(T x, T y, F function) {
  using U = std::make_unsigned_t<T>;
  return static_cast<T>(function(static_cast<U>(x), static_cast<U>(y)));
}

struct Add {
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>)
      return wrapping(x, y, [](auto a, auto b) { return a + b; });
    else
      return x + y;
  }
};
struct Sub {
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>)
      return wrapping(x, y, [](auto a, auto b) { return a - b; });
    else
      return x - y;
  }
};
struct Mul {
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>)
      return wrapping(x, y, [](uint64_t a, uint64_t b) { return a * b; });
    else
      return x * y;
  }
};
struct Divide { // rounds integers towards zero
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>)
      return std::is_signed_v<T> && y == static_cast<T>(-1) ? Sub()(T(0), x) : x / y;
    else
      return x / y;
  }
};
struct DivideNoNan {
  template <typename T> T operator()(const T &x, const T &y) const {
    return y == T(0) ? T(0) : T(x / y);
  }
};
struct MultiplyNoNan {
  template <typename T> T operator()(const T &x, const T &y) const {
    return y == T(0) ? T(0) : T(x * y);
  }
};
struct FloorDivide {
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>) {
      T quotient = Divide()(x, y);
      bool inexact = Sub()(x, Mul()(quotient, y)) != 0;
      return inexact && (x < 0) != (y < 0) ? quotient - 1 : quotient;
    } else {
      return T(std::floor(static_cast<Wide<T>>(x / y)));
    }
  }
};
struct TruncateModulo {
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>)
      return Sub()(x, Mul()(Divide()(x, y), y));
    else
      return T(std::fmod(static_cast<Wide<T>>(x), static_cast<Wide<T>>(y)));
  }
};
struct FloorModulo { // has the divisor's sign
  template <typename T> T operator()(const T &x, const T &y) const {
    T rest = TruncateModulo()(x, y);
    return rest != T(0) && (rest < T(0)) != (y < T(0)) ? T(rest + y) : rest;
  }
};
struct SquaredDifference {
  template <typename T> T operator()(const T &x, const T &y) const {
    T difference = Sub()(x, y);
    if constexpr (IsComplex<T>::value)
      return std::conj(difference) * difference;
    else
      return Mul()(difference, difference);
  }
};
// A NaN on either side is the result.
struct Maximum {
  template <typename T> T operator()(const T &x, const T &y) const {
    return x != x ? x : y != y ? y : x < y ? y : x;
  }
};
struct Minimum {
  template <typename T> T operator()(const T &x, const T &y) const {
    return x != x ? x : y != y ? y : y < x ? y : x;
  }
};
struct Power {
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>) {
      T result = 1, base = x;
      for (auto exponent = static_cast<std::make_unsigned_t<T>>(y); exponent; exponent >>= 1) {
        if (exponent & 1)
          result = Mul()(result, base);
        base = Mul()(base, base);
      }
      return result;
    } else if constexpr (IsComplex<T>::value) {
      return std::pow(x, y);
    } else {
      return T(std::pow(static_cast<Wide<T>>(x), static_cast<Wide<T>>(y)));
    }
  }
};
struct Atan2 {
  template <typename T> T operator()(const T &x, const T &y) const {
    return T(std::atan2(static_cast<Wide<T>>(x), static_cast<Wide<T>>(y)));
  }
};
struct TimesLog { // 0 where x is 0
  template <typename T> T operator()(const T &x, const T &y) const {
    return x == T(0) ? T(0) : T(x * T(std::log(static_cast<Wide<T>>(y))));
  }
};
struct TimesLog1p {
  template <typename T> T operator()(const T &x, const T &y) const {
    return x == T(0) ? T(0) : T(x * T(std::log1p(static_cast<Wide<T>>(y))));
  }
};
struct OverOrZero {
  template <typename T> T operator()(const T &x, const T &y) const {
    return x == T(0) ? T(0) : T(x / y);
  }
};

struct Equal {
  template <typename T> bool operator()(const T &x, const T &y) const { return x == y; }
};
struct NotEqual {
  template <typename T> bool operator()(const T &x, const T &y) const { return !(x == y); }
};
struct Less {
  template <typename T> bool operator()(const T &x, const T &y) const { return x < y; }
};
struct LessEqual {
  template <typename T> bool operator()(const T &x, const T &y) const { return x <= y; }
};
struct Greater {
  template <typename T> bool operator()(const T &x, const T &y) const { return x > y; }
};
struct GreaterEqual {
  template <typename T> bool operator()(const T &x, const T &y) const { return x >= y; }
};
struct And {
  bool operator()(bool x, bool y) const { return x && y; }
};
struct Or {
  bool operator()(bool x, bool y) const { return x || y; }
};
struct BitAnd {
  template <typename T> T operator()(T x, T y) const { return x & y; }
};
struct BitOr {
  template <typename T> T operator()(T x, T y) const { return x | y; }
};
struct BitXor {
  template <typename T> T operator()(T x, T y) const { return x ^ y; }
};
// Shifts by more than there are bits are shifts by all of them but one.
template <typename T> T shiftOf(T y) {
  constexpr int kBits = sizeof(T) * 8 - 1;
  return y < T(0) ? T(0) : y > T(kBits) ? T(kBits) : y;
}
struct ShiftLeft {
  template <typename T> T operator()(T x, T y) const {
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(x) << shiftOf(y));
  }
};
struct ShiftRight {
  template <typename T> T operator()(T x, T y) const { return x >> shiftOf(y); }
};

/// An op that divides: an integer divisor of zero is an error.
template <typename List, typename F> void division(Evaluation &e) {
  bool byZero = false;
  dispatch(Integers{}, e.dtype(1), [&](auto zero) {
    byZero = llvm::is_contained(e.input(1).values<decltype(zero)>(), zero);
  });
  if (byZero && e.input(0).size() > 0)
    return e.fail("expected a divisor that is not zero");
  arithmetic<List, F>(e);
}

/// Equal and NotEqual: with incompatible_shape_error=false shapes that do not broadcast differ.
template <typename F, bool kDiffer> void equality(Evaluation &e) {
  bool lenient = e.attr("incompatible_shape_error") && !e.flag("incompatible_shape_error");
  if (lenient && !broadcastShapes(e.input(0).shape(), e.input(1).shape()))
    return e.give(makeScalar<bool>(DT_BOOL, kDiffer));
  comparison<Comparable, F>(e);
}

void approximateEqual(Evaluation &e) {
  double tolerance = e.real("tolerance");
  dispatch(e, Reals{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zip<T, bool>(e, DT_BOOL, [&](const T &x, const T &y) {
      return std::fabs(static_cast<double>(x) - static_cast<double>(y)) < tolerance;
    });
  });
}

void complexOf(Evaluation &e) {
  dispatch(e, TypeList<float, double>{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zip<T, std::complex<T>>(e, sizeof(T) == 4 ? DT_COMPLEX64 : DT_COMPLEX128,
                            [](T x, T y) { return std::complex<T>(x, y); });
  });
}

/// The sum of all inputs, of one shape.
void addN(Evaluation &e) {
  for (const Tensor &input : e.inputs())
    if (input.shape() != e.input(0).shape())
      return e.fail("expected inputs of one shape, got " + shapeText(e.input(0).shape()) + " and " +
                    shapeText(input.shape()));
  dispatch(e, Numbers{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, e.dtype(), e.input(0).shape());
    auto out = result.mutableValues<T>();
    llvm::copy(e.input(0).values<T>(), out.begin());
    for (const Tensor &input : e.inputs().drop_front())
      for (size_t i = 0; i < out.size(); ++i)
        out[i] = Add()(out[i], input.values<T>()[i]);
  });
}

constexpr KernelEntry kKernels[] = {
    {"Add", arithmetic<Addable, Add>},
    {"AddV2", arithmetic<Addable, Add>},
    {"AddN", addN},
    {"AccumulateNV2", addN},
    {"Sub", arithmetic<Numbers, Sub>},
    {"Mul", arithmetic<Numbers, Mul>},
    {"RealDiv", division<Numbers, Divide>},
    {"Div", division<Numbers, Divide>},
    {"TruncateDiv", division<Numbers, Divide>},
    {"FloorDiv", division<Reals, FloorDivide>},
    {"FloorMod", division<Reals, FloorModulo>},
    {"Mod", division<Reals, TruncateModulo>},
    {"TruncateMod", division<Reals, TruncateModulo>},
    {"DivNoNan", arithmetic<FloatsAndComplexes, DivideNoNan>},
    {"MulNoNan", arithmetic<FloatsAndComplexes, MultiplyNoNan>},
    {"Xdivy", arithmetic<FloatsAndComplexes, OverOrZero>},
    {"Xlogy", arithmetic<Floats, TimesLog>},
    {"Xlog1py", arithmetic<Floats, TimesLog1p>},
    {"Pow", arithmetic<Numbers, Power>},
    {"SquaredDifference", arithmetic<Numbers, SquaredDifference>},
    {"Maximum", arithmetic<Reals, Maximum>},
    {"Minimum", arithmetic<Reals, Minimum>},
    {"Atan2", arithmetic<Floats, Atan2>},
    {"Complex", complexOf},
    {"Equal", equality<Equal, false>},
    {"NotEqual", equality<NotEqual, true>},
    {"ApproximateEqual", approximateEqual},
    {"Less", comparison<Reals, Less>},
    {"LessEqual", comparison<Reals, LessEqual>},
    {"Greater", comparison<Reals, Greater>},
    {"GreaterEqual", comparison<Reals, GreaterEqual>},
    {"LogicalAnd", comparison<Bools, And>},
    {"LogicalOr", comparison<Bools, Or>},
    {"BitwiseAnd", arithmetic<Integers, BitAnd>},
    {"BitwiseOr", arithmetic<Integers, BitOr>},
    {"BitwiseXor", arithmetic<Integers, BitXor>},
    {"LeftShift", arithmetic<Integers, ShiftLeft>},
    {"RightShift", arithmetic<Integers, ShiftRight>},
};

} // namespace

KernelList binaryKernels() { return kKernels; }

} // namespace firn::reference
