#include "compiler/conversion/graph_to_kernel/ScalarMath.h"

#include "compiler/conversion/graph_to_kernel/Tensors.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

bool Number::isFloat() const { return isFloatType(dtype); }
bool Number::isComplex() const { return isComplexType(dtype); }
bool Number::isUnsigned() const { return isUnsignedType(dtype); }
bool Number::isShort() const { return dtype == DT_HALF || dtype == DT_BFLOAT16; }

unsigned Number::bits() const {
  Type type = value.getType();
  if (auto parts = dyn_cast<ComplexType>(type))
    type = parts.getElementType();
  return type.getIntOrFloatBitWidth();
}

bool Number::isKnown() const {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  if (!constant)
    return false;
  auto number = dyn_cast<FloatAttr>(constant.getValue());
  return !number || !number.getValue().isNaN();
}

Number constantOf(ImplicitLocOpBuilder &b, int dtype, double number) {
  Type type = storageType(b.getContext(), dtype);
  if (auto parts = dyn_cast<ComplexType>(type)) {
    Value real = b.create<arith::ConstantOp>(
        b.getFloatAttr(cast<FloatType>(parts.getElementType()), number));
    Value none =
        b.create<arith::ConstantOp>(b.getFloatAttr(cast<FloatType>(parts.getElementType()), 0));
    return {&b, b.create<complex::CreateOp>(type, real, none), dtype};
  }
  TypedAttr value;
  if (isa<FloatType>(type))
    value = b.getFloatAttr(type, number);
  else
    value =
        b.getIntegerAttr(type, number < 0 ? static_cast<int64_t>(number)
                                          : static_cast<int64_t>(static_cast<uint64_t>(number)));
  return {&b, b.create<arith::ConstantOp>(value), dtype};
}

static Number limit(ImplicitLocOpBuilder &b, int dtype, bool isLowest) {
  if (isFloatType(dtype))
    return constantOf(b, dtype,
                      isLowest ? -std::numeric_limits<double>::infinity()
                               : std::numeric_limits<double>::infinity());
  Type type = storageType(b.getContext(), dtype);
  unsigned width = type.getIntOrFloatBitWidth();
  llvm::APInt value = isUnsignedType(dtype) ? (isLowest ? llvm::APInt::getMinValue(width)
                                                        : llvm::APInt::getMaxValue(width))
                      : isLowest            ? llvm::APInt::getSignedMinValue(width)
                                            : llvm::APInt::getSignedMaxValue(width);
  return {&b, b.create<arith::ConstantOp>(b.getIntegerAttr(type, value)), dtype};
}
Number lowest(ImplicitLocOpBuilder &b, int dtype) { return limit(b, dtype, true); }
Number highest(ImplicitLocOpBuilder &b, int dtype) { return limit(b, dtype, false); }

Number like(const Number &x, double number) { return constantOf(*x.b, x.dtype, number); }

