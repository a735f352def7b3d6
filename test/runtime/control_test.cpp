// Programs that loop, choose, and whose sizes come from data.
#include "support.h"

namespace firn::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Scalars {
  TestProgram program;
  uint32_t one = program.one(), bytes = program.constant(4);
  uint32_t input(const char *name) { return program.input(name, FIRN_FLOAT, {one}, bytes); }
  uint32_t output(const char *name) { return program.output(name, FIRN_FLOAT, {one}, bytes); }
  uint32_t arena(uint32_t size) { return program.buffer(Space::Arena, size); }
};

/// result = start; while (result < limit) result += step.
TestProgram countingProgram() {
  Scalars s;
  const uint32_t start = s.input("start"), limit = s.input("limit"), step = s.input("step");
  const uint32_t result = s.output("result"), flag = s.arena(s.one), sum = s.arena(s.bytes);
  s.program.copy(start, result, s.bytes);
  s.program.block(StepKind::While, flag, 1, 2);
  s.program.dispatch(kLess, {result, limit, flag});
  s.program.dispatch(kAdd, {result, step, sum}, {s.one});
  s.program.copy(sum, result, s.bytes);
  return s.program;
}

float count(TestModel &model, float start, float limit, float step) {
  const std::vector<float> values[] = {{start}, {limit}, {step}};
  setInput(model.context.get(), "start", FIRN_FLOAT, values[0], nullptr);
  setInput(model.context.get(), "limit", FIRN_FLOAT, values[1], nullptr);
  setInput(model.context.get(), "step", FIRN_FLOAT, values[2], nullptr);
  EXPECT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
  return outputOf<float>(model.context.get(), "result")[0];
}

TEST(Control, WhileRepeatsUntilItsConditionFails) {
  TestModel model(sectionsOf(countingProgram()));
  EXPECT_EQ(count(model, 0, 10, 3), 12);
  EXPECT_EQ(count(model, 20, 10, 3), 20);
  EXPECT_EQ(count(model, 0, 1000, 1), 1000);
}

TEST(Control, IfRunsOneOfItsBlocks) {
  Scalars s;
  const uint32_t a = s.input("a"), b = s.input("b");
  const uint32_t result = s.output("result"), flag = s.arena(s.one);
  s.program.dispatch(kLess, {a, b, flag});
  s.program.block(StepKind::If, flag, 2, 1);
  s.program.copy(a, result, s.bytes);
  s.program.dispatch(kAdd, {a, b, result}, {s.one});
  s.program.dispatch(kMultiply, {a, b, result});
  TestModel model(sectionsOf(s.program));
  for (const auto &[x, y] : std::vector<std::pair<float, float>>{{2, 3}, {3, 2}, {5, 5}}) {
    const std::vector<float> first = {x}, second = {y};
    setInput(model.context.get(), "a", FIRN_FLOAT, first, nullptr);
    setInput(model.context.get(), "b", FIRN_FLOAT, second, nullptr);
    ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
    EXPECT_THAT(outputOf<float>(model.context.get(), "result"), ElementsAre(x < y ? x + y : x * y));
  }
}

