// What values a test program is made of.
#include "compiler/embed/test_program.h"

#include "support.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

constexpr int kFloat = FIRN_FLOAT;

NpyArray floats(const std::vector<int64_t> &shape) {
  size_t count = 1;
  for (int64_t dim : shape)
    count *= size_t(dim);
  return {kFloat, shape, std::string(count * sizeof(float), 1), {}};
}

absl::StatusOr<TestProgram> make(const NamedArrays &inputs, const NamedArrays &outputs,
                                 firn_dtype dtype = FIRN_FLOAT) {
  const OpenModule module(programOf({{"x:0", dtype, {-1, 4}}}, {{"y:0", FIRN_FLOAT, {2}}}));
  TestProgramOptions options;
  options.header = "m.h";
  return testProgram(interfaceOf(module.get(), "m"), inputs, outputs, options);
}

TEST(TestProgram, HasAValueForEachPort) {
  const auto test = make({{"x", floats({3, 4})}, {"other", floats({1})}}, {{"y:0", floats({2})}});
  ASSERT_TRUE(test.ok()) << test.status();
  EXPECT_THAT(test->source, HasSubstr("#include \"m.h\""));
  EXPECT_THAT(test->source, HasSubstr("{\"x:0\", FIRN_FLOAT, 2, {3, 4}, 0, 48},"));
  EXPECT_THAT(test->source, HasSubstr("{\"y:0\", FIRN_FLOAT, 1, {2}, 64, 8},"));
  EXPECT_EQ(test->source.find('$'), std::string::npos);
  ASSERT_EQ(test->data.sections.size(), 1u);
  EXPECT_EQ(test->data.sections[0].size(), 64 + 8 + 64u);
  EXPECT_EQ(test->data.symbols[0].name, "firn_test_m");
}

TEST(TestProgram, NamesWhatIsMissingOrDoesNotFit) {
  EXPECT_THAT(std::string(make({}, {{"y", floats({2})}}).status().message()),
              HasSubstr("there is no value for the model's input 'x:0'"));
  EXPECT_THAT(std::string(make({{"x", floats({3, 4})}}, {}).status().message()),
              HasSubstr("there is no value for the model's output 'y:0'"));
  EXPECT_THAT(std::string(make({{"x", floats({3, 5})}}, {{"y", floats({2})}}).status().message()),
              HasSubstr("expected x:0  float [?,4], got float [3,5]"));
  EXPECT_THAT(
      std::string(
          make({{"x", floats({3, 4})}}, {{"y", floats({2})}}, FIRN_INT32).status().message()),
      HasSubstr("expected x:0  int32 [?,4], got float [3,4]"));
}

// NumPy has no bfloat16: a file holds its bits as uint16.
TEST(TestProgram, TakesTypesThatFilesLack) {
  NpyArray bits = {FIRN_UINT16, {1, 4}, std::string(8, 1), {}};
  EXPECT_TRUE(make({{"x", bits}}, {{"y", floats({2})}}, FIRN_BFLOAT16).ok());
  EXPECT_FALSE(make({{"x", bits}}, {{"y", floats({2})}}, FIRN_HALF).ok());
}

} // namespace
} // namespace firn
