#include "compiler/pipeline/Verify.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "compiler/pipeline/TensorCompare.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using namespace graph;
using reference::makeScalar;
using reference::makeVector;
using reference::Tensor;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor floats(const std::vector<float> &values) { return makeVector<float>(DT_FLOAT, values); }

TEST(CompareTensors, LargestAndWhere) {
  TensorDifference d = compareTensors(floats({1, -4, 2}), floats({1, -4.5, 2.25}), {});
  EXPECT_EQ(d.largest, 0.5);
  EXPECT_EQ(d.scale, 4);
  EXPECT_THAT(d.at, ElementsAre(1));
  EXPECT_EQ(d.want + " " + d.got, "-4 -4.5");
  EXPECT_EQ(d.differing, 2u);
  EXPECT_FALSE(d.good);
  VerifyOptions loose;
  loose.rtol = 0.125;
  EXPECT_TRUE(compareTensors(floats({1, -4, 2}), floats({1, -4.5, 2.25}), loose).good);
}

TEST(CompareTensors, NotNumbers) {
  EXPECT_TRUE(compareTensors(floats({NAN, INFINITY}), floats({NAN, INFINITY}), {}).good);
  EXPECT_EQ(compareTensors(floats({NAN, 1}), floats({0, 1}), {}).largest, INFINITY);
  EXPECT_FALSE(compareTensors(floats({1}), floats({NAN}), {}).good);
  EXPECT_FALSE(compareTensors(floats({INFINITY}), floats({-INFINITY}), {}).good);
  EXPECT_EQ(compareTensors(floats({INFINITY, 2}), floats({INFINITY, 2}), {}).scale, 2);
}

TEST(CompareTensors, OtherTypes) {
  auto words = [](const char *word) {
    return makeVector<std::string>(DT_STRING, {std::string(word)});
  };
  EXPECT_TRUE(compareTensors(words("a"), words("a"), {}).good);
  TensorDifference d = compareTensors(words("a"), words("b"), {});
  EXPECT_FALSE(d.good);
  EXPECT_EQ(d.want, "\"a\"");
  const int64_t large = int64_t{1} << 60;
  EXPECT_EQ(compareTensors(makeScalar<int64_t>(DT_INT64, large),
                           makeScalar<int64_t>(DT_INT64, large + 1), {})
                .largest,
            1);
  EXPECT_TRUE(compareTensors(floats({}), floats({}), {}).good);
}

TEST(CompareTensors, Mismatch) {
  TensorDifference d = compareTensors(floats({1}), floats({1, 2}), {});
  EXPECT_FALSE(d.good);
  EXPECT_EQ(d.mismatch, "float[1] and float[2]");
}

std::vector<ModelTensor> named(const std::vector<std::string> &names) {
  std::vector<ModelTensor> tensors(names.size());
  for (size_t i = 0; i < names.size(); ++i)
    tensors[i].name = names[i];
  return tensors;
}

TEST(PairOutputs, ByNameThenByPosition) {
  const auto a = named({"p:0", "q:0"}), b = named({"q:0", "p:0"}), c = named({"r:0", "s:0"});
  using Pair = std::pair<size_t, size_t>;
  EXPECT_THAT(*pairOutputs(a, b), ElementsAre(Pair(0, 1), Pair(1, 0)));
  EXPECT_THAT(*pairOutputs(a, c), ElementsAre(Pair(0, 0), Pair(1, 1)));
  EXPECT_THAT(std::string(pairOutputs(a, named({"p:0"})).status().message()), HasSubstr("'q:0'"));
}

