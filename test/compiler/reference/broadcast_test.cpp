#include "compiler/reference/Broadcast.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn::reference {
namespace {

using ::testing::ElementsAre;

TEST(Broadcast, Shapes) {
  EXPECT_THAT(*broadcastShapes({2, 1, 3}, {4, 1}), ElementsAre(2, 4, 3));
  EXPECT_THAT(*broadcastShapes({}, {4, 1}), ElementsAre(4, 1));
  EXPECT_THAT(*broadcastShapes({1}, {0}), ElementsAre(0));
  EXPECT_FALSE(broadcastShapes({2}, {3}));
  EXPECT_FALSE(broadcastShapes({0}, {2}));
}

TEST(Broadcast, Positions) {
  BroadcastIndex index({2, 1}, {2, 3});
  std::vector<int64_t> positions;
  for (int i = 0; i < 6; ++i, index.next())
    positions.push_back(index.position());
  EXPECT_THAT(positions, ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(Broadcast, Strides) { EXPECT_THAT(stridesOf({2, 3, 4}), ElementsAre(12, 4, 1)); }

} // namespace
} // namespace firn::reference
