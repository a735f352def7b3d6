// Conversions of f16 and bf16 round as the processor's do, at levels without them as well.
#include "test_code.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using namespace firn::codegen;

namespace {

// out = bits of TYPE(in); back = f32 of these bits
const std::string roundTrip = R"(
func.func @f(%in: memref<f32> {llvm.noalias}, %out: memref<TYPE> {llvm.noalias},
             %back: memref<f32> {llvm.noalias}, %n: index, %x: index, %y: index, %z: index)
    attributes {firn.function = 0 : i32} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.reinterpret_cast %in to offset: [0], sizes: [%n], strides: [1]
      : memref<f32> to memref<?xf32>
  %b = memref.reinterpret_cast %out to offset: [0], sizes: [%n], strides: [1]
      : memref<TYPE> to memref<?xTYPE>
  %c = memref.reinterpret_cast %back to offset: [0], sizes: [%n], strides: [1]
      : memref<f32> to memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %a[%i] : memref<?xf32>
    %h = arith.truncf %v : f32 to TYPE
    %g = arith.negf %h : TYPE
    %k = arith.negf %g : TYPE
    memref.store %k, %b[%i] : memref<?xTYPE>
    %w = arith.extf %k : TYPE to f32
    memref.store %w, %c[%i] : memref<?xf32>
  }
  return
}
)";

std::string textOf(const std::string &type) {
  std::string text = roundTrip;
  for (size_t at; (at = text.find("TYPE")) != std::string::npos;)
    text.replace(at, 4, type);
  return text;
}

float fromBits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

// Every exponent with mantissas around the places where rounding turns; infinities and NaN.
std::vector<float> awkwardValues() {
  std::vector<float> values;
  for (uint32_t exponent = 0; exponent < 256; ++exponent)
    for (uint32_t mantissa :
         {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x2fffu, 0x3000u, 0x3001u, 0x7fffu, 0x8000u, 0x8001u,
          0x18000u, 0x3fffffu, 0x400000u, 0x7fefffu, 0x7ff000u, 0x7fffffu})
      for (uint32_t sign : {0u, 1u})
        values.push_back(fromBits(sign << 31 | exponent << 23 | mantissa));
  return values;
}

float nearestBf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return fromBits((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u);
}

void checkType(const std::string &type, float (*expected)(float)) {
  std::vector<float> values = awkwardValues(), back(values.size());
  std::vector<uint16_t> bits(values.size());
  runText(textOf(type), [&](firn_dispatch_entry entry) {
    std::vector<void *> buffers = {values.data(), bits.data(), back.data()};
    std::vector<int64_t> dims = {int64_t(values.size())};
    firn_workgroup group = workgroup(buffers, dims);
    EXPECT_EQ(entry(0, &group), FIRN_DISPATCH_OK);
    for (size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i]))
        ASSERT_TRUE(std::isnan(back[i])) << i;
      else
        ASSERT_EQ(back[i], expected(values[i])) << values[i];
    }
  });
}

TEST(Half, F16) {
  checkType("f16", [](float value) { return float(_Float16(value)); });
}

TEST(Half, Bf16) { checkType("bf16", nearestBf16); }

} // namespace