namespace {

Number made(const Number &like, Value value) { return {like.b, value, like.dtype}; }

Number narrowed(const Number &x, int dtype) { return convert(x, dtype); }

template <typename FloatOp, typename IntegerOp>
Number arithmetic(const Number &x, const Number &y) {
  if (x.isShort())
    return narrowed(arithmetic<FloatOp, IntegerOp>(widened(x), widened(y)), x.dtype);
  if (x.isFloat())
    return made(x, x.b->createOrFold<FloatOp>(x.value, y.value));
  return made(x, x.b->createOrFold<IntegerOp>(x.value, y.value));
}

template <typename Op> Number floatFunction(const Number &x) {
  if (x.isShort())
    return narrowed(floatFunction<Op>(widened(x)), x.dtype);
  return made(x, x.b->createOrFold<Op>(x.value));
}

/// Of floats; integers stay.
template <typename Op> Number rounding(const Number &x) {
  return x.isFloat() ? floatFunction<Op>(x) : x;
}

Truth compare(const Number &x, const Number &y, arith::CmpFPredicate floats,
              arith::CmpIPredicate signedIntegers, arith::CmpIPredicate unsignedIntegers) {
  if (x.isShort())
    return compare(widened(x), widened(y), floats, signedIntegers, unsignedIntegers);
  if (x.isFloat())
    return {x.b, x.b->createOrFold<arith::CmpFOp>(floats, x.value, y.value)};
  auto integers = x.isUnsigned() ? unsignedIntegers : signedIntegers;
  return {x.b, x.b->createOrFold<arith::CmpIOp>(integers, x.value, y.value)};
}

// One by which any number can be divided: 1 in place of 0 and, of signed ones, of -1, where the
// quotient of the smallest number has no place.
Number safeDivisor(const Number &y) {
  Truth unsafe = y == 0;
  if (!y.isUnsigned())
    unsafe = unsafe || y == -1;
  return choose(unsafe, like(y, 1), y);
}

Number quotient(const Number &x, const Number &y) {
  Number safe = safeDivisor(y);
  if (x.isUnsigned())
    return choose(y == 0, like(x, 0),
                  made(x, x.b->createOrFold<arith::DivUIOp>(x.value, safe.value)));
  Number result = made(x, x.b->createOrFold<arith::DivSIOp>(x.value, safe.value));
  return choose(y == 0, like(x, 0), choose(y == -1, -x, result));
}

// Both parts of the divisor are made small, so that their squares do not overflow.
Number complexQuotient(const Number &x, const Number &y) {
  Number size = maximum(abs(real(y)), abs(imag(y)));
  Number re = real(y) / size, im = imag(y) / size;
  Number square = (re * re + im * im) * size;
  return complexOf((real(x) * re + imag(x) * im) / square, (imag(x) * re - real(x) * im) / square);
}

} // namespace

Number widened(const Number &x) { return x.isShort() ? convert(x, DT_FLOAT) : x; }

Number operator+(const Number &x, const Number &y) {
  if (x.isComplex())
    return complexOf(real(x) + real(y), imag(x) + imag(y));
  return arithmetic<arith::AddFOp, arith::AddIOp>(x, y);
}

Number operator-(const Number &x, const Number &y) {
  if (x.isComplex())
    return complexOf(real(x) - real(y), imag(x) - imag(y));
  return arithmetic<arith::SubFOp, arith::SubIOp>(x, y);
}

Number operator*(const Number &x, const Number &y) {
  if (x.isComplex())
    return complexOf(real(x) * real(y) - imag(x) * imag(y), real(x) * imag(y) + imag(x) * real(y));
  return arithmetic<arith::MulFOp, arith::MulIOp>(x, y);
}

Number operator/(const Number &x, const Number &y) {
  if (x.isComplex())
    return complexQuotient(x, y);
  return x.isFloat() ? arithmetic<arith::DivFOp, arith::DivSIOp>(x, y) : quotient(x, y);
}

Number addAnyhow(const Number &x, const Number &y) {
  if (!x.isFloat() || x.isShort())
    return x + y;
  return made(x, x.b->create<arith::AddFOp>(x.value, y.value, arith::FastMathFlags::reassoc));
}

Number multiplyAnyhow(const Number &x, const Number &y) {
  if (!x.isFloat() || x.isShort())
    return x * y;
  return made(x, x.b->create<arith::MulFOp>(x.value, y.value, arith::FastMathFlags::reassoc));
}

Number operator-(const Number &x) {
  if (x.isComplex())
    return complexOf(-real(x), -imag(x));
  return x.isFloat() ? floatFunction<arith::NegFOp>(x) : like(x, 0) - x;
}

Number remainder(const Number &x, const Number &y) {
  if (x.isFloat())
    return arithmetic<arith::RemFOp, arith::RemSIOp>(x, y);
  Number safe = safeDivisor(y);
  return x.isUnsigned() ? made(x, x.b->createOrFold<arith::RemUIOp>(x.value, safe.value))
                        : made(x, x.b->createOrFold<arith::RemSIOp>(x.value, safe.value));
}

