// Activation functions of neural nets.
#include <cmath>
#include <limits>

#include "compiler/reference/ops/Elementwise.h"

namespace firn::reference {
namespace {

using Inexact = Concat<Floats, Complexes>::Type;

// Each step of these rounds in the operand's type `T`, hence the casts.
template <typename T> T exponential(T x) { return T(std::exp(Wide<T>(x))); }

struct Relu6 {
  template <typename T> T operator()(T x) const { return minimum(maximum(x, T(0)), T(6)); }
};

struct Elu {
  template <typename T> T operator()(T x) const { return x < T(0) ? T(std::expm1(Wide<T>(x))) : x; }
};

struct Selu {
  template <typename T> T operator()(T x) const {
    const T scale = T(1.0507009873554804934193349852946);
    const T scaleAlpha = T(1.7580993408473768599402175208123);
    return x < T(0) ? T(scaleAlpha * T(exponential(x) - T(1))) : T(scale * x);
  }
};

// Where the exponential is beyond the precision of T, the limit is the result.
struct Softplus {
  template <typename T> T operator()(T x) const {
    const T threshold = T(T(std::log(epsilon<T>())) + T(2));
    if (x > T(-threshold))
      return x;
    T power = exponential(x);
    return x < threshold ? power : T(std::log1p(Wide<T>(power)));
  }
  template <typename T> static Wide<T> epsilon() {
    if constexpr (std::is_same_v<T, Half>)
      return 0x1p-13f; // not the type's own, but what TensorFlow takes
    else if constexpr (std::is_same_v<T, BFloat16>)
      return 0x1p-7f;
    else
      return std::numeric_limits<T>::epsilon();
  }
};

struct Softsign {
  template <typename T> T operator()(T x) const { return T(x / T(T(std::abs(Wide<T>(x))) + T(1))); }
};

struct Sigmoid {
  template <typename T> T operator()(T x) const { return T(1) / T(T(1) + exponential(T(-x))); }
};

void leakyRelu(Evaluation &e) {
  float alpha = e.real("alpha");
  exactUnary<Floats>(e, [=](auto x) {
    using T = decltype(x);
    return x > T(0) ? x : T(x * T(alpha));
  });
}

constexpr KernelEntry kKernels[] = {
    {"Relu",
     [](Evaluation &e) { unary<Reals>(e, [](auto x) { return maximum(x, decltype(x)(0)); }); }},
    {"Relu6", [](Evaluation &e) { exactUnary<Reals>(e, Relu6()); }},
    {"LeakyRelu", leakyRelu},
    {"Elu", [](Evaluation &e) { exactUnary<Floats>(e, Elu()); }},
    {"Selu", [](Evaluation &e) { exactUnary<Floats>(e, Selu()); }},
    {"Softplus", [](Evaluation &e) { exactUnary<Floats>(e, Softplus()); }},
    {"Softsign", [](Evaluation &e) { exactUnary<Floats>(e, Softsign()); }},
    {"Sigmoid", [](Evaluation &e) { exactUnary<Inexact>(e, Sigmoid()); }},
};

} // namespace

KernelList activationKernels() { return kKernels; }

} // namespace firn::reference
