// Conversions between dtypes, complex numbers, functions.
#include "compiler/conversion/graph_to_kernel/ScalarMath.h"
#include "compiler/conversion/graph_to_kernel/Tensors.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

int partType(int dtype) { return dtype == DT_COMPLEX128 ? DT_DOUBLE : DT_FLOAT; }

template <typename Op> Number cast(const Number &x, int dtype) {
  Type type = storageType(x.b->getContext(), dtype);
  return {x.b, x.b->createOrFold<Op>(type, x.value), dtype};
}

Number floatToFloat(const Number &x, int dtype) {
  if (x.isShort() && dtype != DT_FLOAT)
    return floatToFloat(cast<arith::ExtFOp>(x, DT_FLOAT), dtype);
  unsigned to = storageType(x.b->getContext(), dtype).getIntOrFloatBitWidth();
  if (to == x.bits())
    return x;
  if (to > x.bits())
    return cast<arith::ExtFOp>(x, dtype);
  return to == 16 && x.bits() == 64
             ? cast<arith::TruncFOp>(cast<arith::TruncFOp>(x, DT_FLOAT), dtype)
             : cast<arith::TruncFOp>(x, dtype);
}

Number integerToInteger(const Number &x, int dtype) {
  unsigned to = storageType(x.b->getContext(), dtype).getIntOrFloatBitWidth();
  if (to == x.bits())
    return {x.b, x.value, dtype};
  if (to < x.bits())
    return cast<arith::TruncIOp>(x, dtype);
  return x.isUnsigned() ? cast<arith::ExtUIOp>(x, dtype) : cast<arith::ExtSIOp>(x, dtype);
}

Number integerToFloat(const Number &x, int dtype) {
  if (dtype == DT_HALF || dtype == DT_BFLOAT16)
    return floatToFloat(integerToFloat(x, DT_FLOAT), dtype);
  return x.isUnsigned() ? cast<arith::UIToFPOp>(x, dtype) : cast<arith::SIToFPOp>(x, dtype);
}

// As the processor does it, in a register of 32 or 64 bits; what does not fit is its smallest
// number. The instruction of LLVM leaves that open, so it gets only what fits.
Number toRegister(const Number &x, int dtype) {
  double bound = dtype == DT_INT32 ? 0x1p31 : 0x1p63;
  Truth fits = x >= -bound && x < bound;
  Number number = cast<arith::FPToSIOp>(choose(fits, x, like(x, 0)), dtype);
  return choose(fits, number, like(number, -bound));
}

Number floatToInteger(const Number &x, int dtype) {
  if (x.isShort())
    return floatToInteger(widened(x), dtype);
  unsigned to = storageType(x.b->getContext(), dtype).getIntOrFloatBitWidth();
  int wide = to < 32 || dtype == DT_INT32 || dtype == DT_QINT32 ? DT_INT32 : DT_INT64;
  Number number = toRegister(x, wide);
  if (dtype == DT_UINT64) {
    Number upper = toRegister(x - 0x1p63, DT_INT64) ^ like(number, -0x1p63);
    number = choose(x >= 0x1p63 && x < 0x1p64, upper, number);
  }
  return integerToInteger(number, dtype);
}

} // namespace

Number convert(const Number &x, int dtype) {
  if (x.dtype == dtype)
    return x;
  if (isComplexType(dtype)) {
    int part = partType(dtype);
    if (x.isComplex())
      return complexOf(convert(real(x), part), convert(imag(x), part));
    return complexOf(convert(x, part), constantOf(*x.b, part, 0));
  }
  if (x.isComplex())
    return convert(real(x), dtype);
  if (dtype == DT_BOOL)
    return byteOf(x != 0);
  if (x.isFloat())
    return isFloatType(dtype) ? floatToFloat(x, dtype) : floatToInteger(x, dtype);
  return isFloatType(dtype) ? integerToFloat(x, dtype) : integerToInteger(x, dtype);
}

Number fromIndex(ImplicitLocOpBuilder &b, Value index, int dtype) {
  Number number{&b, b.create<arith::IndexCastOp>(b.getI64Type(), index), DT_INT64};
  return convert(number, dtype);
}

