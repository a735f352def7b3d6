#include "compiler/conversion/graph_to_kernel/NodeLowering.h"

#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "compiler/transforms/graph/Constants.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

Tensor NodeLowering::tensorOf(Value value) {
  Lowered *lowered = graph.find(value);
  if (!lowered) {
    hasFailed = true; // the node that should have made it was reported
    return {};
  }
  if (!lowered->tensor && lowered->elements) {
    const ShapeInfo &info = graph.shapeOf(value);
    int dtype = numberFromType(elementTypeOf(value)) % kRefOffset;
    Lowered made = *lowered;
    made.tensor = tensorOf(*made.elements, dtype, info.hasRank(0));
    if (info.ranked && info.rank() > 1)
      made.tensor = reshape(made.tensor, llvm::map_to_vector<4>(info.dims, [&](Dim dim) {
                              return size(dim.constant().value_or(1));
                            }));
    graph.set(value, made); // known where it was made
    return made.tensor;
  }
  if (!lowered->tensor)
    fail("a value that is no tensor");
  return lowered->tensor;
}

Tensor NodeLowering::in(unsigned index) { return tensorOf(node.input(index)); }

SmallVector<Tensor> NodeLowering::inputs() {
  SmallVector<Tensor> all;
  for (unsigned i = 0; i < numInputs(); ++i)
    all.push_back(in(i));
  return all;
}

int64_t NodeLowering::shapeRank(unsigned index) const {
  const ShapeInfo &info = graph.shapeOf(node.input(index));
  return info.ranked ? static_cast<int64_t>(info.rank()) : -1;
}

int NodeLowering::dtype(unsigned index) const {
  return numberFromType(elementTypeOf(node.input(index))) % kRefOffset;
}

int NodeLowering::outDtype(unsigned index) const {
  return numberFromType(node.elementType(index)) % kRefOffset;
}

std::optional<Sizes> NodeLowering::elements(unsigned index) {
  return elementsOf(node.input(index));
}

std::optional<Sizes> NodeLowering::elementsOf(Value value) {
  if (Lowered *lowered = graph.find(value); lowered && lowered->elements)
    return lowered->elements;
  const ShapeInfo &info = graph.shapeOf(value);
  if (!info.hasElements || !info.ranked)
    return std::nullopt;
  Sizes sizes;
  for (Dim dim : info.elements) {
    Size size = graph.sizeOf(dim, b);
    if (!size)
      return std::nullopt;
    sizes.push_back(size);
  }
  return sizes;
}

Size NodeLowering::element(unsigned index, int64_t place) {
  if (std::optional<Sizes> all = elements(index))
    return place < static_cast<int64_t>(all->size()) ? (*all)[place] : Size();
  const ShapeInfo &info = graph.shapeOf(node.input(index));
  if (!info.hasElements || place >= static_cast<int64_t>(info.elements.size()))
    return {};
  return graph.sizeOf(info.elements[place], b);
}

std::optional<SmallVector<int64_t>> NodeLowering::constants(unsigned index) {
  if (auto integers = constantIntegers(node.input(index)))
    return integers;
  if (std::optional<Sizes> sizes = elements(index)) {
    SmallVector<int64_t> numbers;
    for (Size size : *sizes)
      if (std::optional<int64_t> number = constantSize(size))
        numbers.push_back(*number);
    if (numbers.size() == sizes->size())
      return numbers;
  }
  fail("expected a constant as input " + Twine(index));
  return std::nullopt;
}

std::optional<int64_t> NodeLowering::constant(unsigned index) {
  auto numbers = constants(index);
  if (!numbers || numbers->size() != 1)
    return std::nullopt;
  return numbers->front();
}

int64_t NodeLowering::integer(StringRef name) const {
  auto attr = attrOrDefault<IntegerAttr>(node, name);
  return attr ? attr.getInt() : 0;
}

double NodeLowering::real(StringRef name) const {
  auto attr = attrOrDefault<FloatAttr>(node, name);
  return attr ? attr.getValueAsDouble() : 0;
}

bool NodeLowering::flag(StringRef name) const {
  auto attr = attrOrDefault<BoolAttr>(node, name);
  return attr && attr.getValue();
}

