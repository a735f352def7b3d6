// Comparisons, logic, bits.
#include <cmath>

#include "compiler/reference/ops/Elementwise.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

template <typename List, typename F> void comparison(Evaluation &e, F function) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zipElements<T, bool>(e, DT_BOOL,
                         [&](const T &x, const T &y) -> bool { return function(x, y); });
  });
}

using Comparable = Concat<Concat<Numbers, Bools>::Type, Strings>::Type;

// Shapes that do not broadcast are unequal as a whole where the node allows them.
bool isSettledByShapes(Evaluation &e, bool unequal) {
  if (e.flag("incompatible_shape_error") || broadcastShapes(e.input(0).shape(), e.input(1).shape()))
    return false;
  e.give(makeScalar<bool>(DT_BOOL, unequal));
  return true;
}
void equal(Evaluation &e) {
  if (!isSettledByShapes(e, false))
    comparison<Comparable>(e, [](const auto &x, const auto &y) { return x == y; });
}
void notEqual(Evaluation &e) {
  if (!isSettledByShapes(e, true))
    comparison<Comparable>(e, [](const auto &x, const auto &y) { return x != y; });
}

void approximateEqual(Evaluation &e) {
  if (e.input(0).shape() != e.input(1).shape())
    return e.fail("expected operands of one shape, got " + shapeText(e.input(0).shape()) + " and " +
                  shapeText(e.input(1).shape()));
  float tolerance = e.real("tolerance");
  comparison<TypeList<float, double>>(
      e, [=](auto x, auto y) { return std::abs(x - y) < static_cast<decltype(x)>(tolerance); });
}

// Distances beyond the type's width, and negative ones, are taken as the nearest that is within.
template <typename T> unsigned shiftDistance(T distance) {
  constexpr T kMost = sizeof(T) * 8 - 1;
  return distance < 0 ? 0 : std::min(distance, kMost);
}

constexpr KernelEntry kKernels[] = {
    {"Equal", equal},
    {"NotEqual", notEqual},
    {"ApproximateEqual", approximateEqual},
    {"Less", [](Evaluation &e) { comparison<Reals>(e, [](auto x, auto y) { return x < y; }); }},
    {"LessEqual",
     [](Evaluation &e) { comparison<Reals>(e, [](auto x, auto y) { return x <= y; }); }},
    {"Greater", [](Evaluation &e) { comparison<Reals>(e, [](auto x, auto y) { return x > y; }); }},
    {"GreaterEqual",
     [](Evaluation &e) { comparison<Reals>(e, [](auto x, auto y) { return x >= y; }); }},
    {"LogicalAnd",
     [](Evaluation &e) { comparison<Bools>(e, [](bool x, bool y) { return x && y; }); }},
    {"LogicalOr",
     [](Evaluation &e) { comparison<Bools>(e, [](bool x, bool y) { return x || y; }); }},
    {"LogicalNot", [](Evaluation &e) { unary<Bools>(e, [](bool x) { return !x; }); }},
    {"BitwiseAnd",
     [](Evaluation &e) { modularBinary<Integers>(e, [](auto x, auto y) { return x & y; }); }},
    {"BitwiseOr",
     [](Evaluation &e) { modularBinary<Integers>(e, [](auto x, auto y) { return x | y; }); }},
    {"BitwiseXor",
     [](Evaluation &e) { modularBinary<Integers>(e, [](auto x, auto y) { return x ^ y; }); }},
    {"Invert", [](Evaluation &e) { modularUnary<Integers>(e, [](auto x) { return ~x; }); }},
    {"LeftShift",
     [](Evaluation &e) {
       binary<Integers>(e, [](auto x, auto y) { return uint64_t(x) << shiftDistance(y); });
     }},
    {"RightShift",
     [](Evaluation &e) {
       binary<Integers>(e, [](auto x, auto y) { return x >> shiftDistance(y); });
     }},
};

} // namespace

KernelList compareKernels() { return kKernels; }

} // namespace firn::reference
