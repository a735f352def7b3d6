// The same elements in another arrangement.
#include "compiler/transforms/graph/shapes/Families.h"
#include "compiler/transforms/graph/shapes/ReshapeGroups.h"

using namespace mlir;

namespace firn::graph {
namespace {

// Elements stay in their order when only the shape changes.
void keepElements(const ShapeInfo &from, ShapeInfo &to) {
  to.hasElements = from.hasElements && to.ranked;
  if (to.hasElements)
    to.elements = from.elements;
}

ShapeInfo reshaped(NodeShapes &s, const ShapeInfo &from, const ShapeInfo &wanted) {
  if (!wanted.hasElements)
    return s.shapeFromElements(wanted);
  Dims sizes = wanted.elements;
  if (s.state.isTracking() && from.ranked)
    settleReshape(s, from.dims, sizes);
  // An element that is not known may be -1 as well.
  std::optional<size_t> open;
  bool isOnlyOne = true;
  Dim rest = 1;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    if (size.mayBeNegative()) {
      isOnlyOne &= !open;
      open = i;
    } else {
      rest = s.times(rest, size);
    }
  }
  ShapeInfo info = ShapeInfo::of({});
  for (Dim size : sizes)
    info.dims.push_back(s.asDim(size));
  if (!from.ranked || !isOnlyOne)
    return info;
  Dim total = s.product(from.dims);
  if (open) {
    if (std::optional<Dim> exact = total.dividedBy(rest); exact && !rest.isConstant(0))
      info.dims[*open] = *exact;
    else if (total.dependsOnTracked() || (total.isConstant() && rest.isConstant()))
      s.conflict(rest, total, /*isProved=*/false);
  } else if (total != rest && (total.isConstant() || total.dependsOnTracked()) &&
             (rest.isConstant() || rest.dependsOnTracked())) {
    s.conflict(rest, total, /*isProved=*/false);
  }
  return info;
}

void reshape(NodeShapes &s) {
  ShapeInfo info = reshaped(s, s.in(0), s.in(1));
  keepElements(s.in(0), info);
  s.out(std::move(info));
}

void expandDims(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked)
    return;
  ShapeInfo info = dimsOnly(from);
  if (std::optional<size_t> axis = s.axis(s.constant(1), from.rank() + 1))
    info.dims.insert(info.dims.begin() + *axis, Dim(1));
  else
    info = s.freshOfRank(from.rank() + 1);
  keepElements(from, info);
  s.out(std::move(info));
}

void squeeze(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  SmallVector<int64_t> listed = s.integers("squeeze_dims");
  if (listed.empty())
    listed = s.integers("axis");
  if (!from.ranked)
    return;
  SmallVector<size_t> axes;
  for (int64_t axis : listed)
    if (std::optional<size_t> known = s.axis(axis, from.rank()))
      axes.push_back(*known);
  if (listed.empty())
    for (size_t i = 0; i < from.rank(); ++i) {
      // A dimension that is not known may be 1; a tracked one is taken not to be.
      if (!from.dims[i].isConstant() && !from.dims[i].isTracked())
        return;
      if (from.dims[i].isConstant(1))
        axes.push_back(i);
    }
  ShapeInfo info = withoutAxes(from, axes, false);
  keepElements(from, info);
  s.out(std::move(info));
}

void transpose(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  std::optional<SmallVector<int64_t>> order = s.constants(1);
  if (!from.ranked)
    return s.out(s.shapeFromElements(s.in(1)).ranked ? s.freshOfRank(s.in(1).elements.size())
                                                     : ShapeInfo());
  if (!order || order->size() != from.rank())
    return s.out(s.freshOfRank(from.rank()));
  ShapeInfo info = ShapeInfo::of({});
  for (int64_t axis : *order) {
    std::optional<size_t> known = s.axis(axis, from.rank());
    info.dims.push_back(known ? from.dims[*known] : s.fresh());
  }
  s.out(std::move(info));
}

// `elements` are [rank, 2]: what is added before and behind each dimension.
ShapeInfo padded(NodeShapes &s, const ShapeInfo &from, const ShapeInfo &paddings, unsigned first) {
  ShapeInfo info = dimsOnly(from);
  for (size_t i = first; i < info.rank(); ++i) {
    size_t at = 2 * (i - first);
    bool isKnown = paddings.hasElements && at + 1 < paddings.elements.size();
    info.dims[i] = isKnown ? s.asDim(s.plus(s.plus(info.dims[i], paddings.elements[at]),
                                            paddings.elements[at + 1]))
                           : s.fresh();
  }
  return info;
}

