// Code for single elements, written as arithmetic: the bodies of elementwise ops and reductions.
#pragma once

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Value.h"

namespace firn::kernel {

/// A condition: an i1.
struct Truth {
  mlir::ImplicitLocOpBuilder *b;
  mlir::Value value;
};

/// An element of a TensorFlow dtype. Operators emit the code that computes them. Integers wrap
/// around; 16-bit floats are computed with in f32, each operation rounds its result.
struct Number {
  mlir::ImplicitLocOpBuilder *b;
  mlir::Value value;
  int dtype;

  bool isFloat() const;
  bool isComplex() const;
  bool isUnsigned() const;
  /// f16 or bf16.
  bool isShort() const;
  /// Of the element, or of a part of a complex number.
  unsigned bits() const;
  /// A constant of the code, and not NaN.
  bool isKnown() const;
};

/// A constant of the dtype of `x`.
Number like(const Number &x, double number);
Number constantOf(mlir::ImplicitLocOpBuilder &b, int dtype, double number);
/// The least and the greatest: of floats the infinities.
Number lowest(mlir::ImplicitLocOpBuilder &b, int dtype);
Number highest(mlir::ImplicitLocOpBuilder &b, int dtype);
/// What TensorFlow's Cast makes of it, on x86-64: out of the range of an integer comes the
/// smallest of 32 or 64 bits, cut to size.
Number convert(const Number &x, int dtype);
/// A 16-bit float as f32, to compute several steps with one rounding.
Number widened(const Number &x);
/// The same bits: of a float as a signed integer, and of an integer as another dtype of its width.
Number bitsOf(const Number &x);
Number fromBits(const Number &bits, int dtype);

Number operator+(const Number &x, const Number &y);
Number operator-(const Number &x, const Number &y);
Number operator*(const Number &x, const Number &y);
/// Of integers the truncated quotient; by zero it is 0, because no instruction may trap.
Number operator/(const Number &x, const Number &y);
Number operator-(const Number &x);
/// Terms of a long sum and factors of a long product, which may be taken in any order.
Number addAnyhow(const Number &x, const Number &y);
Number multiplyAnyhow(const Number &x, const Number &y);
/// The remainder of a truncated quotient; of integers 0 where the divisor is.
Number remainder(const Number &x, const Number &y);

inline Number operator+(const Number &x, double y) { return x + like(x, y); }
inline Number operator-(const Number &x, double y) { return x - like(x, y); }
inline Number operator*(const Number &x, double y) { return x * like(x, y); }
inline Number operator/(const Number &x, double y) { return x / like(x, y); }
inline Number operator-(double x, const Number &y) { return like(y, x) - y; }
inline Number operator/(double x, const Number &y) { return like(y, x) / y; }

/// Comparisons with NaN do not hold, but that it is not equal.
Truth operator==(const Number &x, const Number &y);
Truth operator!=(const Number &x, const Number &y);
Truth operator<(const Number &x, const Number &y);
Truth operator<=(const Number &x, const Number &y);
inline Truth operator>(const Number &x, const Number &y) { return y < x; }
inline Truth operator>=(const Number &x, const Number &y) { return y <= x; }
inline Truth operator==(const Number &x, double y) { return x == like(x, y); }
inline Truth operator!=(const Number &x, double y) { return x != like(x, y); }
inline Truth operator<(const Number &x, double y) { return x < like(x, y); }
inline Truth operator<=(const Number &x, double y) { return x <= like(x, y); }
inline Truth operator>(const Number &x, double y) { return like(x, y) < x; }
inline Truth operator>=(const Number &x, double y) { return like(x, y) <= x; }
Truth isNan(const Number &x);

Truth operator&&(const Truth &x, const Truth &y);
Truth operator||(const Truth &x, const Truth &y);
Truth operator!=(const Truth &x, const Truth &y);
Truth operator!(const Truth &x);
/// Both operands are computed.
Number choose(const Truth &condition, const Number &yes, const Number &no);
/// As TensorFlow's bool, a byte of 0 or 1.
Number byteOf(const Truth &x);

// On the bits of integers and bools.
Number operator&(const Number &x, const Number &y);
Number operator|(const Number &x, const Number &y);
Number operator^(const Number &x, const Number &y);
/// Distances beyond the width, and negative ones, are taken as the nearest that is within.
Number shiftLeft(const Number &x, const Number &distance);
Number shiftRight(const Number &x, const Number &distance);
Number bitCount(const Number &x);

/// NaN where either is.
Number maximum(const Number &x, const Number &y);
Number minimum(const Number &x, const Number &y);
inline Number maximum(const Number &x, double y) { return maximum(x, like(x, y)); }
inline Number minimum(const Number &x, double y) { return minimum(x, like(x, y)); }
/// The smallest integer stays itself; of complex numbers the distance from 0, a real.
Number abs(const Number &x);
/// The size of `x` with the sign of `y`; of floats.
Number copySign(const Number &x, const Number &y);
/// Whole numbers of floats; integers stay. Of `rint`, halves go to the even neighbour, of `round`
/// away from zero.
Number floor(const Number &x);
Number ceil(const Number &x);
Number trunc(const Number &x);
Number rint(const Number &x);
Number round(const Number &x);
/// x to the power of an integer; 0 where `exponent` is negative.
Number integerPower(const Number &x, const Number &exponent);
/// An index of the code as a number.
Number fromIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value index, int dtype);
/// The number next to `x` in the direction of `y`.
Number nextAfter(const Number &x, const Number &y);

/// Parts of complex numbers.
Number real(const Number &x);
Number imag(const Number &x);
Number complexOf(const Number &real, const Number &imag);
Number conj(const Number &x);
Number arg(const Number &x);

/// Functions of floats and of complex numbers.
Number sqrt(const Number &x);
Number exp(const Number &x);
Number expm1(const Number &x);
Number log(const Number &x);
Number log1p(const Number &x);
Number sin(const Number &x);
Number cos(const Number &x);
Number tan(const Number &x);
Number asin(const Number &x);
Number acos(const Number &x);
Number atan(const Number &x);
Number sinh(const Number &x);
Number cosh(const Number &x);
Number tanh(const Number &x);
Number asinh(const Number &x);
Number acosh(const Number &x);
Number atanh(const Number &x);
Number pow(const Number &x, const Number &y);
/// Functions of floats.
Number erf(const Number &x);
Number atan2(const Number &y, const Number &x);
/// `firn_NAME_f32` (or _f64) of runtime/kernels/math, for what the math dialect lacks.
Number callMath(llvm::StringRef name, llvm::ArrayRef<Number> operands);

} // namespace firn::kernel
