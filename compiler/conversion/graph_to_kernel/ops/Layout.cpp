// The same elements under another shape, or in another order.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"

using namespace mlir;

namespace firn::kernel {
namespace {

// Sizes that a Reshape asks for, its -1 worked out. A negative number that is not known to be one
// can't be told from a size: shape inference's word is taken then.
std::optional<Sizes> wantedSizes(NodeLowering &n, const Tensor &input) {
  std::optional<Sizes> wanted = n.elements(1);
  if (!wanted)
    return n.outSizes();
  Size given = n.size(1), *open = nullptr;
  for (Size &size : *wanted)
    if (constantSize(size) == int64_t(-1))
      open = &size;
    else
      given = n.mul(given, size);
  if (open)
    *open = n.floorDiv(n.product(input.sizes), given);
  return n.outSizes(0, *wanted);
}

void reshape(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  if (std::optional<Sizes> sizes = wantedSizes(n, input))
    n.give(n.reshape(input, *sizes));
}

void squeeze(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  SmallVector<int64_t> axes = n.integers("squeeze_dims");
  for (int64_t &axis : axes)
    axis += axis < 0 ? input.rank() : 0;
  Sizes sizes;
  for (auto [axis, size] : llvm::enumerate(input.sizes))
    if (axes.empty() ? !n.isOne(size) : !llvm::is_contained(axes, static_cast<int64_t>(axis)))
      sizes.push_back(size);
  n.give(n.reshape(input, n.outSizes(0, sizes)));
}

void expandDims(NodeLowering &n) {
  Tensor input = n.in(0);
  std::optional<int64_t> axis = n.constant(1);
  if (!input || !axis)
    return;
  Sizes sizes = input.sizes;
  sizes.insert(sizes.begin() + (*axis < 0 ? *axis + input.rank() + 1 : *axis), n.size(1));
  n.give(n.reshape(input, sizes));
}

void transpose(NodeLowering &n) {
  Tensor input = n.in(0);
  std::optional<SmallVector<int64_t>> permutation = n.constants(1);
  if (!input || !permutation)
    return;
  for (int64_t &axis : *permutation)
    axis += axis < 0 ? input.rank() : 0;
  n.give(n.transpose(input, *permutation));
}

const LoweringEntry kLayout[] = {
    {"ExpandDims", expandDims},
    {"Reshape", reshape},
    {"Squeeze", squeeze},
    {"Transpose", transpose},
};

} // namespace

Lowerings layoutLowerings() { return kLayout; }

} // namespace firn::kernel
