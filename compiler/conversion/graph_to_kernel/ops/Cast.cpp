// Elements as another dtype, and fills of one.
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// Without the bits of the mantissa that a cast with Truncate drops before it rounds to 16 bits.
Number truncated(const Number &x, int dtype) {
  uint32_t dropped = dtype == DT_BFLOAT16 ? 0xffff : dtype == DT_HALF ? 0x1fff : 0;
  if (x.dtype != DT_FLOAT || !dropped)
    return x;
  Number bits = bitsOf(x);
  Number kept = bits & like(bits, static_cast<int32_t>(~dropped));
  return choose(isNan(x), x, fromBits(kept, DT_FLOAT));
}

void cast(NodeLowering &n) {
  int to = n.outDtype();
  if (to == n.dtype())
    return n.handOn(0, 0);
  bool truncates = n.flag("Truncate");
  exactUnary(n, [=](const Number &x) { return truncates ? truncated(x, to) : x; });
}

template <int kNumber> void fillLike(NodeLowering &n) {
  if (Tensor x = n.in(0))
    n.give(filled(n, n.outDtype(), kNumber, x.sizes));
}

const LoweringEntry kCast[] = {
    {"Cast", cast},
    {"OnesLike", fillLike<1>},
    {"ZerosLike", fillLike<0>},
};

} // namespace

Lowerings castLowerings() { return kCast; }

} // namespace firn::kernel
