// Arithmetic of slots.
#include "runtime/module/dims.h"

#include <gtest/gtest.h>

namespace firn::runtime {
namespace {

using schema::DimOp;

int64_t valueOf(DimOp op, int64_t a, int64_t b) {
  int64_t result = 0;
  EXPECT_TRUE(computeDim(op, a, b, &result));
  return result;
}

bool hasValue(DimOp op, int64_t a, int64_t b) {
  int64_t result;
  return computeDim(op, a, b, &result);
}

TEST(Dims, DivisionRoundsDownAndUpAlsoBelowZero) {
  for (int64_t a = -9; a <= 9; ++a)
    for (int64_t b : {-4, -3, -1, 1, 2, 5}) {
      const double exact = double(a) / double(b);
      EXPECT_EQ(valueOf(DimOp::FloorDiv, a, b), int64_t(__builtin_floor(exact))) << a << " " << b;
      EXPECT_EQ(valueOf(DimOp::CeilDiv, a, b), int64_t(__builtin_ceil(exact))) << a << " " << b;
      EXPECT_EQ(valueOf(DimOp::FloorMod, a, b), a - b * int64_t(__builtin_floor(exact)))
          << a << " " << b;
    }
}

TEST(Dims, MinAndMax) {
  EXPECT_EQ(valueOf(DimOp::Min, -3, 4), -3);
  EXPECT_EQ(valueOf(DimOp::Max, -3, 4), 4);
}

TEST(Dims, WhatHasNoValueIsSaid) {
  EXPECT_FALSE(hasValue(DimOp::Add, INT64_MAX, 1));
  EXPECT_FALSE(hasValue(DimOp::Sub, INT64_MIN, 1));
  EXPECT_FALSE(hasValue(DimOp::Mul, INT64_MAX / 2, 3));
  for (DimOp op : {DimOp::FloorDiv, DimOp::CeilDiv, DimOp::FloorMod}) {
    EXPECT_FALSE(hasValue(op, 1, 0));
    EXPECT_FALSE(hasValue(op, INT64_MIN, -1));
  }
}

} // namespace
} // namespace firn::runtime
