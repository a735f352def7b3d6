// Integer arithmetic on shapes: computed on sizes, so that what a Reshape or a Tile asks for stays
// a number. Tried before the lowering of the op; what isn't known this way is left to that.
#include "compiler/conversion/graph_to_kernel/ops/ShapeValues.h"

#include "compiler/conversion/graph_to_kernel/ops/StridedSpec.h"
#include "dialects/graph/DataTypes.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

using Elements = std::optional<Sizes>;
using Compute = Elements (*)(NodeLowering &);
using Combine = Size (*)(NodeLowering &, Size, Size);

// Sizes of an input's dimensions where all are constants.
std::optional<SmallVector<int64_t>> constantShape(const ShapeInfo &info) {
  SmallVector<int64_t> shape;
  for (Dim dim : info.dims) {
    if (!dim.isConstant())
      return std::nullopt;
    shape.push_back(*dim.constant());
  }
  return info.ranked ? std::optional(shape) : std::nullopt;
}

template <Combine combine> Elements binary(NodeLowering &n) {
  Elements a = n.elements(0), c = n.elements(1);
  if (!a || !c || (a->size() != c->size() && a->size() != 1 && c->size() != 1))
    return std::nullopt;
  Sizes result;
  size_t count = a->size() == 1 ? c->size() : a->size();
  for (size_t i = 0; i < count; ++i)
    result.push_back(combine(n, (*a)[a->size() == 1 ? 0 : i], (*c)[c->size() == 1 ? 0 : i]));
  return result;
}

Size add(NodeLowering &n, Size a, Size c) { return n.add(a, c); }
Size sub(NodeLowering &n, Size a, Size c) { return n.sub(a, c); }
Size mul(NodeLowering &n, Size a, Size c) { return n.mul(a, c); }
Size max(NodeLowering &n, Size a, Size c) { return n.max(a, c); }
Size min(NodeLowering &n, Size a, Size c) { return n.min(a, c); }

// A divisor that is not known to be positive is left to code that can't trap.
template <Combine combine> Elements quotient(NodeLowering &n) {
  Elements divisors = n.elements(1);
  if (!divisors ||
      llvm::any_of(*divisors, [](Size size) { return constantSize(size).value_or(0) <= 0; }))
    return std::nullopt;
  return binary<combine>(n);
}

Size floorDiv(NodeLowering &n, Size a, Size c) { return n.floorDiv(a, c); }
Size floorMod(NodeLowering &n, Size a, Size c) { return n.floorMod(a, c); }
// Towards zero: the floor of the distance from zero, with its sign again.
Size truncateDiv(NodeLowering &n, Size a, Size c) {
  Size back = n.sub(n.size(0), n.floorDiv(n.sub(n.size(0), a), c));
  return n.choose(n.isNegative(a), back, n.floorDiv(a, c));
}

Elements same(NodeLowering &n) { return n.elements(0); }

Elements cast(NodeLowering &n) {
  Elements elements = n.elements(0);
  if (elements && n.outDtype() == DT_BOOL)
    for (Size &each : *elements)
      each = n.sub(n.size(1), n.isEqual(each, n.size(0)));
  return elements;
}

Elements negated(NodeLowering &n) {
  Elements elements = n.elements(0);
  if (elements)
    for (Size &each : *elements)
      each = n.sub(n.size(0), each);
  return elements;
}

// Of a vector, or of one element, over all of it.
template <Combine combine> Elements reduce(NodeLowering &n) {
  Elements elements = n.elements(0), axes = n.elements(1);
  if (!elements || elements->empty() || !axes || n.shapeRank(0) > 1)
    return std::nullopt;
  if (axes->empty())
    return elements;
  Size all = elements->front();
  for (Size each : ArrayRef<Size>(*elements).drop_front())
    all = combine(n, all, each);
  return Sizes{all};
}

// Inputs `first` to `end` - 1, which are scalars or vectors, one after the other.
Elements joined(NodeLowering &n, unsigned first, unsigned end) {
  Sizes all;
  for (unsigned i = first; i < end; ++i) {
    Elements part = n.elements(i);
    if (!part || n.shapeRank(i) > 1)
      return std::nullopt;
    all.append(*part);
  }
  return all;
}

Elements concat(NodeLowering &n) { return joined(n, 1, n.numInputs()); }
Elements concatV2(NodeLowering &n) { return joined(n, 0, n.numInputs() - 1); }

// Along the first axis; a border of vectors is one.
Elements pack(NodeLowering &n) {
  return n.integer("axis") == 0 ? joined(n, 0, n.numInputs()) : std::nullopt;
}

