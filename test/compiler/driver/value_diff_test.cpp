#include "compiler/driver/value_diff.h"

#include <cmath>

#include "compiler/formats/proto/types.pb.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using namespace tensorflow;

TensorReader inMemory(const std::vector<float> &values) {
  return {{{}, std::string(reinterpret_cast<const char *>(values.data()), values.size() * 4)},
          nullptr,
          true};
}

ValueDiff diff(const std::vector<float> &a, const std::vector<float> &b,
               const Tolerance &tolerance = {}) {
  absl::StatusOr<ValueDiff> result = diffNumbers(DT_FLOAT, inMemory(a), inMemory(b), tolerance);
  EXPECT_TRUE(result.ok()) << result.status();
  return *result;
}

TEST(ValueDiff, CountsAndMeasures) {
  ValueDiff result = diff({1, 2, 3}, {1, 2.5, 2});
  EXPECT_EQ(result.differing, 2u);
  EXPECT_EQ(result.elements, 3u);
  EXPECT_EQ(result.largest, 1);
  EXPECT_EQ(result.text(), "2 of 3 elements differ, max |d| 1");
  EXPECT_EQ(diff({1, 2}, {1, 2}).text(), "");
}

TEST(ValueDiff, BitsDecide) {
  EXPECT_EQ(diff({NAN}, {NAN}).differing, 0u);
  EXPECT_EQ(diff({0}, {-0.0f}).differing, 1u);
  EXPECT_TRUE(std::isnan(diff({1, 2}, {NAN, 2}).largest));
  EXPECT_TRUE(std::isnan(diff({NAN, 2}, {1, 3}).largest));
}

TEST(ValueDiff, ToleranceDecides) {
  const Tolerance relative{1e-2, 0}, absolute{0, 0.5};
  EXPECT_EQ(diff({100, 1, NAN, INFINITY}, {100.9f, 1.02f, -NAN, INFINITY}, relative).differing, 1u);
  EXPECT_EQ(diff({100, 0, 3}, {100.4f, -0.0f, NAN}, absolute).differing, 1u);
  EXPECT_EQ(diff({INFINITY, 1}, {-INFINITY, INFINITY}, relative).differing, 2u);
}

TEST(ValueDiff, PiecesMeetAtTheirBorders) {
  std::vector<float> a(600000, 1), b = a;
  b[0] = b[262143] = b[262144] = b[599999] = 2;
  EXPECT_EQ(diff(a, b).differing, 4u);
}

TEST(ValueDiff, LengthsMustAgree) {
  EXPECT_EQ(diffNumbers(DT_FLOAT, inMemory({1}), inMemory({1, 2})).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(ValueDiff, Strings) {
  EXPECT_EQ(diffStrings({"a", "b"}, {"a", "c"}).text(), "1 of 2 elements differ");
  EXPECT_EQ(diffStrings({"a"}, {"a", "c"}).differing, 1u);
}

} // namespace
} // namespace firn
