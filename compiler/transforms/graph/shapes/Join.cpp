// Tensors put together and taken apart.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

// The elements of vectors one behind the other; of a short one that is not known, symbols.
void joinElements(NodeShapes &s, unsigned first, unsigned count, ShapeInfo &info) {
  std::optional<int64_t> length = info.hasRank(1) ? info.dims[0].constant() : std::nullopt;
  if (!length || *length > ShapeInfo::kMaxElements)
    return;
  info.hasElements = true;
  for (unsigned i = first; i < first + count; ++i) {
    const ShapeInfo &part = s.in(i);
    if (part.hasElements) {
      llvm::append_range(info.elements, part.elements);
      continue;
    }
    for (int64_t k = 0; k < part.dims[0].coefficient(); ++k)
      info.elements.push_back(s.freshInteger());
  }
}

void concat(NodeShapes &s, unsigned first, unsigned count, unsigned axisInput) {
  // The rank is that of any input whose rank is known.
  std::optional<size_t> rank;
  for (unsigned i = first; i < first + count; ++i)
    if (s.in(i).ranked)
      rank = s.in(i).rank();
  if (!rank || *rank == 0)
    return;
  std::optional<size_t> axis = s.axis(s.constant(axisInput), *rank);
  if (!axis)
    return s.out(s.freshOfRank(*rank));
  ShapeInfo info;
  Dim length = 0;
  bool isLengthKnown = true;
  for (unsigned i = first; i < first + count; ++i) {
    ShapeInfo part = dimsOnly(s.in(i));
    if (!part.hasRank(*rank)) {
      isLengthKnown = false;
      continue;
    }
    length = s.plus(length, part.dims[*axis]);
    part.dims[*axis] = 1;
    info = info.ranked ? s.same(info, part) : part;
  }
  info.dims[*axis] = isLengthKnown ? length : s.fresh();
  if (isLengthKnown)
    joinElements(s, first, count, info);
  s.out(std::move(info));
}

void concatFirst(NodeShapes &s) { concat(s, 1, s.integer("N", s.numInputs() - 1), 0); }
void concatLast(NodeShapes &s) { concat(s, 0, s.numInputs() - 1, s.numInputs() - 1); }

void concatOffset(NodeShapes &s) {
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, dimsOnly(s.in(1)));
}

void pack(NodeShapes &s) {
  ShapeInfo item;
  for (unsigned i = 0; i < s.numInputs(); ++i)
    item = s.same(item, dimsOnly(s.in(i)));
  if (!item.ranked)
    return;
  std::optional<size_t> axis = s.axis(s.integer("axis"), item.rank() + 1);
  if (!axis)
    return;
  ShapeInfo info = item;
  info.dims.insert(info.dims.begin() + *axis, Dim(s.numInputs()));
  if (item.rank() == 0 && isa<IntegerType>(s.node.elementType(0)) &&
      s.numInputs() <= ShapeInfo::kMaxElements) {
    info.hasElements = true;
    for (unsigned i = 0; i < s.numInputs(); ++i)
      info.elements.push_back(s.in(i).hasElements ? s.in(i).elements[0] : s.freshInteger());
  }
  s.out(std::move(info));
}

void parallelConcat(NodeShapes &s) { s.out(s.shape("shape")); }

void unpack(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked || from.rank() == 0)
    return;
  std::optional<size_t> axis = s.axis(s.integer("axis"), from.rank());
  if (!axis)
    return;
  s.same(from.dims[*axis], Dim(s.numOutputs()));
  ShapeInfo item = withoutAxes(from, {*axis}, false);
  for (unsigned i = 0; i < s.numOutputs(); ++i) {
    ShapeInfo part = item;
    if (from.hasElements && item.rank() == 0 && i < from.elements.size())
      part = ShapeInfo::element(from.elements[i]);
    s.out(i, std::move(part));
  }
}

void splitInto(NodeShapes &s, const ShapeInfo &from, unsigned axisInput,
               llvm::function_ref<Dim(Dim, unsigned)> sizeOf) {
  if (!from.ranked)
    return;
  std::optional<size_t> axis = s.axis(s.constant(axisInput), from.rank());
  int64_t begin = 0;
  for (unsigned i = 0; i < s.numOutputs(); ++i) {
    ShapeInfo part = axis ? dimsOnly(from) : s.freshOfRank(from.rank());
    if (axis)
      part.dims[*axis] = sizeOf(from.dims[*axis], i);
    std::optional<int64_t> size = axis ? part.dims[*axis].constant() : std::nullopt;
    if (from.hasElements && size && from.rank() == 1 && begin >= 0 &&
        begin + *size <= static_cast<int64_t>(from.elements.size())) {
      part.hasElements = true;
      part.elements.assign(from.elements.begin() + begin, from.elements.begin() + begin + *size);
      begin += *size;
    }
    s.out(i, std::move(part));
  }
}

void split(NodeShapes &s) {
  Dim parts(s.numOutputs());
  splitInto(s, s.in(1), 0, [&](Dim whole, unsigned) {
    if (whole.dependsOnTracked() && !whole.dividedBy(parts))
      s.conflict(parts, whole, /*isProved=*/false);
    return s.derived(DerivedKind::FloorDivide, whole, parts);
  });
}

// A size of -1 takes what the others leave.
void splitSizes(NodeShapes &s) {
  const ShapeInfo &sizes = s.in(1);
  splitInto(s, s.in(0), 2, [&](Dim whole, unsigned i) {
    if (!sizes.hasElements || i >= sizes.elements.size())
      return s.fresh();
    if (!sizes.elements[i].isConstant(-1))
      return s.numOutputs() == 1 ? s.same(s.asDim(sizes.elements[i]), whole)
                                 : s.asDim(sizes.elements[i]);
    for (auto [k, size] : llvm::enumerate(sizes.elements))
      if (k != i)
        whole = s.minus(whole, size);
    return s.asDim(whole);
  });
}

constexpr ShapeRuleEntry kRules[] = {
    {"Concat", concatFirst},
    {"ConcatV2", concatLast},
    {"ConcatOffset", concatOffset},
    {"Pack", pack},
    {"ParallelConcat", parallelConcat},
    {"Unpack", unpack},
    {"Split", split},
    {"SplitV", splitSizes},
};

} // namespace

ShapeRules joinShapeRules() { return kRules; }

} // namespace firn::graph
