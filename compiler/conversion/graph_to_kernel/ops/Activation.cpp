// Activation functions of neural nets.
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

Number relu(const Number &x) { return maximum(x, 0); }
Number relu6(const Number &x) { return minimum(maximum(x, 0), 6); }
Number elu(const Number &x) { return choose(x < 0, expm1(x), x); }

Number selu(const Number &x) {
  constexpr double kScale = 1.0507009873554804934193349852946;
  constexpr double kScaleAlpha = 1.7580993408473768599402175208123;
  return choose(x < 0, (exp(x) - 1) * kScaleAlpha, x * kScale);
}

// The type's relative precision, as TensorFlow takes it.
double epsilonOf(int dtype) {
  switch (dtype) {
  case DT_HALF:
    return 0x1p-13;
  case DT_BFLOAT16:
    return 0x1p-7;
  case DT_DOUBLE:
    return 0x1p-52;
  default:
    return 0x1p-23;
  }
}

// Where the exponential is beyond the precision of the type, the limit is the result.
Number softplus(const Number &x) {
  double threshold = std::log(epsilonOf(x.dtype)) + 2;
  Number power = exp(x);
  Number middle = choose(x < threshold, power, log1p(power));
  return choose(x > -threshold, x, middle);
}

Number softsign(const Number &x) { return x / (abs(x) + 1); }
Number sigmoid(const Number &x) { return like(x, 1) / (exp(-x) + 1); }

void leakyRelu(NodeLowering &n) {
  double alpha = static_cast<float>(n.real("alpha"));
  exactUnary(n, [=](const Number &x) { return choose(x > 0, x, x * alpha); });
}

const LoweringEntry kActivation[] = {
    {"Relu", [](NodeLowering &n) { unary(n, relu); }},
    {"Relu6", [](NodeLowering &n) { unary(n, relu6); }},
    {"LeakyRelu", leakyRelu},
    {"Elu", [](NodeLowering &n) { unary(n, elu); }},
    {"Selu", [](NodeLowering &n) { exactUnary(n, selu); }},
    {"Softplus", [](NodeLowering &n) { exactUnary(n, softplus); }},
    {"Softsign", [](NodeLowering &n) { exactUnary(n, softsign); }},
    {"Sigmoid", [](NodeLowering &n) { exactUnary(n, sigmoid); }},
};

} // namespace

Lowerings activationLowerings() { return kActivation; }

} // namespace firn::kernel
