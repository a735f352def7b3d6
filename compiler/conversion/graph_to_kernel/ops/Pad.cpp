// Borders, and the trade of space for batch or depth.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"

using namespace mlir;

namespace firn::kernel {
namespace {

/// Elements before and behind each axis.
struct Border {
  Sizes before, behind;
};

// From a matrix of two columns.
std::optional<Border> borderInput(NodeLowering &n, unsigned index) {
  std::optional<Sizes> all = n.elements(index);
  if (!all) {
    n.fail("a border that depends on data");
    return std::nullopt;
  }
  Border border;
  for (size_t i = 0; i + 1 < all->size(); i += 2) {
    border.before.push_back((*all)[i]);
    border.behind.push_back((*all)[i + 1]);
  }
  return border;
}

Sizes withBorder(NodeLowering &n, ArrayRef<Size> sizes, const Border &border) {
  Sizes wide(sizes);
  for (size_t i = 0; i < wide.size(); ++i)
    wide[i] = n.add(wide[i], n.add(border.before[i], border.behind[i]));
  return wide;
}

Tensor padded(NodeLowering &n, const Tensor &input, const Border &border, const Tensor &whole) {
  return n.insert(input, whole, border.before, n.repeated(1, input.rank()));
}

void pad(NodeLowering &n) {
  Tensor input = n.in(0);
  std::optional<Border> border = borderInput(n, 1);
  if (!input || !border)
    return;
  Sizes sizes = n.outSizes(0, withBorder(n, input.sizes, *border));
  Tensor filler = n.numInputs() > 2 ? n.in(2) : Tensor();
  n.give(
      padded(n, input, *border, filler ? n.broadcast(filler, sizes) : n.zeros(input.dtype, sizes)));
}

void mirrorPad(NodeLowering &n) {
  Tensor input = n.in(0);
  std::optional<Border> border = borderInput(n, 1);
  if (!input || !border)
    return;
  int64_t skipped = n.text("mode") == "SYMMETRIC" ? 0 : 1; // the edge itself
  Sizes sizes = n.outSizes(0, withBorder(n, input.sizes, *border));
  n.give(n.generate(input.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Place> places = placesOf(b, at);
    for (auto [axis, place] : llvm::enumerate(places)) {
      if (sizes[axis] == input.sizes[axis])
        continue;
      Place dim = placeOf(b, input.sizes[axis]), zero = placeOf(b, int64_t(0));
      Place along = place - placeOf(b, border->before[axis]);
      along = choose(along < 0, zero - along - (1 - skipped), along);
      place = choose(along < dim, along, dim * 2 - along - (1 + skipped));
    }
    return NodeLowering::read(b, input, valuesOf(places));
  }));
}

/// A border of the spatial axes as one of all.
Border forAll(NodeLowering &n, const Border &border, int64_t rank) {
  Border all{n.repeated(0, rank), n.repeated(0, rank)};
  llvm::copy(border.before, all.before.begin() + 1);
  llvm::copy(border.behind, all.behind.begin() + 1);
  return all;
}

void spaceToBatch(NodeLowering &n, ArrayRef<int64_t> block, const Border &border) {
  Tensor input = n.in(0);
  if (!input)
    return;
  Border all = forAll(n, border, input.rank());
  Sizes wide = withBorder(n, input.sizes, all);
  Tensor whole = wide == input.sizes ? input : padded(n, input, all, n.zeros(input.dtype, wide));
  // [batch, h/b, b, …, rest] to [b…, batch, h/b…, rest]
  auto axes = static_cast<int64_t>(block.size());
  Sizes split{wide[0]}, result{n.mul(wide[0], n.size(1))};
  SmallVector<int64_t> order, blocks;
  order.push_back(0);
  int64_t count = 1;
  for (int64_t i = 0; i < axes; ++i) {
    Size steps = n.floorDiv(wide[1 + i], n.size(block[i]));
    blocks.push_back(static_cast<int64_t>(split.size()) + 1);
    order.push_back(split.size());
    split.push_back(steps);
    split.push_back(n.size(block[i]));
    result.push_back(steps);
    count *= block[i];
  }
  for (int64_t axis = 1 + axes; axis < input.rank(); ++axis) {
    order.push_back(split.size());
    split.push_back(wide[axis]);
    result.push_back(wide[axis]);
  }
  result[0] = n.mul(wide[0], n.size(count));
  order.insert(order.begin(), blocks.begin(), blocks.end());
  n.give(n.reshape(n.transpose(n.reshape(whole, split), order), n.outSizes(0, result)));
}

void batchToSpace(NodeLowering &n, ArrayRef<int64_t> block, const Border &crops) {
  Tensor input = n.in(0);
  if (!input)
    return;
  // [b…, batch, h…, rest] to [batch, h, b, …, rest]
  auto axes = static_cast<int64_t>(block.size());
  int64_t count = 1;
  Sizes split;
  for (int64_t side : block) {
    split.push_back(n.size(side));
    count *= side;
  }
  Sizes wide = input.sizes;
  wide[0] = n.floorDiv(wide[0], n.size(count));
  split.push_back(wide[0]);
  split.append(wide.begin() + 1, wide.end());
  SmallVector<int64_t> order{axes};
  for (int64_t i = 0; i < axes; ++i) {
    order.push_back(axes + 1 + i);
    order.push_back(i);
    wide[1 + i] = n.mul(wide[1 + i], n.size(block[i]));
  }
  for (int64_t axis = 1 + axes; axis < input.rank(); ++axis)
    order.push_back(axes + axis);
  Tensor whole = n.reshape(n.transpose(n.reshape(input, split), order), wide);
  Border all = forAll(n, crops, input.rank());
  Sizes cropped = wide;
  for (size_t axis = 0; axis < wide.size(); ++axis)
    cropped[axis] = n.sub(wide[axis], n.add(all.before[axis], all.behind[axis]));
  n.give(n.slice(whole, all.before, n.outSizes(0, cropped)));
}

template <void (*move)(NodeLowering &, ArrayRef<int64_t>, const Border &)>
void inBlocks(NodeLowering &n) {
  std::optional<SmallVector<int64_t>> block = n.constants(1);
  if (!block)
    return;
  if (std::optional<Border> border = borderInput(n, 2))
    move(n, *block, *border);
}

template <void (*move)(NodeLowering &, ArrayRef<int64_t>, const Border &)>
void inSquares(NodeLowering &n) {
  int64_t side = n.integer("block_size");
  if (std::optional<Border> border = borderInput(n, 1))
    move(n, {side, side}, *border);
}

// The depth holds the place in a block (rows, columns), then the channel.
void spaceToDepth(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  bool channelsFirst = n.text("data_format") == "NCHW";
  Size block = n.size(n.integer("block_size"));
  ArrayRef<Size> in = input.sizes;
  Size batch = in[0], c = in[channelsFirst ? 1 : 3];
  Size h = n.floorDiv(in[channelsFirst ? 2 : 1], block);
  Size w = n.floorDiv(in[channelsFirst ? 3 : 2], block);
  Size deep = n.mul(c, n.mul(block, block));
  if (channelsFirst) {
    Tensor split = n.reshape(input, {batch, c, h, block, w, block});
    Tensor moved = n.transpose(split, {0, 3, 5, 1, 2, 4});
    return n.give(n.reshape(moved, n.outSizes(0, {batch, deep, h, w})));
  }
  Tensor split = n.reshape(input, {batch, h, block, w, block, c});
  Tensor moved = n.transpose(split, {0, 1, 3, 2, 4, 5});
  n.give(n.reshape(moved, n.outSizes(0, {batch, h, w, deep})));
}

void depthToSpace(NodeLowering &n) {
  Tensor input = n.in(0);
  if (!input)
    return;
  bool channelsFirst = n.text("data_format") == "NCHW";
  Size block = n.size(n.integer("block_size"));
  ArrayRef<Size> in = input.sizes;
  Size batch = in[0], h = in[channelsFirst ? 2 : 1], w = in[channelsFirst ? 3 : 2];
  Size c = n.floorDiv(in[channelsFirst ? 1 : 3], n.mul(block, block));
  Size height = n.mul(h, block), width = n.mul(w, block);
  if (channelsFirst) {
    Tensor split = n.reshape(input, {batch, block, block, c, h, w});
    Tensor moved = n.transpose(split, {0, 3, 4, 1, 5, 2});
    return n.give(n.reshape(moved, n.outSizes(0, {batch, c, height, width})));
  }
  Tensor split = n.reshape(input, {batch, h, w, block, block, c});
  Tensor moved = n.transpose(split, {0, 1, 3, 2, 4, 5});
  n.give(n.reshape(moved, n.outSizes(0, {batch, height, width, c})));
}

const LoweringEntry kPad[] = {
    {"BatchToSpace", inSquares<batchToSpace>},
    {"BatchToSpaceND", inBlocks<batchToSpace>},
    {"DepthToSpace", depthToSpace},
    {"MirrorPad", mirrorPad},
    {"Pad", pad},
    {"PadV2", pad},
    {"SpaceToBatch", inSquares<spaceToBatch>},
    {"SpaceToBatchND", inBlocks<spaceToBatch>},
    {"SpaceToDepth", spaceToDepth},
};

} // namespace

Lowerings padLowerings() { return kPad; }

} // namespace firn::kernel