/// result = 0; while (result < outer) { if (result < middle) result += a; else result += b; }
TEST(Control, BlocksMayStandInBlocks) {
  Scalars s;
  const uint32_t zero = s.input("zero"), outer = s.input("outer"), middle = s.input("middle");
  const uint32_t a = s.input("a"), b = s.input("b");
  const uint32_t result = s.output("result"), flag = s.arena(s.one), sum = s.arena(s.bytes);
  s.program.copy(zero, result, s.bytes);
  s.program.block(StepKind::While, flag, 1, 5);
  s.program.dispatch(kLess, {result, outer, flag});
  s.program.dispatch(kLess, {result, middle, flag});
  s.program.block(StepKind::If, flag, 1, 1);
  s.program.dispatch(kAdd, {result, a, sum}, {s.one});
  s.program.dispatch(kAdd, {result, b, sum}, {s.one});
  s.program.copy(sum, result, s.bytes);
  TestModel model(sectionsOf(s.program));
  const std::vector<std::pair<const char *, std::vector<float>>> feeds = {
      {"zero", {0}}, {"outer", {100}}, {"middle", {50}}, {"a", {1}}, {"b", {20}}};
  for (const auto &[name, value] : feeds)
    setInput(model.context.get(), name, FIRN_FLOAT, value, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
  EXPECT_THAT(outputOf<float>(model.context.get(), "result"), ElementsAre(110));
}

/// y[i] = x[i] + w for each row i of x[n][8].
TestProgram rowsProgram() {
  TestProgram program;
  const uint32_t n = program.inputDim(0, 0), eight = program.constant(8);
  const uint32_t row = program.constant(32), bytes = program.dim(DimOp::Mul, n, row);
  const uint32_t x = program.input("x", FIRN_FLOAT, {n, eight}, bytes);
  const uint32_t w = program.input("w", FIRN_FLOAT, {eight}, row);
  const uint32_t y = program.output("y", FIRN_FLOAT, {n, eight}, bytes);
  const uint32_t counter = program.loop(n, 1);
  const uint32_t offset = program.dim(DimOp::Mul, counter, row);
  program.dispatch(kAdd, {x, w, y}, {eight});
  program.steps.back().offsets = {offset, 0, offset};
  return program;
}

TEST(Control, ForCounts) {
  TestModel model(sectionsOf(rowsProgram()));
  const std::vector<float> w = ramp(8, 100);
  for (int64_t n : {3, 1, 0, 5}) {
    const std::vector<float> x = ramp(size_t(8 * n));
    const int64_t dims[] = {n, 8};
    ASSERT_EQ(firn_set_input_dims(model.context.get(), "x", dims, 2, nullptr), FIRN_OK);
    setInput(model.context.get(), "x", FIRN_FLOAT, x, nullptr);
    setInput(model.context.get(), "w", FIRN_FLOAT, w, nullptr);
    ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
    std::vector<float> expected = x;
    for (size_t i = 0; i < expected.size(); ++i)
      expected[i] += w[i % 8];
    EXPECT_EQ(outputOf<float>(model.context.get(), "y"), expected);
  }
}

TEST(Control, ForsMayStandInOneAnother) {
  Scalars s;
  const uint32_t zero = s.input("zero"), step = s.input("step");
  const uint32_t result = s.output("result"), sum = s.arena(s.bytes);
  s.program.copy(zero, result, s.bytes);
  s.program.loop(s.program.constant(3), 3);
  s.program.loop(s.program.constant(4), 2);
  s.program.dispatch(kAdd, {result, step, sum}, {s.one});
  s.program.copy(sum, result, s.bytes);
  TestModel model(sectionsOf(s.program));
  const std::vector<float> values[] = {{0}, {1}};
  setInput(model.context.get(), "zero", FIRN_FLOAT, values[0], nullptr);
  setInput(model.context.get(), "step", FIRN_FLOAT, values[1], nullptr);
  ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
  EXPECT_THAT(outputOf<float>(model.context.get(), "result"), ElementsAre(12));
}

/// kept = those of x[n] above 0; twice = kept + kept.
TestProgram keepingProgram(uint8_t width = 8) {
  TestProgram program;
  const uint32_t n = program.inputDim(0, 0), four = program.constant(4);
  const uint32_t bytes = program.dim(DimOp::Mul, n, four);
  const uint32_t kept = program.dim(DimOp::Read, n);
  const uint32_t keptBytes = program.dim(DimOp::Mul, kept, four);
  const uint32_t x = program.input("x", FIRN_FLOAT, {n}, bytes);
  const uint32_t values = program.buffer(Space::Arena, keptBytes);
  const uint32_t found = program.buffer(Space::Arena, program.constant(8));
  const uint32_t twice = program.output("twice", FIRN_FLOAT, {kept}, keptBytes);
  program.dispatch(kKeep, {x, values, found}, {n});
  program.readDim(found, kept, width);
  const uint32_t groups = program.dim(DimOp::CeilDiv, kept, program.constant(kStripe));
  program.dispatch(kAdd, {values, values, twice}, {kept}, {groups, program.one(), program.one()});
  return program;
}

TEST(Control, SizesMayComeFromData) {
  for (uint8_t width : {4, 8}) {
    TestModel model(sectionsOf(keepingProgram(width)), 2);
    firn_context *context = model.context.get();
    EXPECT_EQ(firn_module_output(model.opened.module.get(), 0)->dims[0], -1);
    for (const std::vector<float> &x :
         std::vector<std::vector<float>>{{1, -1, 2, 0, 3}, {-1, -1, -1}, ramp(200), {5}, {}}) {
      std::vector<float> expected;
      for (float value : x)
        if (value > 0)
          expected.push_back(2 * value);
      const int64_t n = int64_t(x.size());
      ASSERT_EQ(firn_set_input_dims(context, "x", &n, 1, nullptr), FIRN_OK);
      setInput(context, "x", FIRN_FLOAT, x, nullptr);
      ASSERT_EQ(firn_prepare(context, nullptr), FIRN_OK);
      EXPECT_THAT(dimsOf(context, "twice"), ElementsAre(n)) << "the bound, before it is known";
      for (int again = 0; again < 2; ++again) {
        ASSERT_EQ(firn_run(context, &model.status), FIRN_OK) << model.status.message;
        EXPECT_EQ(outputOf<float>(context, "twice"), expected);
        EXPECT_THAT(dimsOf(context, "twice"), ElementsAre(expected.size()));
      }
    }
  }
}

TEST(Control, SizesFromDataHaveToFit) {
  Scalars s;
  const uint32_t size = s.program.input("size", FIRN_INT32, {s.one}, s.bytes);
  const uint32_t read = s.program.dim(DimOp::Read, s.program.constant(3));
  const uint32_t bytes = s.program.dim(DimOp::Mul, read, s.program.constant(4));
  const uint32_t three = s.program.constant(3);
  const uint32_t x = s.program.input("x", FIRN_FLOAT, {three}, s.program.constant(12));
  const uint32_t y = s.program.output("y", FIRN_FLOAT, {read}, bytes);
  s.program.readDim(size, read, 4);
  s.program.copy(x, y, bytes);
  TestModel model(sectionsOf(s.program));
  std::vector<int32_t> value = {2};
  const std::vector<float> values = {1, 2, 3};
  setInput(model.context.get(), "size", FIRN_INT32, value, nullptr);
  setInput(model.context.get(), "x", FIRN_FLOAT, values, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
  EXPECT_THAT(outputOf<float>(model.context.get(), "y"), ElementsAre(1, 2));
  for (int32_t wrong : {-1, 4}) {
    value[0] = wrong;
    EXPECT_EQ(firn_run(model.context.get(), &model.status), FIRN_FAILED);
    EXPECT_THAT(model.status.message, HasSubstr("expected a size between 0 and 3, got "));
  }
}

TEST(Control, CopiesStayInTheirBuffers) {
  Scalars s;
  const uint32_t size = s.program.input("size", FIRN_INT32, {s.one}, s.bytes);
  const uint32_t read = s.program.dim(DimOp::Read, s.program.constant(100));
  const uint32_t x = s.input("x"), y = s.output("y");
  s.program.readDim(size, read, 4);
  s.program.copy(x, y, read);
  TestModel model(sectionsOf(s.program));
  const std::vector<int32_t> five = {5};
  const std::vector<float> value = {1};
  setInput(model.context.get(), "size", FIRN_INT32, five, nullptr);
  setInput(model.context.get(), "x", FIRN_FLOAT, value, nullptr);
  EXPECT_EQ(firn_run(model.context.get(), &model.status), FIRN_FAILED);
  EXPECT_THAT(model.status.message, HasSubstr("step 1: a binding reaches beyond its buffer"));
}

} // namespace
} // namespace firn::runtime