Number bitsOf(const Number &x) {
  int dtype = x.bits() == 64 ? DT_INT64 : x.bits() == 32 ? DT_INT32 : DT_INT16;
  return cast<arith::BitcastOp>(x, dtype);
}

Number fromBits(const Number &bits, int dtype) {
  return isFloatType(dtype) ? cast<arith::BitcastOp>(bits, dtype)
                            : Number{bits.b, bits.value, dtype};
}

Number real(const Number &x) {
  return {x.b, x.b->createOrFold<complex::ReOp>(x.value), partType(x.dtype)};
}
Number imag(const Number &x) {
  return {x.b, x.b->createOrFold<complex::ImOp>(x.value), partType(x.dtype)};
}
Number complexOf(const Number &re, const Number &im) {
  int dtype = re.dtype == DT_DOUBLE ? DT_COMPLEX128 : DT_COMPLEX64;
  Type type = storageType(re.b->getContext(), dtype);
  return {re.b, re.b->create<complex::CreateOp>(type, re.value, im.value), dtype};
}
Number conj(const Number &x) { return x.isComplex() ? complexOf(real(x), -imag(x)) : x; }
Number arg(const Number &x) { return atan2(imag(x), real(x)); }

namespace {

template <typename Op> Number function(const Number &x) {
  Number wide = widened(x);
  return convert({x.b, x.b->create<Op>(wide.value), wide.dtype}, x.dtype);
}
template <typename Op> Number function(const Number &x, const Number &y) {
  Number a = widened(x), b = widened(y);
  return convert({x.b, x.b->create<Op>(a.value, b.value), a.dtype}, x.dtype);
}

/// Complex functions by formulas in double precision, which are good enough for floats near the
/// places where they cancel digits.
template <typename Op> Number function(const Number &x, Number (*formula)(const Number &)) {
  return x.isComplex() ? convert(formula(convert(x, DT_COMPLEX128)), x.dtype) : function<Op>(x);
}

Number timesI(const Number &x) { return complexOf(-imag(x), real(x)); }

Number complexSqrt(const Number &x) {
  Number half = abs(x) * 0.5, re = sqrt(maximum(half + real(x) * 0.5, 0)),
         im = sqrt(maximum(half - real(x) * 0.5, 0));
  return complexOf(re, copySign(im, imag(x)));
}
Number complexExp(const Number &x) {
  Number size = exp(real(x));
  return complexOf(choose(imag(x) == 0, size, size * cos(imag(x))), // inf * 0 is none
                   choose(imag(x) == 0, imag(x), size * sin(imag(x))));
}
// Without cancellation in the real part.
Number complexExpm1(const Number &x) {
  Number half = sin(imag(x) * 0.5);
  return complexOf(expm1(real(x)) * cos(imag(x)) - half * half * 2, exp(real(x)) * sin(imag(x)));
}
Number complexLog(const Number &x) { return complexOf(log(abs(x)), arg(x)); }
// |1 + x|² - 1, without cancellation.
Number complexLog1p(const Number &x) {
  return complexOf(log1p(real(x) * (real(x) + 2) + imag(x) * imag(x)) * 0.5,
                   atan2(imag(x), real(x) + 1));
}
Number complexSinh(const Number &x) {
  return complexOf(sinh(real(x)) * cos(imag(x)), cosh(real(x)) * sin(imag(x)));
}
Number complexCosh(const Number &x) {
  return complexOf(cosh(real(x)) * cos(imag(x)), sinh(real(x)) * sin(imag(x)));
}
// Where e^2|x| is beyond the digits, the result is 1 or -1.
Number complexTanh(const Number &x) {
  Number re = minimum(maximum(real(x), -20), 20) * 2, im = imag(x) * 2;
  Number below = cosh(re) + cos(im);
  return complexOf(sinh(re) / below, sin(im) / below);
}
Number complexSin(const Number &x) { return -timesI(complexSinh(timesI(x))); }
Number complexCos(const Number &x) { return complexCosh(timesI(x)); }
Number complexTan(const Number &x) { return -timesI(complexTanh(timesI(x))); }

// By the products that keep the branches apart: sqrt(1 - x), sqrt(1 + x).
Number complexAsin(const Number &x) {
  Number below = complexSqrt(like(x, 1) - x), above = complexSqrt(x + 1);
  Number re = atan2(real(x), real(below * above));
  Number product = conj(below) * above;
  return complexOf(re, function<math::AsinhOp>(imag(product)));
}
Number complexAcos(const Number &x) {
  Number below = complexSqrt(like(x, 1) - x), above = complexSqrt(x + 1);
  return complexOf(atan2(real(below), real(above)) * 2,
                   function<math::AsinhOp>(imag(conj(above) * below)));
}
Number complexAsinh(const Number &x) { return -timesI(complexAsin(timesI(x))); }
Number complexAcosh(const Number &x) {
  Number below = complexSqrt(x - 1), above = complexSqrt(x + 1);
  return complexOf(function<math::AsinhOp>(real(conj(below) * above)),
                   atan2(imag(below), real(above)) * 2);
}
Number complexAtanh(const Number &x) {
  Number re = real(x), im = imag(x), far = re + 1, near = 1 - re;
  Number squares = im * im;
  Number real = log1p(re * 4 / (near * near + squares)) * 0.25;
  return complexOf(real, atan2(im * 2, near * far - squares) * 0.5);
}
Number complexAtan(const Number &x) { return -timesI(complexAtanh(timesI(x))); }

} // namespace

