// Arithmetic on two operands, with broadcasting; sums of many.
#include <cmath>

#include "compiler/reference/ops/Elementwise.h"

using namespace firn::graph;

namespace firn::reference {

std::optional<Shape> commonShape(Evaluation &e) {
  llvm::ArrayRef<int64_t> a = e.input(0).shape(), b = e.input(1).shape();
  std::optional<Shape> shape = broadcastShapes(a, b);
  if (!shape)
    e.fail("expected shapes that broadcast, got " + shapeText(a) + " and " + shapeText(b));
  return shape;
}

namespace {

using Summable = Concat<Numbers, Strings>::Type;
using Inexact = Concat<Floats, Complexes>::Type;
using Signed = TypeList<int8_t, int16_t, int32_t, int64_t>;
using Doubles = TypeList<float, double>;

template <typename T> T conjugate(T x) {
  if constexpr (isComplex<T>)
    return std::conj(x);
  else
    return x;
}

// Rounds twice: the difference is a number of the operands' type.
template <typename T> T squaredDifference(const T &x, const T &y) {
  if constexpr (std::is_integral_v<T>) {
    uint64_t difference = Modular<T>(x) - Modular<T>(y);
    return T(difference * difference);
  } else {
    T difference = x - y;
    return difference * conjugate(difference);
  }
}

/// x * y (or another product) where `x` is not zero, 0 where it is, whatever `y` is.
template <typename T, typename F> T unlessZero(const T &guard, F product) {
  return guard == T(0) ? T(0) : product();
}

void xdivy(Evaluation &e) {
  binary<Inexact>(e, [](auto x, auto y) { return unlessZero(x, [&] { return x / y; }); });
}
// A 16-bit logarithm rounds before it is multiplied.
void xlogy(Evaluation &e) {
  exactBinary<Inexact>(e, [](auto x, auto y) {
    using T = decltype(x);
    return unlessZero(x, [&] { return T(x * T(std::log(Wide<T>(y)))); });
  });
}

void xlog1py(Evaluation &e) {
  exactBinary<Inexact>(e, [](auto x, auto y) {
    using T = decltype(x);
    return unlessZero(x, [&] { return T(x * T(logOnePlus(Wide<T>(y)))); });
  });
}

template <typename T> bool anyNegative(const Tensor &tensor) {
  return llvm::any_of(tensor.values<T>(), [](T x) { return x < 0; });
}

// By squaring, modulo the type's range.
template <typename T> T integerPower(T base, T exponent) {
  uint64_t power = 1, factor = base;
  for (uint64_t left = exponent; left; left >>= 1, factor *= factor)
    if (left & 1)
      power *= factor;
  return T(power);
}

void pow(Evaluation &e) {
  if (dispatch(Inexact{}, e.dtype(), [](auto) {}))
    return binary<Inexact>(e, [](auto x, auto y) { return std::pow(x, y); });
  dispatch(e, Signed{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if (e.input(0).size() && anyNegative<T>(e.input(1)))
      return e.fail("expected an exponent of an integer that is not negative");
    zipElements<T, T>(e, e.dtype(), integerPower<T>);
  });
}

void complex(Evaluation &e) {
  dispatch(e, Doubles{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zipElements<T, std::complex<T>>(e, e.type("Tout"),
                                    [](T x, T y) { return std::complex<T>(x, y); });
  });
}

// The order in which TensorFlow adds `count` operands: the first up to nine one after the other,
// then eight at a time, which are summed by themselves.
llvm::SmallVector<size_t> sizesOfSums(size_t count) {
  size_t first = count % 8 == 0 ? 8 : count % 8 == 1 ? 9 : count % 8;
  llvm::SmallVector<size_t> sizes{std::min(first, count)};
  sizes.append((count - sizes[0]) / 8, 8);
  return sizes;
}

template <typename T> T sumAt(llvm::ArrayRef<Tensor> tensors, size_t i) {
  T sum = tensors[0].values<T>()[i];
  for (const Tensor &tensor : tensors.drop_front())
    sum = T(Modular<T>(sum) + Modular<T>(tensor.values<T>()[i]));
  return sum;
}

void addN(Evaluation &e) {
  for (const Tensor &tensor : e.inputs())
    if (tensor.shape() != e.input(0).shape())
      return e.fail("expected operands of one shape, got " + shapeText(e.input(0).shape()) +
                    " and " + shapeText(tensor.shape()));
  dispatch(e, Numbers{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, e.dtype(), e.input(0).shape());
    auto sums = result.mutableValues<T>();
    llvm::ArrayRef<Tensor> left = e.inputs();
    for (size_t size : sizesOfSums(left.size())) {
      bool first = left.size() == e.numInputs();
      for (size_t i = 0; i < sums.size(); ++i) {
        T sum = sumAt<T>(left.take_front(size), i);
        sums[i] = first ? sum : T(Modular<T>(sums[i]) + Modular<T>(sum));
      }
      left = left.drop_front(size);
    }
  });
}

constexpr KernelEntry kKernels[] = {
    {"Add",
     [](Evaluation &e) { modularBinary<Summable>(e, [](auto x, auto y) { return x + y; }); }},
    {"AddV2",
     [](Evaluation &e) { modularBinary<Numbers>(e, [](auto x, auto y) { return x + y; }); }},
    {"Sub", [](Evaluation &e) { modularBinary<Numbers>(e, [](auto x, auto y) { return x - y; }); }},
    {"Mul", [](Evaluation &e) { modularBinary<Numbers>(e, [](auto x, auto y) { return x * y; }); }},
    {"MulNoNan",
     [](Evaluation &e) {
       binary<Inexact>(e, [](auto x, auto y) { return unlessZero(y, [&] { return x * y; }); });
     }},
    {"DivNoNan",
     [](Evaluation &e) {
       binary<Inexact>(e, [](auto x, auto y) { return unlessZero(y, [&] { return x / y; }); });
     }},
    {"Xdivy", xdivy},
    {"Xlogy", xlogy},
    {"Xlog1py", xlog1py},
    {"Pow", pow},
    {"SquaredDifference",
     [](Evaluation &e) {
       exactBinary<Numbers>(e, [](auto x, auto y) { return squaredDifference(x, y); });
     }},
    {"Maximum",
     [](Evaluation &e) { binary<Reals>(e, [](auto x, auto y) { return maximum(x, y); }); }},
    {"Minimum",
     [](Evaluation &e) { binary<Reals>(e, [](auto x, auto y) { return minimum(x, y); }); }},
    {"Atan2",
     [](Evaluation &e) { binary<Floats>(e, [](auto y, auto x) { return std::atan2(y, x); }); }},
    {"NextAfter",
     [](Evaluation &e) {
       binary<Doubles>(e, [](auto x, auto y) { return std::nextafter(x, y); });
     }},
    {"Complex", complex},
    {"AddN", addN},
    {"AccumulateNV2", addN},
};

} // namespace

KernelList binaryKernels() { return kKernels; }

} // namespace firn::reference
