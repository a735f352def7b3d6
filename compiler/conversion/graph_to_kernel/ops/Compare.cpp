// Comparisons, logic, bits; choices by them.
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

void approximateEqual(NodeLowering &n) {
  double tolerance = static_cast<float>(n.real("tolerance"));
  n.give(map(n, ofOneShape({n.in(0), n.in(1)}), DT_BOOL,
             [=](ArrayRef<Number> x) { return byteOf(abs(x[0] - x[1]) < tolerance); }));
}

Number logicalNot(const Number &x) { return x ^ like(x, 1); }

void giveChoice(NodeLowering &n, const Tensor &condition, const Tensor &yes, const Tensor &no) {
  n.give(map(n, {condition, yes, no}, n.outDtype(),
             [](ArrayRef<Number> x) { return choose(x[0] != 0, x[1], x[2]); }));
}

// Version 1: all of one shape, or a vector that chooses rows, or a scalar.
void select(NodeLowering &n) {
  Tensor condition = n.in(0), yes = n.in(1), no = n.in(2);
  if (!condition || !yes || !no)
    return;
  if (condition.rank() == 1 && yes.rank() > 1) {
    Sizes sizes(yes.rank(), n.size(1));
    sizes[0] = condition.sizes[0];
    condition = n.reshape(condition, sizes);
  }
  SmallVector<Tensor> both = ofOneShape({yes, no});
  giveChoice(n, condition, both[0], both[1]);
}

void clipByValue(NodeLowering &n) {
  Tensor x = n.in(0), low = n.in(1), high = n.in(2);
  if (!x || !low || !high)
    return;
  // A bound may be one element of any rank.
  for (Tensor *bound : {&low, &high})
    if (n.isOne(n.product(bound->sizes)))
      *bound = n.reshape(*bound, {});
  n.give(map(n, ofOneShape({x, low, high}), n.outDtype(), [](ArrayRef<Number> v) {
    return choose(v[1] > v[0], v[1], choose(v[2] < v[0], v[2], v[0]));
  }));
}

using N = const Number &;

const LoweringEntry kCompare[] = {
    {"Equal", [](NodeLowering &n) { binary(n, [](N x, N y) { return x == y; }); }},
    {"NotEqual", [](NodeLowering &n) { binary(n, [](N x, N y) { return x != y; }); }},
    {"Less", [](NodeLowering &n) { binary(n, [](N x, N y) { return x < y; }); }},
    {"LessEqual", [](NodeLowering &n) { binary(n, [](N x, N y) { return x <= y; }); }},
    {"Greater", [](NodeLowering &n) { binary(n, [](N x, N y) { return x > y; }); }},
    {"GreaterEqual", [](NodeLowering &n) { binary(n, [](N x, N y) { return x >= y; }); }},
    {"ApproximateEqual", approximateEqual},
    {"LogicalAnd", [](NodeLowering &n) { binary(n, [](N x, N y) { return x & y; }); }},
    {"LogicalOr", [](NodeLowering &n) { binary(n, [](N x, N y) { return x | y; }); }},
    {"LogicalNot", [](NodeLowering &n) { unary(n, logicalNot); }},
    {"BitwiseAnd", [](NodeLowering &n) { binary(n, [](N x, N y) { return x & y; }); }},
    {"BitwiseOr", [](NodeLowering &n) { binary(n, [](N x, N y) { return x | y; }); }},
    {"BitwiseXor", [](NodeLowering &n) { binary(n, [](N x, N y) { return x ^ y; }); }},
    {"LeftShift", [](NodeLowering &n) { binary(n, shiftLeft); }},
    {"RightShift", [](NodeLowering &n) { binary(n, shiftRight); }},
    {"Select", select},
    {"SelectV2", [](NodeLowering &n) { giveChoice(n, n.in(0), n.in(1), n.in(2)); }},
    {"ClipByValue", clipByValue},
};

} // namespace

Lowerings compareLowerings() { return kCompare; }

} // namespace firn::kernel
