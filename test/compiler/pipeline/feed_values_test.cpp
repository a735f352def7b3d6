#include "compiler/pipeline/FeedValues.h"

#include <cmath>
#include <cstring>

#include "compiler/formats/proto/types.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using namespace tensorflow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T> NpyArray arrayOf(int dtype, const std::vector<T> &values) {
  return {dtype,
          {static_cast<int64_t>(values.size())},
          {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)},
          {}};
}

template <typename T> std::vector<T> valuesOf(const NpyArray &array) {
  std::vector<T> values(array.bytes.size() / sizeof(T));
  std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
  return values;
}

template <typename T> std::vector<T> converted(const NpyArray &array, int dtype, bool &rounded) {
  absl::StatusOr<NpyArray> result = convertArray(array, dtype, rounded);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? valuesOf<T>(*result) : std::vector<T>();
}

std::string refusal(const NpyArray &array, int dtype) {
  bool rounded;
  return std::string(convertArray(array, dtype, rounded).status().message());
}

TEST(LiteralArray, TakesThePlaceholdersType) {
  auto array = literalArray("[[1,2],[3,4]]", DT_FLOAT);
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(array->shape, ElementsAre(2, 2));
  EXPECT_THAT(valuesOf<float>(*array), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(literalArray("\"snow\"", DT_STRING)->strings, ElementsAre("snow"));
  EXPECT_FALSE(literalArray("0.5", DT_INT32).ok());
  EXPECT_FALSE(literalArray("[1,", DT_FLOAT).ok());
}

TEST(ConvertArray, FloatsAreRoundedAndTold) {
  bool rounded;
  EXPECT_THAT(converted<float>(arrayOf<double>(DT_DOUBLE, {0.5, 3}), DT_FLOAT, rounded),
              ElementsAre(0.5f, 3));
  EXPECT_FALSE(rounded);
  EXPECT_THAT(converted<float>(arrayOf<double>(DT_DOUBLE, {0.1}), DT_FLOAT, rounded),
              ElementsAre(0.1f));
  EXPECT_TRUE(rounded);
  auto nan = converted<float>(arrayOf<double>(DT_DOUBLE, {NAN, INFINITY}), DT_FLOAT, rounded);
  EXPECT_TRUE(std::isnan(nan[0]) && std::isinf(nan[1]) && !rounded);
}

TEST(ConvertArray, NothingElseIsLost) {
  bool rounded;
  EXPECT_THAT(converted<int32_t>(arrayOf<int64_t>(DT_INT64, {-7, 1 << 30}), DT_INT32, rounded),
              ElementsAre(-7, 1 << 30));
  EXPECT_THAT(converted<float>(arrayOf<uint8_t>(DT_UINT8, {0, 255}), DT_FLOAT, rounded),
              ElementsAre(0, 255));
  EXPECT_THAT(refusal(arrayOf<int64_t>(DT_INT64, {int64_t{1} << 40}), DT_INT32),
              HasSubstr("expected int32, got int64 that it can't hold without loss"));
  EXPECT_NE(refusal(arrayOf<int32_t>(DT_INT32, {(1 << 24) + 1}), DT_FLOAT), "");
  EXPECT_NE(refusal(arrayOf<float>(DT_FLOAT, {0.5}), DT_INT32), "");
  EXPECT_NE(refusal(arrayOf<float>(DT_FLOAT, {NAN}), DT_INT64), "");
  EXPECT_NE(refusal(arrayOf<int8_t>(DT_INT8, {2}), DT_BOOL), "");
  EXPECT_NE(refusal({DT_STRING, {1}, "", {"1"}}, DT_INT32), "");
}

TEST(RandomArray, StandardNormal) {
  auto array = randomArray(DT_FLOAT, {100, 100}, "x:0", 0);
  ASSERT_TRUE(array.ok()) << array.status();
  double sum = 0, squares = 0;
  for (float value : valuesOf<float>(*array)) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 10000, 0, 0.05);
  EXPECT_NEAR(squares / 10000, 1, 0.05);
}

TEST(RandomArray, DependsOnNameAndSeed) {
  auto bytes = [](const char *name, uint64_t seed) {
    return randomArray(DT_FLOAT, {8}, name, seed)->bytes;
  };
  EXPECT_EQ(bytes("x:0", 3), bytes("x:0", 3));
  EXPECT_NE(bytes("x:0", 3), bytes("x:0", 4));
  EXPECT_NE(bytes("x:0", 3), bytes("y:0", 3));
}

TEST(RandomArray, IntegersAreBits) {
  for (int64_t value : valuesOf<int64_t>(*randomArray(DT_INT64, {64}, "n", 0)))
    EXPECT_TRUE(value == 0 || value == 1);
  EXPECT_EQ(randomArray(DT_COMPLEX64, {2}, "c", 0)->bytes.size(), 16u);
  EXPECT_EQ(randomArray(DT_FLOAT, {0, 5}, "e", 0)->bytes.size(), 0u);
}

TEST(RandomArray, Refusals) {
  EXPECT_THAT(std::string(randomArray(DT_STRING, {1}, "s", 0).status().message()),
              HasSubstr("no random values of type string"));
  EXPECT_THAT(
      std::string(randomArray(DT_FLOAT, {1 << 20, 1 << 20, 1 << 20}, "x", 0).status().message()),
      HasSubstr("at most 64 GiB"));
}

} // namespace
} // namespace firn
