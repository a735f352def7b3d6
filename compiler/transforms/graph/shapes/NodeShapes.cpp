#include "compiler/transforms/graph/shapes/NodeShapes.h"

#include "compiler/transforms/graph/shapes/BlockShapes.h"

using namespace mlir;

namespace firn::graph {

// Fresh symbols are numbered from 0, those that belong to a key from here.
static constexpr unsigned kKeyed = 1u << 20;
// The key of items of lists.
static constexpr unsigned kItemKey = 1u << 18;

const ShapeInfo &NodeShapes::in(unsigned index) const {
  static const ShapeInfo unknown;
  return isReached(index) ? *inputs[index] : unknown;
}

void NodeShapes::out(unsigned index, ShapeInfo info) {
  if (index >= outputs.size())
    return;
  // Elements stand for a tensor that is small enough only.
  if (info.hasElements && info.elements.size() > ShapeInfo::kMaxElements) {
    info.hasElements = false;
    info.elements.clear();
  }
  outputs[index] = std::move(info);
}

int64_t NodeShapes::integer(StringRef name, int64_t fallback) const {
  auto attr = node.attr<IntegerAttr>(name);
  return attr ? attr.getValue().sextOrTrunc(64).getSExtValue() : fallback;
}

bool NodeShapes::flag(StringRef name, bool fallback) const {
  auto attr = node.attr<BoolAttr>(name);
  return attr ? attr.getValue() : fallback;
}

StringRef NodeShapes::text(StringRef name, StringRef fallback) const {
  auto attr = node.attr<StringAttr>(name);
  return attr ? attr.getValue() : fallback;
}

SmallVector<int64_t> NodeShapes::integers(StringRef name) const {
  auto attr = node.attr<DenseI64ArrayAttr>(name);
  return attr ? SmallVector<int64_t>(attr.asArrayRef()) : SmallVector<int64_t>();
}

ShapeInfo NodeShapes::shapeOf(Attribute attr, bool isOrigin) {
  auto shape = dyn_cast_or_null<ShapeAttr>(attr);
  if (!shape || shape.getUnknownRank())
    return {};
  ShapeInfo info = ShapeInfo::of({});
  for (auto [index, dim] : llvm::enumerate(shape.getDims())) {
    if (dim < 0)
      info.dims.push_back(fresh());
    else if (isOrigin && state.isTracking())
      info.dims.push_back(state.stamped(
          dim, {Origin::Attribute, nullptr, node.operation(), static_cast<unsigned>(index)}));
    else
      info.dims.push_back(dim);
  }
  return info;
}

ShapeInfo NodeShapes::shape(StringRef name, bool isOrigin) {
  return shapeOf(node.attr(name), isOrigin);
}

ShapeInfo NodeShapes::listedShape(StringRef name, unsigned index) {
  auto list = node.attr<ArrayAttr>(name);
  return list && index < list.size() ? shapeOf(list[index]) : ShapeInfo();
}

Dim NodeShapes::fresh() { return state.symbol(node.operation(), symbolsMade++, 0); }

Dim NodeShapes::freshInteger() {
  return state.symbol(node.operation(), symbolsMade++, Dim::kAnyInteger);
}

ShapeInfo NodeShapes::freshOfRank(size_t rank) {
  ShapeInfo info = ShapeInfo::of({});
  for (size_t i = 0; i < rank; ++i)
    info.dims.push_back(fresh());
  return info;
}

Dim NodeShapes::asDim(Dim element) { return element.mayBeNegative() ? fresh() : element; }

ShapeInfo NodeShapes::shapeFromElements(const ShapeInfo &elements) {
  if (!elements.hasElements) {
    // The length of the vector is the rank.
    std::optional<int64_t> rank =
        elements.hasRank(1) ? elements.dims[0].constant() : std::optional<int64_t>();
    return rank && *rank <= ShapeInfo::kMaxElements ? freshOfRank(*rank) : ShapeInfo();
  }
  ShapeInfo info = ShapeInfo::of({});
  for (Dim element : elements.elements)
    info.dims.push_back(asDim(element));
  return info;
}

Dim NodeShapes::product(ArrayRef<Dim> dims) {
  Dim result = 1;
  for (Dim dim : dims)
    result = times(result, dim);
  return result;
}

void NodeShapes::conflict(Dim written, Dim other, bool isProved) {
  conflicts.push_back({node, written, other, isProved});
}

Dim NodeShapes::same(Dim a, Dim b) {
  if (a == b)
    return a.origin() ? a : b;
  if (b.isConstant())
    std::swap(a, b);
  if (!a.isConstant())
    return b.isTracked() ? b : a;
  if (b.isConstant() || b.dependsOnTracked())
    conflict(a, b);
  return b.dependsOnTracked() ? b : a;
}

ShapeInfo NodeShapes::same(const ShapeInfo &a, const ShapeInfo &b) {
  if (!a.ranked || !b.ranked)
    return a.ranked ? a : b;
  if (a.rank() != b.rank())
    return {};
  ShapeInfo info = ShapeInfo::of({});
  for (auto [x, y] : llvm::zip(a.dims, b.dims))
    info.dims.push_back(same(x, y));
  return info;
}

Dim NodeShapes::broadcast(Dim a, Dim b) {
  if (a.isConstant(1) || b.isConstant(1))
    return a.isConstant(1) ? b : a;
  if (a == b || a.isConstant() || b.isConstant() || a.isTracked() || b.isTracked())
    return same(a, b);
  return fresh();
}

ShapeInfo NodeShapes::broadcast(const ShapeInfo &a, const ShapeInfo &b) {
  if (!a.ranked || !b.ranked)
    return {};
  const ShapeInfo &longer = a.rank() >= b.rank() ? a : b;
  const ShapeInfo &shorter = a.rank() >= b.rank() ? b : a;
  ShapeInfo info = ShapeInfo::of(longer.dims);
  size_t skipped = longer.rank() - shorter.rank();
  for (size_t i = 0; i < shorter.rank(); ++i)
    info.dims[skipped + i] = broadcast(longer.dims[skipped + i], shorter.dims[i]);
  return info;
}

Dim NodeShapes::join(Dim a, Dim b, unsigned key) {
  if (a == b)
    return a.isIdentical(b) ? a : a.withOrigin(0);
  if (a.isConstant())
    std::swap(a, b);
  // A round of a loop that begins with the constant goes on with what is tracked.
  if (a.isTracked() && b.isConstant() && state.writtenValue(a) == b.coefficient()) {
    conflict(b, a);
    return a;
  }
  uint32_t flags = a.mayBeNegative() || b.mayBeNegative() ? Dim::kAnyInteger : 0;
  if (a.dependsOnTracked() || b.dependsOnTracked())
    flags |= Dim::kFromTracked;
  return state.symbol(node.operation(), kKeyed + key, flags);
}

ShapeInfo NodeShapes::join(const ShapeInfo &a, const ShapeInfo &b, unsigned key) {
  constexpr unsigned kKeysOfOne = 2 * ShapeInfo::kMaxElements;
  key *= kKeysOfOne;
  ShapeInfo info;
  info.array = a.array == b.array ? a.array : nullptr;
  if (a.list && b.list) {
    auto list = std::make_shared<ListInfo>();
    // What comes round a loop was written, and says more than what the list was made with.
    list->item = sameItem(b.list->item, a.list->item);
    list->length = join(a.list->length, b.list->length, key + kKeysOfOne - 1);
    info.list = list;
  }
  if (!a.ranked || !b.ranked || a.rank() != b.rank() || a.rank() > ShapeInfo::kMaxElements)
    return info;
  info.ranked = true;
  for (size_t i = 0; i < a.rank(); ++i)
    info.dims.push_back(join(a.dims[i], b.dims[i], key + i));
  info.hasElements = a.hasElements && b.hasElements && a.elements.size() == b.elements.size();
  for (size_t i = 0; info.hasElements && i < a.elements.size(); ++i) {
    // Elements that differ between rounds count something.
    Dim x = a.elements[i], y = b.elements[i];
    bool differs = x != y && !x.isTracked() && !y.isTracked();
    info.elements.push_back(differs ? state.symbol(node.operation(),
                                                   kKeyed + key + ShapeInfo::kMaxElements + i,
                                                   Dim::kAnyInteger)
                                    : join(x, y, key + ShapeInfo::kMaxElements + i));
  }
  return info;
}

std::optional<SmallVector<int64_t>> NodeShapes::constants(unsigned input) const {
  const ShapeInfo &info = in(input);
  if (!info.hasElements ||
      !llvm::all_of(info.elements, [](Dim element) { return element.isConstant(); }))
    return std::nullopt;
  SmallVector<int64_t> values;
  for (Dim element : info.elements)
    values.push_back(element.coefficient());
  return values;
}

std::optional<int64_t> NodeShapes::constant(unsigned input) const {
  const ShapeInfo &info = in(input);
  return info.hasElements && info.elements.size() == 1 ? info.elements[0].constant()
                                                       : std::optional<int64_t>();
}

std::optional<size_t> NodeShapes::axis(std::optional<int64_t> value, size_t rank) {
  int64_t signedRank = static_cast<int64_t>(rank);
  if (!value || *value < -signedRank || *value >= signedRank)
    return std::nullopt;
  return *value < 0 ? *value + signedRank : *value;
}

StringRef NodeShapes::function(StringRef attr) const {
  auto function = node.attr<FuncAttr>(attr);
  return function ? function.getName().getValue() : StringRef();
}

std::optional<Infos> NodeShapes::call(StringRef function, unsigned slot, ArrayRef<ShapeInfo> args) {
  return block.call(node, function, slot, args);
}

ShapeInfo NodeShapes::sameItem(const ShapeInfo &a, const ShapeInfo &b) {
  if (!a.ranked || !b.ranked)
    return a.ranked ? a : b;
  if (a.rank() != b.rank())
    return {};
  ShapeInfo info = ShapeInfo::of({});
  for (auto [i, x, y] : llvm::enumerate(a.dims, b.dims)) {
    bool isKnown = !x.isConstant() && !y.isConstant();
    info.dims.push_back(isKnown || x == y || x.dependsOnTracked() || y.dependsOnTracked()
                            ? same(x, y)
                        : x.isConstant() && y.isConstant() ? join(x, y, kItemKey + i)
                        : x.isConstant()                   ? x
                                                           : y);
  }
  return info;
}

const ListInfo *NodeShapes::readArray(const ShapeInfo &handle) {
  return block.readArray(handle.array, node);
}

void NodeShapes::makeArray(ShapeInfo item, Dim length) {
  block.makeArray(node, std::move(item), length);
}

void NodeShapes::writeArray(const ShapeInfo &handle, const ShapeInfo &item) {
  block.writeArray(handle.array, *this, item);
}

} // namespace firn::graph