StringRef NodeLowering::text(StringRef name) const {
  auto attr = attrOrDefault<StringAttr>(node, name);
  return attr ? attr.getValue() : StringRef();
}

int NodeLowering::type(StringRef name) const {
  auto attr = attrOrDefault<TypeAttr>(node, name);
  return attr ? numberFromType(attr.getValue()) : 0;
}

SmallVector<int64_t> NodeLowering::integers(StringRef name) const {
  return integerList(node, name);
}

void NodeLowering::give(unsigned index, Tensor tensor) {
  if (!tensor) {
    hasFailed = true;
    return;
  }
  // Memory is planned before a loop runs.
  if (llvm::any_of(tensor.sizes, [&](Size size) { return graph.dependsOnRound(size); }))
    return fail("a size that changes between iterations");
  graph.set(node.output(index), {std::move(tensor), std::nullopt, std::nullopt});
}

void NodeLowering::handOn(unsigned output, unsigned input) {
  if (Lowered *lowered = graph.find(node.input(input)))
    graph.set(node.output(output), Lowered(*lowered));
  else
    hasFailed = true;
}

const ShapeInfo &NodeLowering::outInfo(unsigned index) const {
  return graph.shapeOf(node.output(index));
}

void NodeLowering::giveElements(unsigned index, Sizes elements) {
  const ShapeInfo &info = graph.shapeOf(node.output(index));
  if (info.hasElements && info.elements.size() == elements.size())
    for (auto [size, dim] : llvm::zip(elements, info.elements))
      size = unified(size, dim);
  graph.set(node.output(index), {Tensor(), std::move(elements), std::nullopt});
}

void NodeLowering::bindSizes(Value value, ArrayRef<Size> sizes) {
  const ShapeInfo &info = graph.shapeOf(value);
  if (!info.hasRank(sizes.size()))
    return;
  for (auto [dim, size] : llvm::zip(info.dims, sizes))
    if (!graph.sizeOf(dim, b))
      graph.bind(dim, size);
}

Sizes NodeLowering::outSizes(unsigned index, ArrayRef<Size> computed) {
  const ShapeInfo &info = graph.shapeOf(node.output(index));
  Sizes sizes(computed);
  if (!info.hasRank(computed.size()))
    return sizes;
  for (auto [size, dim] : llvm::zip(sizes, info.dims))
    size = unified(size, dim);
  return sizes;
}

Size NodeLowering::unified(Size size, Dim dim) {
  if (constantSize(size))
    return size;
  if (Size known = graph.sizeOf(dim, b))
    return known;
  graph.bind(dim, size);
  return size;
}

std::optional<Sizes> NodeLowering::outSizes(unsigned index) {
  const ShapeInfo &info = graph.shapeOf(node.output(index));
  if (!info.ranked) {
    fail("the rank of output " + Twine(index) + " is not known");
    return std::nullopt;
  }
  Sizes sizes;
  for (auto [axis, dim] : llvm::enumerate(info.dims)) {
    Size size = graph.sizeOf(dim, b);
    if (!size) {
      fail("dimension " + Twine(axis) + " of output " + Twine(index) + " depends on data");
      return std::nullopt;
    }
    sizes.push_back(size);
  }
  return sizes;
}

void NodeLowering::fail(const Twine &why) {
  if (!hasFailed)
    graph.unsupported(node, why);
  hasFailed = true;
}

namespace {

int64_t compute(StringRef op, int64_t a, int64_t c) {
  int64_t quotient = c == 0 ? 0 : a / c;
  bool exact = c == 0 || a % c == 0, negative = (a < 0) != (c < 0);
  return llvm::StringSwitch<int64_t>(op)
      .Case("add", a + c)
      .Case("sub", a - c)
      .Case("mul", a * c)
      .Case("floordiv", quotient - (!exact && negative))
      .Case("ceildiv", quotient + (!exact && !negative))
      .Case("floormod", c == 0 ? 0 : a - c * (quotient - (!exact && negative)))
      .Case("max", std::max(a, c))
      .Default(std::min(a, c));
}

Value build(ImplicitLocOpBuilder &b, StringRef op, Value a, Value c) {
  if (op == "add")
    return b.create<arith::AddIOp>(a, c);
  if (op == "sub")
    return b.create<arith::SubIOp>(a, c);
  if (op == "mul")
    return b.create<arith::MulIOp>(a, c);
  if (op == "floordiv")
    return b.create<arith::FloorDivSIOp>(a, c);
  if (op == "ceildiv")
    return b.create<arith::CeilDivSIOp>(a, c);
  if (op == "floormod")
    return b.create<arith::SubIOp>(a,
                                   b.create<arith::MulIOp>(b.create<arith::FloorDivSIOp>(a, c), c));
  if (op == "max")
    return b.create<arith::MaxSIOp>(a, c);
  return b.create<arith::MinSIOp>(a, c);
}

} // namespace

