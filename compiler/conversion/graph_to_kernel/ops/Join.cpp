// One tensor of several, or several of one: ConcatV2, Pack, SplitV, Unpack.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"

using namespace mlir;

namespace firn::kernel {
namespace {

std::optional<int64_t> axisOf(NodeLowering &n, std::optional<int64_t> axis, int64_t rank) {
  if (axis && *axis < 0)
    *axis += rank;
  if (!axis || *axis < 0 || *axis >= rank) {
    n.fail("an axis that is not constant");
    return std::nullopt;
  }
  return axis;
}

void join(NodeLowering &n, ArrayRef<Tensor> parts, std::optional<int64_t> given) {
  if (parts.empty() || llvm::any_of(parts, [](const Tensor &part) { return !part; }))
    return n.give(Tensor());
  if (std::optional<int64_t> axis = axisOf(n, given, parts.front().rank()))
    n.give(parts.size() == 1 ? parts.front() : n.concat(parts, *axis));
}

void concat(NodeLowering &n) { join(n, ArrayRef<Tensor>(n.inputs()).drop_front(), n.constant(0)); }
void concatV2(NodeLowering &n) {
  join(n, ArrayRef<Tensor>(n.inputs()).drop_back(), n.constant(n.numInputs() - 1));
}
void parallelConcat(NodeLowering &n) { join(n, n.inputs(), 0); }

void pack(NodeLowering &n) {
  SmallVector<Tensor> parts = n.inputs();
  if (parts.empty() || !parts.front())
    return;
  std::optional<int64_t> axis = axisOf(n, n.integer("axis"), parts.front().rank() + 1);
  if (!axis)
    return;
  for (Tensor &part : parts) {
    if (!part)
      return;
    Sizes sizes = part.sizes;
    sizes.insert(sizes.begin() + *axis, n.size(1));
    part = n.reshape(part, sizes);
  }
  join(n, parts, axis);
}

/// Gives `sizes[i]` elements of `axis` as output i; without the axis where `drops`.
void splitInto(NodeLowering &n, const Tensor &value, int64_t axis, ArrayRef<Size> sizes,
               bool drops) {
  Sizes offsets = n.repeated(0, value.rank()), shape = value.sizes, kept = value.sizes;
  kept.erase(kept.begin() + axis);
  for (auto [i, size] : llvm::enumerate(sizes)) {
    shape[axis] = size;
    if (n.isUsed(i)) {
      Tensor part = n.slice(value, offsets, shape);
      n.give(i, drops ? n.reshape(part, kept) : part);
    }
    offsets[axis] = n.add(offsets[axis], size);
  }
}

void split(NodeLowering &n) {
  Tensor value = n.in(1);
  if (!value)
    return;
  std::optional<int64_t> axis = axisOf(n, n.constant(0), value.rank());
  if (!axis)
    return;
  int64_t count = n.node.numOutputs();
  Size each = n.floorDiv(value.sizes[*axis], n.size(count));
  each = n.outSizes(0, [&] {
    Sizes sizes = value.sizes;
    sizes[*axis] = each;
    return sizes;
  }())[*axis];
  splitInto(n, value, *axis, Sizes(count, each), false);
}

void splitV(NodeLowering &n) {
  Tensor value = n.in(0);
  std::optional<Sizes> sizes = n.elements(1);
  if (!value)
    return;
  if (!sizes)
    return n.fail("sizes that depend on data");
  std::optional<int64_t> axis = axisOf(n, n.constant(2), value.rank());
  if (!axis)
    return;
  Size rest = value.sizes[*axis], *open = nullptr;
  for (Size &size : *sizes)
    if (constantSize(size) == int64_t(-1))
      open = &size;
    else
      rest = n.sub(rest, size);
  if (open)
    *open = rest;
  splitInto(n, value, *axis, *sizes, false);
}

void unpack(NodeLowering &n) {
  Tensor value = n.in(0);
  if (!value)
    return;
  if (std::optional<int64_t> axis = axisOf(n, n.integer("axis"), value.rank()))
    splitInto(n, value, *axis, n.repeated(1, n.node.numOutputs()), true);
}

const LoweringEntry kJoin[] = {
    {"Concat", concat}, {"ConcatV2", concatV2},
    {"Pack", pack},     {"ParallelConcat", parallelConcat},
    {"Split", split},   {"SplitV", splitV},
    {"Unpack", unpack},
};

} // namespace

Lowerings joinLowerings() { return kJoin; }

} // namespace firn::kernel