Number sqrt(const Number &x) { return function<math::SqrtOp>(x, complexSqrt); }
Number exp(const Number &x) { return function<math::ExpOp>(x, complexExp); }
Number expm1(const Number &x) { return function<math::ExpM1Op>(x, complexExpm1); }
Number log(const Number &x) { return function<math::LogOp>(x, complexLog); }
Number log1p(const Number &x) { return function<math::Log1pOp>(x, complexLog1p); }
Number sin(const Number &x) { return function<math::SinOp>(x, complexSin); }
Number cos(const Number &x) { return function<math::CosOp>(x, complexCos); }
Number tan(const Number &x) { return function<math::TanOp>(x, complexTan); }
Number asin(const Number &x) { return function<math::AsinOp>(x, complexAsin); }
Number acos(const Number &x) { return function<math::AcosOp>(x, complexAcos); }
Number atan(const Number &x) { return function<math::AtanOp>(x, complexAtan); }
Number sinh(const Number &x) { return function<math::SinhOp>(x, complexSinh); }
Number cosh(const Number &x) { return function<math::CoshOp>(x, complexCosh); }
Number tanh(const Number &x) { return function<math::TanhOp>(x, complexTanh); }
Number asinh(const Number &x) { return function<math::AsinhOp>(x, complexAsinh); }
Number acosh(const Number &x) { return function<math::AcoshOp>(x, complexAcosh); }
Number atanh(const Number &x) { return function<math::AtanhOp>(x, complexAtanh); }
Number erf(const Number &x) { return function<math::ErfOp>(x); }
Number atan2(const Number &y, const Number &x) { return function<math::Atan2Op>(y, x); }

Number pow(const Number &x, const Number &y) {
  if (!x.isComplex())
    return function<math::PowFOp>(x, y);
  Number power = exp(y * log(x)), zero = like(x, 0);
  return choose(y == zero, like(x, 1), choose(x == zero, zero, power));
}

Number callMath(StringRef name, ArrayRef<Number> operands) {
  const Number &first = operands.front();
  if (first.isShort()) {
    SmallVector<Number> wide(llvm::map_range(operands, widened));
    return convert(callMath(name, wide), first.dtype);
  }
  SmallVector<Value> values;
  for (const Number &operand : operands)
    values.push_back(operand.value);
  std::string symbol = ("firn_" + name + (first.dtype == DT_DOUBLE ? "_f64" : "_f32")).str();
  auto call = first.b->create<func::CallOp>(symbol, first.value.getType(), values);
  return {first.b, call.getResult(0), first.dtype};
}

} // namespace firn::kernel