Size NodeLowering::arithmetic(StringRef op, Size a, Size c) {
  std::optional<int64_t> x = constantSize(a), y = constantSize(c);
  if (x && y)
    return size(compute(op, *x, *y));
  return graph.memoized(b, op, a, c, [&]() -> Size { return build(b, op, value(a), value(c)); });
}

Size NodeLowering::add(Size a, Size c) {
  if (constantSize(c) == int64_t(0))
    return a;
  return constantSize(a) == int64_t(0) ? c : arithmetic("add", a, c);
}
Size NodeLowering::sub(Size a, Size c) {
  if (a == c)
    return size(0);
  return constantSize(c) == int64_t(0) ? a : arithmetic("sub", a, c);
}
Size NodeLowering::mul(Size a, Size c) {
  if (isOne(c))
    return a;
  if (constantSize(a) == int64_t(0) || constantSize(c) == int64_t(0))
    return size(0);
  return isOne(a) ? c : arithmetic("mul", a, c);
}
Size NodeLowering::floorDiv(Size a, Size c) { return isOne(c) ? a : arithmetic("floordiv", a, c); }
Size NodeLowering::ceilDiv(Size a, Size c) { return isOne(c) ? a : arithmetic("ceildiv", a, c); }
Size NodeLowering::floorMod(Size a, Size c) {
  return isOne(c) ? size(0) : arithmetic("floormod", a, c);
}
Size NodeLowering::max(Size a, Size c) {
  bool isLeast = constantSize(a) == int64_t(0) && isCount(c);
  if (a == c || (constantSize(c) == int64_t(0) && isCount(a)))
    return a;
  return isLeast ? c : arithmetic("max", a, c);
}
Size NodeLowering::min(Size a, Size c) { return a == c ? a : arithmetic("min", a, c); }

bool NodeLowering::isCount(Size size) const {
  auto value = llvm::dyn_cast_if_present<Value>(size);
  if (!value)
    return constantSize(size).value_or(-1) >= 0;
  Operation *op = value.getDefiningOp();
  if (!op) // of a loop that counts
    return true;
  if (isa<arith::AddIOp, arith::MulIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::MinSIOp>(
          op))
    return llvm::all_of(op->getOperands(), [&](Value operand) { return isCount(operand); });
  if (isa<arith::MaxSIOp>(op))
    return llvm::any_of(op->getOperands(), [&](Value operand) { return isCount(operand); });
  if (auto constant = dyn_cast<arith::ConstantIndexOp>(op))
    return constant.value() >= 0;
  return isa<tensor::DimOp, ReadOp>(op);
}

Size NodeLowering::isNegative(Size a) {
  if (isCount(a))
    return size(0);
  return min(max(sub(size(0), a), size(0)), size(1));
}

Size NodeLowering::inside(Size at, Size length) {
  std::optional<int64_t> place = constantSize(at), count = constantSize(length);
  if (place == int64_t(0) || (place && count && *place > 0 && *place < *count) ||
      graph.isBelow(at, length))
    return at;
  return max(min(at, sub(length, size(1))), size(0));
}

Size NodeLowering::product(ArrayRef<Size> sizes) {
  Size all = size(1);
  for (Size each : sizes)
    all = mul(all, each);
  return all;
}

Value NodeLowering::value(Size size) {
  if (auto known = llvm::dyn_cast<Value>(size))
    return known;
  return b.create<arith::ConstantIndexOp>(*constantSize(size));
}

} // namespace firn::kernel
