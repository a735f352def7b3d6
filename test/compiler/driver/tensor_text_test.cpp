// What is expected was printed by numpy 1.26 for the same arrays, but for quotes around strings.
#include "compiler/driver/tensor_text.h"

#include <cmath>

#include "compiler/formats/proto/types.pb.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using namespace tensorflow;

template <typename T>
std::string print(int dtype, const std::vector<T> &values, std::vector<int64_t> shape,
                  std::vector<bool> elided = {}) {
  std::string bytes(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
  return tensorText({dtype, std::move(shape), std::move(elided), bytes, {}});
}

TEST(TensorText, FloatsAlignAtTheirPoints) {
  EXPECT_EQ(print<float>(DT_FLOAT, {1, -0.5, 100.25}, {3}), "[  1.    -0.5  100.25]");
  EXPECT_EQ(print<float>(DT_FLOAT, {0.1f, 2, NAN}, {3}), "[0.1 2.  nan]");
  EXPECT_EQ(print<float>(DT_FLOAT, {1, INFINITY, -INFINITY}, {3}), "[  1.  inf -inf]");
  EXPECT_EQ(print<double>(DT_DOUBLE, {1.0 / 3, 2}, {2}), "[0.33333333 2.        ]");
}

TEST(TensorText, WideRangesAreScientific) {
  EXPECT_EQ(print<float>(DT_FLOAT, {1e-5f, 1}, {2}), "[1.e-05 1.e+00]");
  EXPECT_EQ(print<float>(DT_FLOAT, {1e10f, 2.5f}, {2}), "[1.0e+10 2.5e+00]");
  EXPECT_EQ(print<double>(DT_DOUBLE, {123456789.125, 0}, {2}), "[1.23456789e+08 0.00000000e+00]");
}

TEST(TensorText, IntegersAndBooleansAlignAtTheRight) {
  EXPECT_EQ(print<int32_t>(DT_INT32, {1, -20, 300}, {3}), "[  1 -20 300]");
  EXPECT_EQ(print<uint8_t>(DT_BOOL, {1, 0}, {2}), "[ True False]");
  EXPECT_EQ(print<uint64_t>(DT_UINT64, {UINT64_MAX}, {1}), "[18446744073709551615]");
  EXPECT_EQ(print<int64_t>(DT_INT64, {INT64_MIN}, {1}), "[-9223372036854775808]");
}

TEST(TensorText, HalfAndBfloat16) {
  EXPECT_EQ(print<uint16_t>(DT_HALF, {0x2E66, 0x3C00, 0x0001}, {3}), "[1.e-01 1.e+00 6.e-08]");
  EXPECT_EQ(print<uint16_t>(DT_HALF, {0x2E66, 0x3C00}, {2}), "[0.1 1. ]");
  EXPECT_EQ(print<uint16_t>(DT_BFLOAT16, {0x3F80, 0xC040}, {2}), "[ 1. -3.]");
}

TEST(TensorText, Complex) {
  EXPECT_EQ(print<float>(DT_COMPLEX64, {1, 2, 0.5, -3}, {2}), "[1. +2.j 0.5-3.j]");
}

TEST(TensorText, RowsAndElision) {
  EXPECT_EQ(print<int32_t>(DT_INT32, {0, 1, 2, 3}, {2, 2}), "[[0 1]\n [2 3]]");
  EXPECT_EQ(print<int32_t>(DT_INT32, {0, 1, 2, 3}, {2, 1, 2}), "[[[0 1]]\n\n [[2 3]]]");
  EXPECT_EQ(print<int32_t>(DT_INT32, {0, 1, 2, 7, 8, 9}, {6}, {true}), "[0 1 2 ... 7 8 9]");
  EXPECT_EQ(print<int32_t>(DT_INT32, {}, {0}), "[]");
}

TEST(TensorText, LinesBreakAtTheirWidth) {
  std::vector<int32_t> values(40, 1);
  std::string line = "[1";
  for (int i = 1; i < 37; ++i)
    line += " 1";
  EXPECT_EQ(print<int32_t>(DT_INT32, values, {40}), line + "\n 1 1 1]");
}

TEST(TensorText, ScalarsAndStrings) {
  EXPECT_EQ(print<float>(DT_FLOAT, {0.9f}, {}), "0.9");
  EXPECT_EQ(tensorText({DT_STRING, {2}, {}, "", {"a", "b\n"}}), R"(["a" "b\n"])");
}

std::string one(int dtype, double value) {
  if (dtype == DT_DOUBLE)
    return elementText(dtype, reinterpret_cast<const char *>(&value));
  float narrow = static_cast<float>(value);
  return elementText(dtype, reinterpret_cast<const char *>(&narrow));
}

TEST(ElementText, FewestDigits) {
  EXPECT_EQ(one(DT_FLOAT, 0.1), "0.1");
  EXPECT_EQ(one(DT_FLOAT, 2), "2.0");
  EXPECT_EQ(one(DT_FLOAT, -0.0), "-0.0");
  EXPECT_EQ(one(DT_DOUBLE, 0.1), "0.1");
  EXPECT_EQ(one(DT_FLOAT, 1e-7), "1e-07");
  EXPECT_EQ(one(DT_DOUBLE, 1.5e300), "1.5e+300");
  EXPECT_EQ(one(DT_FLOAT, NAN), "nan");
}

} // namespace
} // namespace firn
