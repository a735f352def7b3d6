#include "compiler/transforms/graph/rebatch/Rows.h"

#include <gtest/gtest.h>

#include "compiler/transforms/graph/rebatch/InputDims.h"

namespace firn::graph {
namespace {

using reference::makeIntegers;
using reference::Tensor;

TEST(Rows, EqualRowsAlongAnyAxis) {
  Tensor same = makeIntegers(DT_INT32, {2, 3}, {1, 2, 3, 1, 2, 3});
  EXPECT_TRUE(hasEqualRows(same, 0));
  EXPECT_FALSE(hasEqualRows(same, 1));
  Tensor longer = withRows(same, 0, 4);
  EXPECT_EQ(longer.shape(), llvm::ArrayRef<int64_t>({4, 3}));
  EXPECT_EQ(integersOf(longer),
            integersOf(makeIntegers(DT_INT32, {4, 3}, {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3})));
  EXPECT_FALSE(hasEqualRows(Tensor(DT_FLOAT, {0, 3}), 0)) << "no row to repeat";
}

TEST(Rows, CountedOn) {
  auto rows = countingRows(makeIntegers(DT_INT64, {1, 3}, {4, 7, 10}));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->axis, 1u);
  Tensor more = rows->make(Tensor(DT_INT64, {1, 3}), 5);
  EXPECT_EQ(integersOf(more), (llvm::SmallVector<int64_t>{4, 7, 10, 13, 16}));
}

TEST(Rows, OtherNumbersDoNotCount) {
  EXPECT_FALSE(countingRows(makeIntegers(DT_INT32, {3}, {0, 1, 3})));
  EXPECT_FALSE(countingRows(makeIntegers(DT_INT32, {3}, {5, 5, 5}))) << "equal rows are no count";
  EXPECT_FALSE(countingRows(makeIntegers(DT_INT32, {2, 2}, {0, 1, 2, 3}))) << "two dimensions";
  EXPECT_FALSE(countingRows(makeIntegers(DT_INT32, {1}, {0}))) << "one number tells no step";
  EXPECT_FALSE(countingRows(Tensor(DT_FLOAT, {3})));
}

TEST(InputDims, SizesFromText) {
  EXPECT_EQ(*parseSizes("-1,224,224,3"), (std::vector<int64_t>{-1, 224, 224, 3}));
  EXPECT_EQ(*parseSizes("[?, None, 0]"), (std::vector<int64_t>{-1, -1, 0}));
  EXPECT_TRUE(parseSizes("[]")->empty());
  for (const char *text : {"a", "1,,2", "-2", "1.5", "1x2"})
    EXPECT_FALSE(parseSizes(text)) << text;
}

} // namespace
} // namespace firn::graph
