// The same elements under another shape, or in another order.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"

using namespace mlir;
using namespace firn::graph;

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

void conjugateTranspose(NodeLowering &n) {
  Tensor input = n.in(0);
  std::optional<SmallVector<int64_t>> permutation = n.constants(1);
  if (!input || !permutation)
    return;
  Tensor moved = n.transpose(input, *permutation);
  if (isComplexType(moved.dtype))
    moved = n.elementwise({moved}, moved.dtype, moved.sizes,
                          [](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
                            return b.create<complex::ConjOp>(x[0].getType(), x[0]);
                          });
  n.give(moved);
}

unsigned widthOf(Type type) { return type.getIntOrFloatBitWidth(); }

// Elements cut into parts of `to`, along a new last dimension; the low bits come first.
Tensor cut(NodeLowering &n, const Tensor &bits, int dtype, unsigned from, unsigned to) {
  Sizes sizes = bits.sizes;
  sizes.push_back(n.size(from / to));
  return n.generate(dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Value whole = NodeLowering::read(b, bits, at.drop_back());
    Value part = b.create<arith::IndexCastOp>(whole.getType(), (placeOf(b, at.back()) * to).value);
    Value shifted = b.create<arith::ShRUIOp>(whole, part);
    return b.create<arith::TruncIOp>(b.getIntegerType(to), shifted);
  });
}

// The reverse: the parts of the last dimension joined.
Tensor glued(NodeLowering &n, const Tensor &bits, int dtype, unsigned from, unsigned to) {
  Sizes sizes(ArrayRef<Size>(bits.sizes).drop_back());
  return n.generate(dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Value all = zeroOf(b, b.getIntegerType(to));
    SmallVector<Value> place(at);
    place.push_back({});
    for (unsigned i = 0; i < to / from; ++i) {
      place.back() = placeOf(b, int64_t(i)).value;
      Value part = b.create<arith::ExtUIOp>(all.getType(), NodeLowering::read(b, bits, place));
      Value by = b.create<arith::ConstantOp>(b.getIntegerAttr(all.getType(), i * from));
      all = b.create<arith::OrIOp>(all, b.create<arith::ShLIOp>(part, by));
    }
    return all;
  });
}

Tensor withBits(NodeLowering &n, const Tensor &x, int dtype) {
  Type type = storageType(n.b.getContext(), dtype);
  if (x.elementType() == type)
    return n.retype(x, dtype);
  return n.elementwise({x}, dtype, x.sizes, [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    return b.create<arith::BitcastOp>(type, v[0]);
  });
}

int integerOfWidth(unsigned bits) {
  return bits == 8 ? DT_INT8 : bits == 16 ? DT_INT16 : bits == 32 ? DT_INT32 : DT_INT64;
}

void bitcast(NodeLowering &n) {
  Tensor x = n.in(0);
  int dtype = n.outDtype();
  Type type = storageType(n.b.getContext(), dtype);
  if (!x)
    return;
  if (!type || isComplexType(dtype) || isComplexType(x.dtype))
    return n.fail("the bits of this dtype");
  unsigned from = widthOf(x.elementType()), to = widthOf(type);
  Tensor bits = withBits(n, x, integerOfWidth(from));
  if (from > to)
    bits = cut(n, bits, integerOfWidth(to), from, to);
  else if (from < to)
    bits = glued(n, bits, integerOfWidth(to), from, to);
  n.give(withBits(n, bits, dtype));
}

const LoweringEntry kLayout[] = {
    {"Bitcast", bitcast},       {"ConjugateTranspose", conjugateTranspose},
    {"ExpandDims", expandDims}, {"Reshape", reshape},
    {"Squeeze", squeeze},       {"Transpose", transpose},
};

} // namespace

Lowerings layoutLowerings() { return kLayout; }

} // namespace firn::kernel