Truth operator==(const Number &x, const Number &y) {
  if (x.isComplex())
    return real(x) == real(y) && imag(x) == imag(y);
  return compare(x, y, arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq,
                 arith::CmpIPredicate::eq);
}
Truth operator!=(const Number &x, const Number &y) {
  if (x.isComplex())
    return real(x) != real(y) || imag(x) != imag(y);
  return compare(x, y, arith::CmpFPredicate::UNE, arith::CmpIPredicate::ne,
                 arith::CmpIPredicate::ne);
}
Truth operator<(const Number &x, const Number &y) {
  return compare(x, y, arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                 arith::CmpIPredicate::ult);
}
Truth operator<=(const Number &x, const Number &y) {
  return compare(x, y, arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle,
                 arith::CmpIPredicate::ule);
}
Truth isNan(const Number &x) {
  Number wide = widened(x);
  return {x.b, x.b->createOrFold<arith::CmpFOp>(arith::CmpFPredicate::UNO, wide.value, wide.value)};
}

Truth operator&&(const Truth &x, const Truth &y) {
  return {x.b, x.b->createOrFold<arith::AndIOp>(x.value, y.value)};
}
Truth operator||(const Truth &x, const Truth &y) {
  return {x.b, x.b->createOrFold<arith::OrIOp>(x.value, y.value)};
}
Truth operator!=(const Truth &x, const Truth &y) {
  return {x.b, x.b->createOrFold<arith::XOrIOp>(x.value, y.value)};
}
Truth operator!(const Truth &x) {
  Value yes = x.b->create<arith::ConstantOp>(x.b->getBoolAttr(true));
  return {x.b, x.b->createOrFold<arith::XOrIOp>(x.value, yes)};
}

Number choose(const Truth &condition, const Number &yes, const Number &no) {
  if (yes.isComplex())
    return complexOf(choose(condition, real(yes), real(no)),
                     choose(condition, imag(yes), imag(no)));
  if (yes.isShort()) // as integers: not every processor has registers of such floats
    return fromBits(choose(condition, bitsOf(yes), bitsOf(no)), yes.dtype);
  return made(yes, yes.b->createOrFold<arith::SelectOp>(condition.value, yes.value, no.value));
}

Number byteOf(const Truth &x) {
  return {x.b, x.b->createOrFold<arith::ExtUIOp>(x.b->getI8Type(), x.value), DT_BOOL};
}

Number operator&(const Number &x, const Number &y) {
  return made(x, x.b->createOrFold<arith::AndIOp>(x.value, y.value));
}
Number operator|(const Number &x, const Number &y) {
  return made(x, x.b->createOrFold<arith::OrIOp>(x.value, y.value));
}
Number operator^(const Number &x, const Number &y) {
  return made(x, x.b->createOrFold<arith::XOrIOp>(x.value, y.value));
}

namespace {

Number distanceWithin(const Number &distance) {
  return maximum(minimum(distance, distance.bits() - 1), 0);
}

} // namespace

Number shiftLeft(const Number &x, const Number &distance) {
  return made(x, x.b->createOrFold<arith::ShLIOp>(x.value, distanceWithin(distance).value));
}
Number shiftRight(const Number &x, const Number &distance) {
  Value within = distanceWithin(distance).value;
  return x.isUnsigned() ? made(x, x.b->createOrFold<arith::ShRUIOp>(x.value, within))
                        : made(x, x.b->createOrFold<arith::ShRSIOp>(x.value, within));
}
Number bitCount(const Number &x) { return made(x, x.b->createOrFold<math::CtPopOp>(x.value)); }