void pad(NodeShapes &s) {
  if (!s.in(0).ranked) {
    const ShapeInfo &paddings = s.in(1);
    std::optional<int64_t> rank = paddings.hasRank(2) ? paddings.dims[0].constant() : std::nullopt;
    return s.out(rank && *rank <= 16 ? s.freshOfRank(*rank) : ShapeInfo());
  }
  s.out(padded(s, s.in(0), s.in(1), 0));
}

void tile(NodeShapes &s) {
  const ShapeInfo &from = s.in(0), &multiples = s.in(1);
  if (!from.ranked)
    return s.out(s.shapeFromElements(multiples).ranked ? s.freshOfRank(multiples.elements.size())
                                                       : ShapeInfo());
  if (!multiples.hasElements || multiples.elements.size() != from.rank())
    return s.out(s.freshOfRank(from.rank()));
  ShapeInfo info = dimsOnly(from);
  for (auto [dim, multiple] : llvm::zip(info.dims, multiples.elements))
    dim = s.asDim(s.times(dim, multiple));
  s.out(std::move(info));
}

// Space goes to batch by blocks: [b, h, w, …] becomes [b * bh * bw, h / bh, w / bw, …].
void spaceToBatch(NodeShapes &s, const Dims &block, const ShapeInfo &paddings) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked || block.size() >= from.rank())
    return s.out(from.ranked ? s.freshOfRank(from.rank()) : ShapeInfo());
  ShapeInfo info = dimsOnly(from);
  info.dims[0] = s.asDim(s.times(info.dims[0], s.product(block)));
  ShapeInfo wide = padded(s, info, paddings, 1);
  for (size_t i = 0; i < block.size(); ++i)
    info.dims[i + 1] = s.asDim(s.derived(DerivedKind::FloorDivide, wide.dims[i + 1], block[i]));
  s.out(std::move(info));
}

void batchToSpace(NodeShapes &s, const Dims &block, const ShapeInfo &crops) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked || block.size() >= from.rank())
    return s.out(from.ranked ? s.freshOfRank(from.rank()) : ShapeInfo());
  ShapeInfo info = dimsOnly(from);
  info.dims[0] = s.asDim(s.derived(DerivedKind::FloorDivide, info.dims[0], s.product(block)));
  for (size_t i = 0; i < block.size(); ++i) {
    bool isKnown = crops.hasElements && 2 * i + 1 < crops.elements.size();
    Dim size = s.times(info.dims[i + 1], block[i]);
    info.dims[i + 1] =
        isKnown ? s.asDim(s.minus(s.minus(size, crops.elements[2 * i]), crops.elements[2 * i + 1]))
                : s.fresh();
  }
  s.out(std::move(info));
}

// Without a known block only the rank is.
template <void (*Rule)(NodeShapes &, const Dims &, const ShapeInfo &)>
void withBlock(NodeShapes &s) {
  if (s.in(1).hasElements)
    Rule(s, s.in(1).elements, s.in(2));
  else if (s.in(0).ranked)
    s.out(s.freshOfRank(s.in(0).rank()));
}

template <void (*Rule)(NodeShapes &, const Dims &, const ShapeInfo &)>
void withBlockSize(NodeShapes &s) {
  Rule(s, Dims(2, Dim(s.integer("block_size"))), s.in(1));
}

void bitcast(NodeShapes &s) {
  Type from = elementTypeOf(s.node.input(0)), to = s.node.elementType(0);
  bool sameSize = from.isIntOrFloat() && to.isIntOrFloat() &&
                  from.getIntOrFloatBitWidth() == to.getIntOrFloatBitWidth();
  if (sameSize)
    s.out(dimsOnly(s.in(0)));
}

void quantizedReshape(NodeShapes &s) {
  s.out(0, reshaped(s, s.in(0), s.in(1)));
  s.out(1, ShapeInfo::scalar());
  s.out(2, ShapeInfo::scalar());
}

constexpr ShapeRuleEntry kRules[] = {
    {"Reshape", reshape},
    {"QuantizedReshape", quantizedReshape},
    {"ExpandDims", expandDims},
    {"Squeeze", squeeze},
    {"Transpose", transpose},
    {"ConjugateTranspose", transpose},
    {"Pad", pad},
    {"PadV2", pad},
    {"MirrorPad", pad},
    {"Tile", tile},
    {"SpaceToBatchND", withBlock<spaceToBatch>},
    {"BatchToSpaceND", withBlock<batchToSpace>},
    {"SpaceToBatch", withBlockSize<spaceToBatch>},
    {"BatchToSpace", withBlockSize<batchToSpace>},
    {"Bitcast", bitcast},
};

} // namespace

ShapeRules layoutShapeRules() { return kRules; }

} // namespace firn::graph