Elements gather(NodeLowering &n) {
  Elements from = n.elements(0), at = n.elements(1);
  if (!from || !at || n.shapeRank(0) != 1)
    return std::nullopt;
  Sizes picked;
  for (Size place : *at) {
    auto size = static_cast<int64_t>(from->size());
    std::optional<int64_t> index = constantSize(place);
    if (!index || *index < 0 || *index >= size)
      return std::nullopt;
    picked.push_back((*from)[*index]);
  }
  return picked;
}

Elements slice(NodeLowering &n) {
  Elements from = n.elements(0), begin = n.elements(1), count = n.elements(2);
  if (!from || !begin || !count || n.shapeRank(0) != 1)
    return std::nullopt;
  std::optional<int64_t> first = constantSize(begin->front()),
                         length = constantSize(count->front());
  auto size = static_cast<int64_t>(from->size());
  if (!first || !length || *first < 0 || *first > size || *length > size - *first)
    return std::nullopt;
  return Sizes(ArrayRef<Size>(*from).slice(*first, *length < 0 ? size - *first : *length));
}

Elements stridedSlice(NodeLowering &n) {
  Elements from = n.elements(0);
  if (!from || n.shapeRank(0) != 1)
    return std::nullopt;
  std::optional<SliceRange> range = constantRange(n, from->size());
  if (!range)
    return std::nullopt;
  Sizes taken;
  for (int64_t i = 0; i < range->count; ++i)
    taken.push_back((*from)[range->first + i * range->step]);
  return taken;
}

Elements reverse(NodeLowering &n) {
  Elements elements = n.elements(0), axes = n.elements(1);
  if (elements && axes && n.shapeRank(0) == 1 && axes->size() == 1)
    std::reverse(elements->begin(), elements->end());
  return n.shapeRank(0) <= 1 && axes ? elements : std::nullopt;
}

Elements fill(NodeLowering &n) {
  Elements value = n.elements(1);
  std::optional<SmallVector<int64_t>> shape = constantShape(n.outInfo(0));
  if (!value || value->size() != 1 || !shape)
    return std::nullopt;
  return Sizes(ShapedType::getNumElements(*shape), value->front());
}

Elements tile(NodeLowering &n) {
  Elements elements = n.elements(0), times = n.elements(1);
  if (!elements || !times || n.shapeRank(0) != 1 || !constantSize(times->front()))
    return std::nullopt;
  Sizes all;
  for (int64_t i = 0; i < *constantSize(times->front()); ++i)
    all.append(*elements);
  return all;
}

// As the code decides: by the condition where it is constant, by its 0 or 1 otherwise.
Elements select(NodeLowering &n) {
  Elements condition = n.elements(0), yes = n.elements(1), no = n.elements(2);
  if (!condition || condition->size() != 1 || !yes || !no || yes->size() != no->size())
    return std::nullopt;
  Sizes chosen;
  for (auto [a, c] : llvm::zip(*yes, *no))
    chosen.push_back(n.choose(condition->front(), a, c));
  return chosen;
}

// Conditions on sizes, as 0 and 1.
Size equal(NodeLowering &n, Size a, Size c) { return n.isEqual(a, c); }
Size notEqual(NodeLowering &n, Size a, Size c) { return n.sub(n.size(1), n.isEqual(a, c)); }
Size less(NodeLowering &n, Size a, Size c) { return n.isNegative(n.sub(a, c)); }
Size lessEqual(NodeLowering &n, Size a, Size c) {
  return n.sub(n.size(1), n.isNegative(n.sub(c, a)));
}
Size greater(NodeLowering &n, Size a, Size c) { return less(n, c, a); }
Size greaterEqual(NodeLowering &n, Size a, Size c) { return lessEqual(n, c, a); }

Elements range(NodeLowering &n) {
  Elements start = n.elements(0), delta = n.elements(2);
  std::optional<SmallVector<int64_t>> shape = constantShape(n.outInfo(0));
  if (!start || !delta || !shape)
    return std::nullopt;
  Sizes all;
  for (int64_t i = 0; i < shape->front(); ++i)
    all.push_back(n.add(start->front(), n.mul(n.size(i), delta->front())));
  return all;
}

Elements broadcastArgs(NodeLowering &n) {
  Elements a = n.elements(0), c = n.elements(1);
  if (!a || !c)
    return std::nullopt;
  Sizes &wide = a->size() < c->size() ? *c : *a, &narrow = a->size() < c->size() ? *a : *c;
  for (size_t i = 0; i < narrow.size(); ++i) {
    Size &to = wide[wide.size() - narrow.size() + i], from = narrow[i];
    // Of sizes that are not 1 both are the same.
    if (n.isOne(to) || constantSize(from).value_or(1) != 1)
      to = from;
    else if (!n.isOne(from) && constantSize(to).value_or(1) == 1 && to != from)
      to = n.broadcastSize(to, from);
  }
  return wide;
}

