// The arena planner.
#include "runtime/plan/arena.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace firn::plan {
namespace {

uint64_t aligned(uint64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

Plan planOf(std::vector<Interval> &buffers) {
  Plan plan;
  EXPECT_TRUE(planArena(buffers.data(), buffers.size(), &plan));
  return plan;
}

void expectValid(const std::vector<Interval> &buffers, const Plan &plan) {
  EXPECT_GE(plan.size, plan.bound);
  for (size_t i = 0; i < buffers.size(); ++i) {
    const Interval &a = buffers[i];
    EXPECT_EQ(a.offset % kAlignment, 0u);
    EXPECT_LE(a.offset + a.size, plan.size);
    for (size_t k = 0; k < i; ++k) {
      const Interval &b = buffers[k];
      const bool together = a.first <= b.last && b.first <= a.last && a.size && b.size;
      EXPECT_FALSE(together && a.offset < b.offset + b.size && b.offset < a.offset + a.size)
          << "buffers " << k << " and " << i;
    }
  }
}

TEST(ArenaPlan, OfNothingIsEmpty) {
  std::vector<Interval> none;
  const Plan plan = planOf(none);
  EXPECT_EQ(plan.size, 0u);
  EXPECT_EQ(plan.bound, 0u);
}

TEST(ArenaPlan, AChainNeedsTwoBuffers) {
  std::vector<Interval> chain;
  for (uint32_t i = 0; i < 20; ++i)
    chain.push_back({1000, i, i + 1, 0});
  const Plan plan = planOf(chain);
  expectValid(chain, plan);
  EXPECT_EQ(plan.bound, 2048u);
  EXPECT_EQ(plan.size, 2048u);
}

TEST(ArenaPlan, BuffersThatMeetAtOneStepDoNotShare) {
  std::vector<Interval> meeting = {{64, 0, 5, 0}, {64, 5, 9, 0}, {64, 6, 9, 0}};
  const Plan plan = planOf(meeting);
  expectValid(meeting, plan);
  EXPECT_EQ(plan.size, 128u);
}

TEST(ArenaPlan, EmptyBuffersTakeNoRoom) {
  std::vector<Interval> buffers = {{0, 0, 9, 7}, {10, 0, 9, 7}, {0, 3, 3, 7}};
  const Plan plan = planOf(buffers);
  EXPECT_EQ(plan.size, 64u);
  EXPECT_EQ(buffers[0].offset, 0u);
  EXPECT_EQ(buffers[2].offset, 0u);
}

TEST(ArenaPlan, LargeSizesDoNotOverflow) {
  const uint64_t large = uint64_t(1) << 46;
  std::vector<Interval> buffers(8, {large, 0, 1, 0});
  EXPECT_EQ(planOf(buffers).size, 8 * large);
}

TEST(ArenaPlan, IsTheSameEveryTime) {
  std::mt19937 random(7);
  std::vector<Interval> buffers;
  for (uint32_t i = 0; i < 100; ++i)
    buffers.push_back({random() % 5 * 64, i, i + uint32_t(random() % 9), 0});
  std::vector<Interval> again = buffers;
  planOf(buffers);
  planOf(again);
  for (size_t i = 0; i < buffers.size(); ++i)
    EXPECT_EQ(buffers[i].offset, again[i].offset);
}

TEST(ArenaPlan, RandomLifetimesNeverOverlap) {
  std::mt19937 random(1);
  double over = 0;
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Interval> buffers(1 + random() % 80);
    const uint32_t steps = 1 + random() % 60, longest = 1 + random() % 30;
    for (Interval &buffer : buffers) {
      buffer.first = random() % steps;
      buffer.last = std::min(steps - 1, uint32_t(buffer.first + random() % longest));
      buffer.size = random() % 4 == 0 ? random() % 100000 : random() % 1000;
      buffer.offset = random();
    }
    const Plan plan = planOf(buffers);
    expectValid(buffers, plan);
    over += plan.bound ? double(plan.size) / double(plan.bound) - 1 : 0;
  }
  EXPECT_LT(over / kRounds, 0.03) << "the mean above the bound";
}

TEST(ArenaPlan, BoundIsWhatLivesAtOneStep) {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<Interval> buffers(1 + random() % 30);
    std::vector<uint64_t> live(20);
    for (Interval &buffer : buffers) {
      buffer = {random() % 1000, uint32_t(random() % 20), 0, 0};
      buffer.last = std::min(19u, uint32_t(buffer.first + random() % 6));
      for (uint32_t step = buffer.first; step <= buffer.last; ++step)
        live[step] += aligned(buffer.size);
    }
    EXPECT_EQ(planOf(buffers).bound, *std::max_element(live.begin(), live.end()));
  }
}

} // namespace
} // namespace firn::plan