namespace {

// With a constant c, `c > x ? c : x` is one instruction, which passes NaN on. The sign of a zero
// does not matter: TensorFlow's own depends on the machine.
template <typename FloatOp, typename Signed, typename Unsigned>
Number extreme(const Number &x, const Number &y,
               Truth (*isBeyond)(const Number &, const Number &)) {
  if (x.isShort())
    return narrowed(extreme<FloatOp, Signed, Unsigned>(widened(x), widened(y), isBeyond), x.dtype);
  if (!x.isFloat())
    return x.isUnsigned() ? made(x, x.b->createOrFold<Unsigned>(x.value, y.value))
                          : made(x, x.b->createOrFold<Signed>(x.value, y.value));
  if (y.isKnown())
    return choose(isBeyond(y, x), y, x);
  if (x.isKnown())
    return choose(isBeyond(x, y), x, y);
  return made(x, x.b->createOrFold<FloatOp>(x.value, y.value, arith::FastMathFlags::nsz));
}

Truth isMore(const Number &x, const Number &y) { return x > y; }
Truth isLess(const Number &x, const Number &y) { return x < y; }

} // namespace

Number maximum(const Number &x, const Number &y) {
  return extreme<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(x, y, isMore);
}
Number minimum(const Number &x, const Number &y) {
  return extreme<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(x, y, isLess);
}

Number abs(const Number &x) {
  if (x.isFloat())
    return floatFunction<math::AbsFOp>(x);
  if (!x.isComplex())
    return x.isUnsigned() ? x : choose(x < 0, -x, x);
  Number a = abs(real(x)), b = abs(imag(x));
  Number large = maximum(a, b), small = minimum(a, b);
  Number ratio = choose(large == 0, large, small / large);
  return choose(large == small, large * 1.41421356237309504880, large * sqrt(ratio * ratio + 1));
}

Number copySign(const Number &x, const Number &y) {
  if (x.isShort())
    return narrowed(copySign(widened(x), widened(y)), x.dtype);
  return made(x, x.b->createOrFold<math::CopySignOp>(x.value, y.value));
}

Number floor(const Number &x) { return rounding<math::FloorOp>(x); }
Number ceil(const Number &x) { return rounding<math::CeilOp>(x); }
Number trunc(const Number &x) { return rounding<math::TruncOp>(x); }
Number rint(const Number &x) { return rounding<math::RoundEvenOp>(x); }
Number round(const Number &x) { return rounding<math::RoundOp>(x); }

// By squaring: a step for each bit that the exponent may have.
Number integerPower(const Number &x, const Number &exponent) {
  ImplicitLocOpBuilder &b = *x.b;
  Value zero = b.create<arith::ConstantIndexOp>(0), one = b.create<arith::ConstantIndexOp>(1);
  Value steps = b.create<arith::ConstantIndexOp>(x.bits());
  Number start = choose(exponent < 0, like(x, 0), like(x, 1));
  auto loop = b.create<scf::ForOp>(
      zero, steps, one, ValueRange({start.value, x.value, exponent.value}),
      [&](OpBuilder &inner, Location loc, Value, ValueRange state) {
        ImplicitLocOpBuilder body(loc, inner);
        Number power{&body, state[0], x.dtype}, factor{&body, state[1], x.dtype},
            left{&body, state[2], x.dtype};
        Number next = choose((left & like(left, 1)) != 0, power * factor, power);
        Value rest = body.create<arith::ShRUIOp>(left.value, like(left, 1).value);
        body.create<scf::YieldOp>(ValueRange({next.value, (factor * factor).value, rest}));
      });
  return made(x, loop.getResult(0));
}

// Neighbours of a float are neighbours as integers.
Number nextAfter(const Number &x, const Number &y) {
  Number bits = bitsOf(x), one = like(bits, 1);
  Truth grows = (x < y) != (x < 0);
  Number moved = fromBits(choose(grows, bits + one, bits - one), x.dtype);
  Number smallest = copySign(fromBits(one, x.dtype), y);
  Number next = choose(x == 0, smallest, moved);
  return choose(isNan(x) || isNan(y), x + y, choose(x == y, y, next));
}

} // namespace firn::kernel
