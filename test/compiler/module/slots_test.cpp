// Numbers of a program: what is folded, what is one.
#include "compiler/module/Slots.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

using Op = SlotTable::Op;

TEST(Slots, ConstantsAreFolded) {
  SlotTable table;
  const auto value = [&](Op op, int64_t a, int64_t b) {
    return table.value(*table.binary(op, table.constant(a), table.constant(b)));
  };
  EXPECT_EQ(value(Op::Add, 2, 3), 5);
  EXPECT_EQ(value(Op::Sub, 2, 3), -1);
  EXPECT_EQ(value(Op::Mul, 2, 3), 6);
  EXPECT_EQ(value(Op::FloorDiv, 7, 2), 3);
  EXPECT_EQ(value(Op::CeilDiv, 7, 2), 4);
  EXPECT_EQ(value(Op::FloorMod, 7, 2), 1);
  EXPECT_EQ(value(Op::Min, 7, 2), 2);
  EXPECT_EQ(value(Op::Max, 7, 2), 7);
}

TEST(Slots, EqualOnesAreOne) {
  SlotTable table;
  EXPECT_EQ(table.constant(0), 0u);
  const uint32_t n = table.dimension(0, 0), m = table.dimension(0, 1);
  EXPECT_EQ(table.dimension(0, 0), n);
  EXPECT_NE(n, m);
  EXPECT_EQ(table.binary(Op::Add, n, m), table.binary(Op::Add, m, n));
  EXPECT_EQ(table.binary(Op::Mul, n, m), table.binary(Op::Mul, m, n));
  EXPECT_NE(table.binary(Op::Sub, n, m), table.binary(Op::Sub, m, n));
  const uint32_t four = table.constant(4), five = table.constant(5);
  EXPECT_EQ(table.binary(Op::Mul, five, *table.binary(Op::Mul, n, four)),
            table.binary(Op::Mul, table.constant(20), n));
  EXPECT_NE(table.set(n), table.set(n)) << "each is set by a step of its own";
}

TEST(Slots, WhatChangesNothingGoes) {
  SlotTable table;
  const uint32_t n = table.dimension(0, 0), zero = table.constant(0), one = table.constant(1);
  for (Op op : {Op::Add, Op::Sub})
    EXPECT_EQ(table.binary(op, n, zero), n);
  for (Op op : {Op::Mul, Op::FloorDiv, Op::CeilDiv})
    EXPECT_EQ(table.binary(op, n, one), n);
  EXPECT_EQ(table.binary(Op::Add, zero, n), n);
  EXPECT_EQ(table.binary(Op::Mul, one, n), n);
  EXPECT_EQ(table.binary(Op::Mul, n, zero), zero);
  EXPECT_EQ(table.binary(Op::FloorMod, n, one), zero);
  EXPECT_EQ(table.binary(Op::Max, n, n), n);
  EXPECT_NE(table.binary(Op::FloorDiv, one, n), n);
}

TEST(Slots, WhatIsNoNumberIsRefused) {
  SlotTable table;
  const uint32_t n = table.dimension(0, 0), zero = table.constant(0);
  const uint32_t large = table.constant(INT64_MAX);
  EXPECT_FALSE(table.binary(Op::Mul, large, large));
  for (Op op : {Op::FloorDiv, Op::CeilDiv, Op::FloorMod}) {
    EXPECT_FALSE(table.binary(op, large, zero));
    EXPECT_FALSE(table.binary(op, n, zero));
  }
}

} // namespace
} // namespace firn
