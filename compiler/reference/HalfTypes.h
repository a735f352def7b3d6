// The 16-bit floating-point types, as storage that computes in float: each operation of TensorFlow
// on them rounds once, from a float result.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

namespace firn::reference {

inline uint32_t floatBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
inline float floatOfBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// bfloat16: the upper half of a float, rounded to nearest even.
struct BFloat16 {
  uint16_t bits = 0;

  BFloat16() = default;
  BFloat16(float value) {
    uint32_t wide = floatBits(value);
    bool isNan = (wide & 0x7fffffff) > 0x7f800000;
    bits = isNan ? (wide >> 16) | 0x40 : (wide + 0x7fff + ((wide >> 16) & 1)) >> 16;
  }
  operator float() const { return floatOfBits(uint32_t(bits) << 16); }
};

/// IEEE binary16, rounded to nearest even.
struct Half {
  uint16_t bits = 0;

  Half() = default;
  Half(float value) {
    uint32_t wide = floatBits(value);
    uint16_t sign = (wide >> 16) & 0x8000;
    wide &= 0x7fffffff;
    if (wide > 0x7f800000)
      bits = sign | 0x7e00 | ((wide >> 13) & 0x3ff);
    else if (wide >= 0x477ff000) // rounds to 65536 or more
      bits = sign | 0x7c00;
    else if (wide >= 0x38800000) // normal: 2^-14 or more
      bits = sign | ((wide - 0x38000000 + 0xfff + ((wide >> 13) & 1)) >> 13);
    else // adding 2^-1 shifts the subnormal's bits into place and rounds them
      bits = sign | (floatBits(floatOfBits(wide) + 0.5f) - 0x3f000000);
  }
  operator float() const {
    uint32_t magnitude = uint32_t(bits & 0x7fff) << 13;
    uint32_t sign = uint32_t(bits & 0x8000) << 16;
    if (magnitude >= 0x0f800000) // infinity or NaN
      return floatOfBits(sign | 0x70000000 | magnitude);
    // 2^112 moves the exponent's bias, for subnormals too.
    return floatOfBits(sign | floatBits(floatOfBits(magnitude) * 0x1p112f));
  }
};

} // namespace firn::reference

template <> struct std::numeric_limits<firn::reference::Half> : std::numeric_limits<float> {
  static firn::reference::Half max() { return 65504.0f; }
  static firn::reference::Half lowest() { return -65504.0f; }
  static firn::reference::Half infinity() { return numeric_limits<float>::infinity(); }
  static firn::reference::Half quiet_NaN() { return numeric_limits<float>::quiet_NaN(); }
};
template <> struct std::numeric_limits<firn::reference::BFloat16> : std::numeric_limits<float> {
  static firn::reference::BFloat16 max() { return 0x1.fep127f; }
  static firn::reference::BFloat16 lowest() { return -0x1.fep127f; }
  static firn::reference::BFloat16 infinity() { return numeric_limits<float>::infinity(); }
  static firn::reference::BFloat16 quiet_NaN() { return numeric_limits<float>::quiet_NaN(); }
};