const std::pair<StringRef, Compute> kComputations[] = {
    {"Add", binary<add>},
    {"AddV2", binary<add>},
    {"BroadcastArgs", broadcastArgs},
    {"Cast", cast},
    {"Concat", concat},
    {"ConcatV2", concatV2},
    {"Div", quotient<truncateDiv>},
    {"EnsureShape", same},
    {"Equal", binary<equal>},
    {"ExpandDims", same},
    {"Fill", fill},
    {"FloorDiv", quotient<floorDiv>},
    {"FloorMod", quotient<floorMod>},
    {"Gather", gather},
    {"GatherV2", gather},
    {"Greater", binary<greater>},
    {"GreaterEqual", binary<greaterEqual>},
    {"Less", binary<less>},
    {"LessEqual", binary<lessEqual>},
    {"Max", reduce<max>},
    {"Maximum", binary<max>},
    {"Min", reduce<min>},
    {"Minimum", binary<min>},
    {"Mul", binary<mul>},
    {"Neg", negated},
    {"NotEqual", binary<notEqual>},
    {"Pack", pack},
    {"Prod", reduce<mul>},
    {"Range", range},
    {"Reshape", same},
    {"ReverseV2", reverse},
    {"Select", select},
    {"SelectV2", select},
    {"Slice", slice},
    {"Squeeze", same},
    {"StridedSlice", stridedSlice},
    {"Sub", binary<sub>},
    {"Sum", reduce<add>},
    {"Tile", tile},
    {"TruncateDiv", quotient<truncateDiv>},
};

// Unpack and Split of a vector, ConcatOffset: several outputs.
bool giveParts(NodeLowering &n, unsigned input) {
  Elements elements = n.elements(input);
  if (!elements || n.shapeRank(input) != 1)
    return false;
  size_t at = 0;
  for (unsigned i = 0; i < n.node.numOutputs(); ++i) {
    std::optional<SmallVector<int64_t>> shape = constantShape(n.outInfo(i));
    size_t count = shape ? ShapedType::getNumElements(*shape) : elements->size() + 1;
    if (at + count > elements->size())
      return false;
    at += count;
  }
  at = 0;
  for (unsigned i = 0; i < n.node.numOutputs(); ++i) {
    size_t count = ShapedType::getNumElements(*constantShape(n.outInfo(i)));
    n.giveElements(i, Sizes(ArrayRef<Size>(*elements).slice(at, count)));
    at += count;
  }
  return true;
}

bool giveConcatOffsets(NodeLowering &n) {
  Elements axis = n.elements(0);
  if (!axis || !constantSize(axis->front()))
    return false;
  std::vector<Sizes> shapes;
  for (unsigned i = 1; i < n.numInputs(); ++i) {
    Elements shape = n.elements(i);
    if (!shape)
      return false;
    shapes.push_back(*shape);
  }
  int64_t along = *constantSize(axis->front());
  along += along < 0 ? shapes.front().size() : 0;
  Size offset = n.size(0);
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    Sizes start = n.repeated(0, shape.size());
    start[along] = offset;
    offset = n.add(offset, shape[along]);
    n.giveElements(i, start);
  }
  return true;
}

bool isShapeType(int dtype) { return dtype == DT_INT32 || dtype == DT_INT64 || dtype == DT_BOOL; }

bool isSmall(const ShapeInfo &info) {
  std::optional<SmallVector<int64_t>> shape = constantShape(info);
  return shape && ShapedType::getNumElements(*shape) <= ShapeInfo::kMaxElements;
}

} // namespace

static Compute findComputation(StringRef op) {
  static const llvm::StringMap<Compute> table = [] {
    llvm::StringMap<Compute> all;
    for (auto &[name, compute] : kComputations)
      all[name] = compute;
    return all;
  }();
  return table.lookup(op);
}

bool hasShapeValues(StringRef op) {
  return findComputation(op) || op == "ConcatOffset" || op == "Unpack" || op == "SplitV" ||
         op == "Split";
}

bool giveShapeValues(NodeLowering &n) {
  if (n.numInputs() == 0 || !isShapeType(n.outDtype()) || !isSmall(n.outInfo(0)))
    return false;
  for (unsigned i = 0; i < n.numInputs(); ++i)
    if (!isShapeType(n.dtype(i)))
      return false;
  if (n.node.is("ConcatOffset"))
    return giveConcatOffsets(n);
  if (n.node.isOneOf("Unpack", "SplitV"))
    return giveParts(n, 0);
  if (n.node.is("Split"))
    return giveParts(n, 1);
  Compute compute = findComputation(n.node.type());
  if (!compute)
    return false;
  Elements elements = compute(n);
  if (!elements || static_cast<int64_t>(elements->size()) !=
                       ShapedType::getNumElements(*constantShape(n.outInfo(0))))
    return false;
  n.giveElements(0, *elements);
  return true;
}

} // namespace firn::kernel
