// sin, cos, tan for arguments of any size.
#pragma once

#include "runtime/kernels/math/rounding.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {
namespace math {

constexpr double kHalfPiHigh = 0x1.921fb54442d18p+0, kHalfPiLow = 0x1.1a62633145c07p-54;

/// x = (quadrant + turn) * pi / 2, |turn| <= 1/2; the last two bits of `quadrant` are right.
template <typename D> struct TrigReduction {
  Bits<D> quadrant;
  D turn;
};

/// Of floats (as doubles). 2 / pi is used in pieces of 28 bits, so that their products with a float
/// are exact. Of a large x those pieces are left out whose product is a multiple of 4, so four of
/// them always do: the last has 53 bits.
template <typename D> FIRN_INLINE TrigReduction<D> reduceFloat(D x) {
  D size = abs(x);
  auto a = size >= splat<D>(0x1p28), b = size >= splat<D>(0x1p56), c = size >= splat<D>(0x1p84),
       d = size >= splat<D>(0x1p112);
  auto pick = [&](double p0, double p1, double p2, double p3, double p4) {
    D low = select(b, splat<D>(p2), select(a, splat<D>(p1), splat<D>(p0)));
    return select(d, splat<D>(p4), select(c, splat<D>(p3), low));
  };
  constexpr double kP0 = 0x1.45f306c000000p-1, kP1 = 0x1.c9c882a000000p-29,
                   kP2 = 0x1.4fe13a8000000p-59, kP3 = 0x1.f47d4d0000000p-86,
                   kP4 = 0x1.bb81b6c000000p-113, kP5 = 0x1.4acc9e0000000p-143;
  D first = x * pick(0, kP0, kP1, kP2, kP3);
  D turn = first - splat<D>(4) * rint(first * splat<D>(0.25)), quadrants = D{};
  auto add = [&](D piece) {
    turn = fma_(x, piece, turn);
    D whole = rint(turn);
    quadrants += whole;
    turn -= whole;
  };
  add(pick(kP0, kP1, kP2, kP3, kP4));
  add(pick(kP1, kP2, kP3, kP4, kP5));
  add(pick(0x1.4fe13abe8fa9ap-59, 0x1.f47d4d377036ep-86, 0x1.bb81b6c52b328p-113,
           0x1.4acc9e21c8210p-143, 0x1.0e4107f9458ebp-170));
  return {toBits(quadrants + splat<D>(kShifter<D>)), turn};
}

/// sin and cos of r for |r| <= pi / 4; `low` is a correction of r.
template <typename T> FIRN_INLINE T sinReduced(T r, T low) {
  T z = r * r, p;
  if constexpr (isFloat<T>)
    p = horner(z, -0x1.555546p-3, 0x1.110778p-7, -0x1.9953ep-13);
  else
    p = horner(z, -0x1.5555555555555p-3, 0x1.111111111108bp-7, -0x1.a01a01a006d8cp-13,
               0x1.71de3a4019c42p-19, -0x1.ae643d446f19dp-26, 0x1.6114a6609cc0ap-33,
               -0x1.a55cf0a3d521cp-41);
  return r + fma_(r * z, p, low);
}
template <typename T> FIRN_INLINE T cosReduced(T r, T low) {
  T z = r * r, half = splat<T>(0.5) * z, q;
  if constexpr (isFloat<T>)
    q = horner(z, 0x1.55554ap-5, -0x1.6c0c2ap-10, 0x1.99e904p-16);
  else
    q = horner(z, 0x1.555555555554bp-5, -0x1.6c16c16c15018p-10, 0x1.a01a019c8f932p-16,
               -0x1.27e4f7f1ec8ddp-22, 0x1.1ee9dc1091174p-29, -0x1.8fa6a712443cdp-37);
  T near = splat<T>(1) - half, lost = (splat<T>(1) - near) - half;
  return near + (fma_(z * z, q, lost) - r * low);
}

/// 2 / pi, 26 bits a piece.
constexpr uint32_t kTwoOverPi[] = {
    42722829, 48555073, 21659401, 56087029, 13858563, 28715353, 38736100, 4324945,
    26128250, 62674459, 29957006, 37899730, 58726692, 49193117, 6588223,  35515164,
    46442140, 65964067, 24988590, 54822121, 41009306, 54917092, 5137525,  37323603,
    15192690, 4585659,  58608142, 52426903, 67074070, 25231090, 63202006, 34237727,
    28629499, 15891632, 40752081, 37709470, 25143477, 55737260, 33225084, 24853767,
    15195689, 19476134, 50255852, 18845021, 2185228,  50622407, 47901436, 13614112};

/// Adds exact products one by one, without their multiples of 4.
struct TurnSum {
  double turn = 0, low = 0, quadrants = 0;