// Graphs of float vectors: a chain of nodes with a constant each.
class Verify : public ::testing::Test {
protected:
  Verify() {
    std::string name = (std::filesystem::temp_directory_path() / "firn-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~Verify() override { std::filesystem::remove_all(directory); }

  struct Step {
    std::string name, op, input;
    float constant;
  };

  RunnableModel model(const std::vector<Step> &steps) {
    std::string text = "node { name: \"x\" op: \"Placeholder\" attr { key: \"dtype\" value { type: "
                       "DT_FLOAT } } attr { key: \"shape\" value { shape { dim { size: 2 } } } } }";
    for (const Step &step : steps)
      absl::StrAppend(&text, "node { name: \"", step.name,
                      "/c\" op: \"Const\" attr { key: \"dtype\" value { ",
                      "type: DT_FLOAT } } attr { key: \"value\" value { tensor { dtype: DT_FLOAT ",
                      "tensor_shape { } float_val: ", step.constant, " } } } } node { name: \"",
                      step.name, "\" op: \"", step.op, "\" input: \"", step.input, "\" input: \"",
                      step.name, "/c\" attr { key: \"T\" value { type: DT_FLOAT } } }");
    std::string path = absl::StrCat(directory, "/", count++, ".pbtxt");
    std::ofstream(path) << text << "versions { producer: 27 }";
    FreezeOptions options;
    options.model = path;
    options.outputs = {steps.back().name};
    options.mode = Mode::AsIs;
    options.optimize = 0;
    absl::StatusOr<RunnableModel> opened = RunnableModel::open(options, {});
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *opened;
  }

  VerifyResult verify(const RunnableModel &a, const RunnableModel &b, uint64_t budget) {
    NpyArray x{DT_FLOAT, {2}, std::string("\0\0\x80\x3f\0\0\0\x40", 8), {}}; // 1, 2
    NamedArrays feeds = {{"x:0", x}};
    VerifyOptions options;
    options.budget = budget;
    absl::StatusOr<VerifyResult> result = verifyModels(a, feeds, b, feeds, {{0, 0}}, options);
    EXPECT_TRUE(result.ok()) << result.status();
    return *result;
  }

  std::string directory;
  int count = 0;
};

const std::vector<uint64_t> kBudgets = {0, 8, 20, 1 << 20};

TEST_F(Verify, EqualModels) {
  RunnableModel a = model({{"p", "Mul", "x", 2}, {"q", "Add", "p", 1}});
  VerifyResult result = verify(a, a, 0);
  EXPECT_TRUE(result.good());
  EXPECT_FALSE(result.first);
}

TEST_F(Verify, TheFirstNodeThatParts) {
  RunnableModel a = model({{"p", "Mul", "x", 2}, {"q", "Add", "p", 1}, {"r", "Mul", "q", 3}});
  RunnableModel b = model({{"p", "Mul", "x", 2}, {"q", "Sub", "p", 1}, {"r", "Mul", "q", 3}});
  for (uint64_t budget : kBudgets) {
    VerifyResult result = verify(a, b, budget);
    EXPECT_FALSE(result.good());
    ASSERT_TRUE(result.first) << budget;
    EXPECT_EQ(result.first->node, "q") << budget;
    EXPECT_EQ(result.first->op, "Sub");
    EXPECT_EQ(result.first->tensor.largest, 2);
    EXPECT_EQ(result.compared, 6u);
  }
}

// A factor moves from one node to the next: what parts there heals and is not to blame.
TEST_F(Verify, DifferencesThatHealAreNotToBlame) {
  RunnableModel a = model({{"p", "Mul", "x", 2}, {"q", "Mul", "p", 3}, {"r", "Add", "q", 1}});
  RunnableModel b = model({{"p", "Mul", "x", 6}, {"q", "Mul", "p", 1}, {"r", "Sub", "q", 1}});
  for (uint64_t budget : kBudgets) {
    VerifyResult result = verify(a, b, budget);
    ASSERT_TRUE(result.first) << budget;
    EXPECT_EQ(result.first->node, "r") << budget;
  }
}

TEST_F(Verify, NothingInCommon) {
  RunnableModel a = model({{"p", "Mul", "x", 2}}), b = model({{"q", "Mul", "x", 3}});
  VerifyResult result = verify(a, b, 100);
  EXPECT_FALSE(result.good());
  EXPECT_FALSE(result.first);
}

TEST_F(Verify, AMissingFeedSaysOfWhichModel) {
  RunnableModel a = model({{"p", "Mul", "x", 2}});
  auto result = verifyModels(a, {}, a, {}, {{0, 0}}, {});
  EXPECT_EQ(std::string(result.status().message()), "A: expected a value for 'x:0': it is not fed");
}

} // namespace
} // namespace firn
