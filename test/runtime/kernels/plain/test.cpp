// The plain kernels at every level of this machine.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/plain/plain.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <initializer_list>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#define FIRN_PLAIN_AS(name, type, arguments, ...)                                                  \
  FIRN_DECLARE_KERNEL(name, 2, arguments)                                                          \
  FIRN_DECLARE_KERNEL(name, 3, arguments)                                                          \
  FIRN_DECLARE_KERNEL(name, 4, arguments)
#include "runtime/kernels/plain/kernels.inc"
#undef FIRN_PLAIN_AS

namespace firn::kernels {
namespace {

#define FIRN_PLAIN_AS(name, type, arguments, ...)                                                  \
  [[maybe_unused]] const NativeKernel<arguments> name[] = {                                        \
      FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)};
#include "runtime/kernels/plain/kernels.inc"
#undef FIRN_PLAIN_AS

class Plain : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!machineHas(GetParam()))
      GTEST_SKIP() << "this machine has no x86-64-v" << GetParam();
  }
  template <typename... T> void bind(std::vector<T> &...vectors) {
    buffers = {const_cast<void *>(static_cast<const void *>(vectors.data()))...};
    group.buffers = buffers.data();
  }

  template <typename Args>
  uint32_t run(const NativeKernel<Args> (&kernels)[3], const std::common_type_t<Args> &args) const {
    return kernels[GetParam() - 2].run(&group, &args);
  }

  std::vector<void *> buffers;
  firn_workgroup group{};
};
INSTANTIATE_TEST_SUITE_P(Levels, Plain, testing::Values(2, 3, 4));

using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;
using Longs = std::vector<int64_t>;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST_P(Plain, ScansInBothDirections) {
  Floats x = {1, 2, 3, 4, 5, 6}, y(6);
  bind(x, y);
  ASSERT_EQ(0u, run(cumsum_f32, {1, 3, 2, 0, 0}));
  EXPECT_EQ((Floats{1, 2, 4, 6, 9, 12}), y);
  ASSERT_EQ(0u, run(cumsum_f32, {1, 3, 2, 1, 1}));
  EXPECT_EQ((Floats{8, 10, 5, 6, 0, 0}), y);
  Longs n = {2, 3, 4, 5}, products(4);
  bind(n, products);
  ASSERT_EQ(0u, run(cumprod_i64, {2, 2, 1, 0, 0}));
  EXPECT_EQ((Longs{2, 6, 4, 20}), products);
}

TEST_P(Plain, CountsValues) {
  Ints values = {1, 3, 1, 9};
  Floats weights = {.5, 2, 4, 8}, bins(4);
  bind(values, weights, bins);
  ASSERT_EQ(0u, run(bincount_f32, {4, 4, 4}));
  EXPECT_EQ((Floats{0, 4.5, 0, 2}), bins);
  ASSERT_EQ(0u, run(bincount_f32, {4, 4, 0}));
  EXPECT_EQ((Floats{0, 2, 0, 1}), bins);
  values[0] = -1;
  EXPECT_EQ(uint32_t(FIRN_DISPATCH_INDEX_RANGE), run(bincount_f32, {4, 4, 0}));
}

TEST_P(Plain, FoldsSegments) {
  Floats x = {1, 2, 3, 4, 5, 6, 7, 8}, y(6);
  Longs ids = {2, 0, -1, 2}, rows(3), number(1);
  bind(x, ids, y, rows);
  ASSERT_EQ(0u, run(segment_sum_f32, {4, 2, 3, 1, 1}));
  EXPECT_EQ((Floats{3, 4, 0, 0, 4, 5}), y);
  EXPECT_EQ((Longs{1, 0, 2}), rows);
  constexpr float kLowest = std::numeric_limits<float>::lowest();
  ASSERT_EQ(0u, run(segment_max_f32, {4, 2, 3, 0, 0}));
  EXPECT_EQ((Floats{3, 4, kLowest, kLowest, 7, 8}), y);
  EXPECT_EQ(uint32_t(FIRN_DISPATCH_INDEX_RANGE), run(segment_min_f32, {4, 2, 2, 0, 0}));
  ids = {0, 0, 3, 4};
  bind(ids, number);
  ASSERT_EQ(0u, run(segment_count, {4, 9}));
  EXPECT_EQ(5, number[0]);
  EXPECT_EQ(uint32_t(FIRN_DISPATCH_SHAPE), run(segment_count, {4, 4}));
  ids[1] = 4;
  EXPECT_EQ(uint32_t(FIRN_DISPATCH_INDEX_RANGE), run(segment_count, {4, 9}));
}

TEST_P(Plain, OrdersRows) {
  std::mt19937 random(7);
  Ints x(100), values(100), places(100), heap(101), nth(1), row(100);
  for (int32_t &each : x)
    each = static_cast<int32_t>(random() % 40);
  for (int64_t k : {0, 1, 7, 99, 100}) {
    Ints order(100);
    for (int32_t i = 0; i < 100; ++i)
      order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return x[a] > x[b]; });
    bind(x, values, places, heap);
    ASSERT_EQ(0u, run(topk_i32, {1, 100, k, 1}));
    for (int64_t i = 0; i < k; ++i) {
      EXPECT_EQ(order[i], places[i]);
      EXPECT_EQ(x[order[i]], values[i]);
    }
    bind(x, nth, row);
    if (k < 100) {
      ASSERT_EQ(0u, run(nth_i32, {1, 100, k}));
      EXPECT_EQ(x[order[99 - k]], nth[0]);
    }
  }
}