  FIRN_INLINE void add(double product) {
    product -= 4 * rint(product * 0.25);
    double sum = turn + product, part = sum - turn;
    low += (turn - (sum - part)) + (product - part);
    double whole = rint(sum);
    quadrants += whole;
    turn = sum - whole;
  }
};

/// r + low = x - quadrant * pi / 2 of a double.
struct DoubleReduction {
  double r, low;
  uint64_t quadrant;
};

FIRN_INLINE DoubleReduction reduceDouble(double x) {
  if (abs(x) < 0x1.921fb54442d18p-1)
    return {x, 0, 0};
  if (!(abs(x) < kInfinity))
    return {kNan, 0, 0};
  double high = fromBits<double>(toBits(x) & ~uint64_t(0x7ffffff)), rest = x - high;
  // Pieces before `first` give multiples of 4; seven reach 128 bits behind the point.
  int exponent = static_cast<int>(toBits(abs(x)) >> 52) - 1023;
  int first = exponent < 54 ? 0 : (exponent - 54) / 26;
  TurnSum sum;
  for (int i = first; i < first + 9; ++i) {
    int power = -26 * (i + 1), half = power / 2;
    double scaled = kTwoOverPi[i] * powerOfTwo<double>(half);
    double other = powerOfTwo<double>(power - half);
    sum.add(high * other * scaled);
    sum.add(rest * other * scaled);
  }
  double turn = sum.turn + sum.low, low = (sum.turn - turn) + sum.low;
  // turn * pi / 2 in two parts: halves of 26 bits multiply exactly.
  double turnHigh = fromBits<double>(toBits(turn) & ~uint64_t(0x7ffffff)),
         turnLow = turn - turnHigh;
  constexpr double kHigh = 0x1.921fb50000000p+0, kLow = 0x1.110b4611a6263p-26;
  double p = turnHigh * kHigh, q = turn * kLow + turnLow * kHigh + low * kHalfPiHigh;
  double r = p + q;
  return {r, (p - r) + q, toBits(sum.quadrants + kShifter<double>)};
}

/// sin(x + quadrants * pi / 2) of floats.
template <typename T> FIRN_INLINE T sinOfFloat(T x, int quadrants) {
  // Two values out of one reduction: the compiler sees that it is the same one.
  auto restOf = [](auto d)
                    FIRN_INLINED { return reduceFloat(d).turn * splat<decltype(d)>(kHalfPiHigh); };
  auto quadrantOf = [](auto d) FIRN_INLINED {
    using D = decltype(d);
    return fromInteger<D>(reduceFloat(d).quadrant & splatBits<D>(3));
  };
  T r = byDoubles(restOf, x);
  Bits<T> quadrant = roundProduct(byDoubles(quadrantOf, x), 1).integer + splatBits<T>(quadrants);
  T y = select((quadrant & splatBits<T>(1)) != Bits<T>{}, cosReduced(r, T{}), sinReduced(r, T{}));
  return select((quadrant & splatBits<T>(2)) != Bits<T>{}, -y, y);
}
FIRN_INLINE double sinOfDouble(double x, int quadrants) {
  auto [r, low, quadrant] = reduceDouble(x);
  quadrant += quadrants;
  double y = quadrant & 1 ? cosReduced(r, low) : sinReduced(r, low);
  return quadrant & 2 ? -y : y;
}

template <typename T> FIRN_INLINE T sin(T x) {
  T y;
  if constexpr (isFloat<T>)
    y = sinOfFloat(x, 0);
  else
    y = sinOfDouble(x, 0);
  return select(abs(x) < splat<T>(isFloat<T> ? 0x1p-13 : 0x1p-27), x, y); // keeps -0
}
template <typename T> FIRN_INLINE T cos(T x) {
  if constexpr (isFloat<T>)
    return sinOfFloat(x, 1);
  else
    return sinOfDouble(x, 1);
}

template <typename D> FIRN_INLINE D tanReduced(D r, D low, Bits<D> quadrant) {
  D s = sinReduced(r, low), c = cosReduced(r, low);
  auto odd = (quadrant & splatBits<D>(1)) != Bits<D>{};
  return select(odd, -c, s) / select(odd, s, c);
}
template <typename T> FIRN_INLINE T tan(T x) {
  T y;
  if constexpr (isFloat<T>) {
    auto tanOf = [](auto d) FIRN_INLINED {
      using D = decltype(d);
      auto [quadrant, turn] = reduceFloat(d);
      return tanReduced(turn * splat<D>(kHalfPiHigh), D{}, quadrant);
    };
    y = byDoubles(tanOf, x);
  } else {
    auto [r, low, quadrant] = reduceDouble(x);
    y = tanReduced(r, low, quadrant);
  }
  return select(abs(x) < splat<T>(isFloat<T> ? 0x1p-13 : 0x1p-27), x, y);
}

} // namespace math
} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
