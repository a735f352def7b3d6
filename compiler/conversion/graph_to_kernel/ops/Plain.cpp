#include "compiler/conversion/graph_to_kernel/ops/Plain.h"

#include <map>

#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

int plainDtype(int dtype) {
  switch (dtype) {
  case DT_FLOAT:
  case DT_HALF:
  case DT_BFLOAT16:
    return DT_FLOAT;
  case DT_DOUBLE:
    return DT_DOUBLE;
  case DT_BOOL:
  case DT_INT8:
  case DT_UINT8:
  case DT_INT16:
  case DT_UINT16:
  case DT_INT32:
    return DT_INT32;
  case DT_UINT32:
  case DT_INT64:
  case DT_UINT64:
    return DT_INT64;
  case DT_COMPLEX64:
  case DT_COMPLEX128:
    return dtype;
  default:
    return 0;
  }
}

// Unsigned numbers of 64 bits are in order as signed ones when their first bit is turned; their
// sums are the same bits without that.
static Number turned(const Number &x) { return x ^ like(x, -0x1p63); }

Tensor toPlain(NodeLowering &n, const Tensor &x, Use use) {
  if (!x)
    return {};
  int dtype = plainDtype(x.dtype);
  if (!dtype || (isComplexType(dtype) && use == Use::Order)) {
    n.fail("numbers of this dtype");
    return {};
  }
  if (x.dtype == DT_UINT64 && use == Use::Order)
    return map(n, {x}, dtype, x.sizes,
               [=](ArrayRef<Number> v) { return turned(convert(v[0], dtype)); });
  return converted(n, x, dtype);
}

Tensor fromPlain(NodeLowering &n, const Tensor &x, int dtype, Use use) {
  if (x && dtype == DT_UINT64 && use == Use::Order)
    return map(n, {x}, dtype, x.sizes, [](ArrayRef<Number> v) { return turned(v[0]); });
  return converted(n, x, dtype);
}

Tensor clampFromPlain(NodeLowering &n, const Tensor &x, int dtype) {
  if (!x || x.dtype == dtype || dtype == DT_UINT64)
    return fromPlain(n, x, dtype);
  return map(n, {x}, dtype, x.sizes, [=](ArrayRef<Number> v) {
    const Number &number = v[0];
    if (number.isFloat()) {
      double most = dtype == DT_HALF ? 65504 : 0x1.fep127;
      return minimum(maximum(number, -most), most);
    }
    Number least = convert(lowest(*number.b, dtype), number.dtype);
    Number most = convert(highest(*number.b, dtype), number.dtype);
    return minimum(maximum(number, least), most);
  });
}

std::string plainName(StringRef name, const Tensor &x) {
  static const std::map<int, const char *> suffixes = {
      {DT_FLOAT, "_f32"}, {DT_DOUBLE, "_f64"},    {DT_INT32, "_i32"},
      {DT_INT64, "_i64"}, {DT_COMPLEX64, "_c64"}, {DT_COMPLEX128, "_c128"}};
  return name.str() + suffixes.at(x.dtype);
}

Tensor firstOf(NodeLowering &n, const Tensor &x, Size count) {
  if (!x)
    return {};
  Sizes sizes = x.sizes;
  sizes.front() = count;
  return n.slice(x, n.repeated(0, x.rank()), sizes);
}

Size sizeInput(NodeLowering &n, unsigned index, Size bound) {
  if (Size known = n.element(index, 0))
    return known;
  return n.readSize(n.in(index), bound);
}

} // namespace firn::kernel