TEST_P(Plain, NansDoNotStopOrders) {
  Floats x = {kNan, 1, kNan, 3, 2, kNan}, values(6), nth(1), row(6);
  Ints places(6), heap(7);
  bind(x, values, places, heap);
  EXPECT_EQ(0u, run(topk_f32, {1, 6, 4, 1}));
  bind(x, nth, row);
  EXPECT_EQ(0u, run(nth_f32, {1, 6, 2}));
}

TEST_P(Plain, FindsEqualRows) {
  Floats x = {1, 0, kNan, -0.0f, 1, kNan}, y(6);
  Longs ids(6), counts(6), number(1), table(13);
  bind(x, y, ids, counts, number, table);
  ASSERT_EQ(0u, run(unique_f32, {6, 1}));
  EXPECT_EQ(4, number[0]);
  EXPECT_EQ((Longs{0, 1, 2, 1, 0, 3}), ids);
  EXPECT_EQ(2, counts[0]);
  Longs pairs = {1, 2, 2, 1, 1, 2}, rows(6);
  bind(pairs, rows, ids, counts, number, table);
  ASSERT_EQ(0u, run(unique_i64, {3, 2}));
  EXPECT_EQ(2, number[0]);
  EXPECT_EQ(0, ids[2]);
}

TEST_P(Plain, FindsWhatIsNotThere) {
  Ints x = {5, 1, 5, 2}, others = {1, 7}, left(4);
  Longs places(4), number(1), table(5);
  bind(x, others, left, places, number, table);
  ASSERT_EQ(0u, run(list_diff_i32, {4, 2}));
  EXPECT_EQ(3, number[0]);
  EXPECT_EQ(2, left[2]);
  EXPECT_EQ(3, places[2]);
  std::vector<int8_t> bytes = {0, 1, 0, 1};
  bind(bytes, places, number);
  ASSERT_EQ(0u, run(where, {4}));
  EXPECT_EQ(2, number[0]);
  EXPECT_EQ(3, places[1]);
}

TEST_P(Plain, OrdersAndGroupsIndices) {
  Longs indices = {1, 0, 0, 2, 1, 0, 0, 1, 0, 0}, order(5), room(5), groups(5);
  bind(indices, order, room);
  ASSERT_EQ(0u, run(sparse_order, {5, 2}));
  EXPECT_EQ((Longs{4, 3, 1, 0, 2}), order);
  bind(indices, order, groups);
  ASSERT_EQ(0u, run(sparse_groups, {5, 2}));
  EXPECT_EQ((Longs{1, 0, 1, 0, 0}), groups);
}

TEST_P(Plain, MergesIndices) {
  Longs a = {0, 1, 2, 0}, b = {0, 0, 0, 1}, left(4), right(4), number(1);
  bind(a, b, left, right, number);
  ASSERT_EQ(0u, run(sparse_merge, {2, 2, 2}));
  ASSERT_EQ(3, number[0]);
  EXPECT_EQ((Longs{-1, 0, 1}), Longs(left.begin(), left.begin() + 3));
  EXPECT_EQ((Longs{0, 1, -1}), Longs(right.begin(), right.begin() + 3));
}

TEST_P(Plain, FindsEmptyRows) {
  Longs indices = {2, 0, 0, 1, 2, 2}, numbers(7), places(3), number(1), room(4);
  std::vector<int8_t> isEmpty(4);
  bind(indices, numbers, places, isEmpty, number, room);
  ASSERT_EQ(0u, run(sparse_rows, {3, 2, 4}));
  EXPECT_EQ(5, number[0]);
  EXPECT_EQ((Longs{1, -2, 0, 2, -4}), Longs(numbers.begin(), numbers.begin() + 5));
  EXPECT_EQ((Longs{2, 0, 3}), places);
  EXPECT_EQ((std::vector<int8_t>{0, 1, 0, 1}), isEmpty);
  indices[0] = 4;
  EXPECT_NE(0u, run(sparse_rows, {3, 2, 4}));
}

TEST_P(Plain, SuppressesOverlaps) {
  Floats boxes = {0, 0, 1, 1, 0, .1f, 1, 1.1f, 0, 5, 1, 6, 1, 1, 0, 0},
         scores = {.9f, .95f, .3f, .1f}, limits = {.5f, .2f, 0}, chosenScores(4), lowered(4);
  Ints chosen(4, 7), compared(4), heap(4);
  Longs number(1);
  bind(boxes, scores, limits, chosen, chosenScores, number, lowered, compared, heap);
  ASSERT_EQ(0u, run(suppress_boxes, {4, 4}));
  EXPECT_EQ(2, number[0]);
  EXPECT_EQ((Ints{1, 2, 0, 0}), chosen);
  limits[2] = .5f; // lowers the score of the box that was out
  ASSERT_EQ(0u, run(suppress_boxes, {4, 4}));
  EXPECT_EQ(3, number[0]);
  EXPECT_EQ((Ints{1, 0, 2, 0}), chosen);
  EXPECT_NEAR(.9 * std::exp(-std::pow(.9 / 1.1, 2)), chosenScores[1], 1e-5);
}

} // namespace
} // namespace firn::kernels
