// What a caller may do wrong, and what is said to it.
#include "support.h"

namespace firn::runtime {
namespace {

using ::testing::HasSubstr;

class Feeds : public ::testing::Test {
protected:
  void expectFailure(firn_code code, firn_code expected, const std::string &message) {
    EXPECT_EQ(code, expected);
    EXPECT_EQ(model.status.code, expected);
    EXPECT_THAT(model.status.message, HasSubstr(message));
  }
  firn_code setDims(const char *name, std::vector<int64_t> dims) {
    return firn_set_input_dims(context, name, dims.data(), uint32_t(dims.size()), &model.status);
  }

  TestModel model{sectionsOf(addProgram(-1), ramp(kAddWeights))};
  firn_context *context = model.context.get();
  const std::vector<float> values = ramp(6);
};

TEST_F(Feeds, NamesAreListed) {
  expectFailure(setDims("z", {1}), FIRN_INVALID, "the model has no input 'z': expected one of 'x'");
  expectFailure(setInput(context, "", FIRN_FLOAT, values, &model.status), FIRN_INVALID,
                "the model has no input ''");
  expectFailure(setInput(context, nullptr, FIRN_FLOAT, values, &model.status), FIRN_INVALID,
                "the model has no input '(null)'");
  firn_tensor tensor;
  expectFailure(firn_get_output(context, "x", &tensor, &model.status), FIRN_INVALID,
                "the model has no output 'x': expected one of 'y'");
  expectFailure(firn_set_output(context, "x", FIRN_FLOAT, nullptr, 0, &model.status), FIRN_INVALID,
                "expected one of 'y'");
}

TEST_F(Feeds, RankAndDimsAreCompared) {
  expectFailure(setDims("x", {1, 2}), FIRN_INVALID, "input 'x': expected dims [?], got [1,2]");
  expectFailure(setDims("x", {-1}), FIRN_INVALID, "expected dims [?], got [?]");
  expectFailure(setDims("x", {INT64_MAX}), FIRN_INVALID, "input 'x': expected dims [?]");
  expectFailure(setDims("x", {}), FIRN_INVALID, "expected dims [?], got []");
}

TEST_F(Feeds, TypesAreCompared) {
  expectFailure(setInput(context, "x", FIRN_INT32, values, &model.status), FIRN_INVALID,
                "input 'x': expected dtype float, got int32 (3)");
  expectFailure(setInput(context, "x", firn_dtype(99), values, &model.status), FIRN_INVALID,
                "got none (99)");
  expectFailure(firn_set_output(context, "y", FIRN_HALF, nullptr, 0, &model.status), FIRN_INVALID,
                "output 'y': expected dtype float, got half (19)");
}

TEST_F(Feeds, SizesAreCompared) {
  ASSERT_EQ(setDims("x", {5}), FIRN_OK);
  ASSERT_EQ(setInput(context, "x", FIRN_FLOAT, values, &model.status), FIRN_OK)
      << "dims may follow";
  expectFailure(firn_run(context, &model.status), FIRN_INVALID,
                "input 'x': expected 20 bytes (float [5]), got 24");
  ASSERT_EQ(setDims("x", {6}), FIRN_OK);
  ASSERT_EQ(firn_run(context, &model.status), FIRN_OK) << model.status.message;
  expectFailure(firn_set_input(context, "x", FIRN_FLOAT, values.data(), 4, &model.status),
                FIRN_INVALID, "expected 24 bytes (float [6]), got 4");
  expectFailure(firn_set_input(context, "x", FIRN_FLOAT, nullptr, 24, &model.status), FIRN_INVALID,
                "expected a pointer, got null");
  EXPECT_EQ(firn_run(context, &model.status), FIRN_OK) << "what was refused has changed nothing";
  float small[2];
  ASSERT_EQ(firn_set_output(context, "y", FIRN_FLOAT, small, sizeof small, &model.status), FIRN_OK)
      << "dims may follow";
  expectFailure(firn_run(context, &model.status), FIRN_INVALID,
                "output 'y': expected at least 24 bytes (float [6]), got 8");
  ASSERT_EQ(setDims("x", {2}), FIRN_OK);
  ASSERT_EQ(firn_set_input(context, "x", FIRN_FLOAT, values.data(), 8, &model.status), FIRN_OK);
  EXPECT_EQ(firn_run(context, &model.status), FIRN_OK) << model.status.message;
}

TEST_F(Feeds, WhatIsMissingIsNamed) {
  firn_tensor tensor;
  expectFailure(firn_get_output(context, "y", &tensor, &model.status), FIRN_NOT_READY,
                "output 'y' has no memory yet");
  expectFailure(firn_run(context, &model.status), FIRN_NOT_READY, "input 'x' has no dims yet");
  ASSERT_EQ(setDims("x", {6}), FIRN_OK);
  expectFailure(firn_run(context, &model.status), FIRN_NOT_READY, "input 'x' has no data yet");
}

TEST_F(Feeds, SizesTooLargeForAnyMemoryAreRefused) {
  ASSERT_EQ(setDims("x", {int64_t(1) << 45}), FIRN_OK);
  expectFailure(firn_prepare(context, &model.status), FIRN_INVALID, "are too large");
  ASSERT_EQ(setDims("x", {6}), FIRN_OK);
  EXPECT_EQ(firn_prepare(context, &model.status), FIRN_OK);
}

TEST_F(Feeds, ThreadsHaveALimit) {
  const firn_context_options options = {100000, nullptr, nullptr};
  firn_context *other;
  expectFailure(firn_context_create(model.opened.module.get(), &options, &other, &model.status),
                FIRN_INVALID, "expected at most 1024 threads, got 100000");
  EXPECT_EQ(other, nullptr);
}

TEST(FeedsTogether, DimsThatAreTiedAreCompared) {
  TestProgram program;
  const uint32_t n = program.inputDim(0, 0), four = program.constant(4);
  const uint32_t half = program.dim(DimOp::FloorDiv, program.constant(100), n);
  const uint32_t bytes = program.dim(DimOp::Mul, n, four);
  const uint32_t a = program.input("a", FIRN_FLOAT, {n}, bytes);
  const uint32_t b = program.input("b", FIRN_FLOAT, {n}, bytes);
  const uint32_t sum = program.output("sum", FIRN_FLOAT, {n}, bytes);
  program.input("h", FIRN_FLOAT, {half, four}, program.dim(DimOp::Mul, half, program.constant(16)));
  program.dispatch(kAdd, {a, b, sum}, {n});
  TestModel model(sectionsOf(program));
  firn_context *context = model.context.get();
  const auto set = [&](const char *name, std::vector<int64_t> dims) {
    ASSERT_EQ(firn_set_input_dims(context, name, dims.data(), uint32_t(dims.size()), nullptr),
              FIRN_OK);
  };
  set("a", {10}), set("b", {11}), set("h", {10, 4});
  EXPECT_EQ(firn_prepare(context, &model.status), FIRN_INVALID);
  EXPECT_STREQ(model.status.message,
               "input 'b': expected 10 as dimension 0 for the dims of the other inputs, got [11]");
  set("b", {10});
  EXPECT_EQ(firn_prepare(context, &model.status), FIRN_OK) << model.status.message;
  set("a", {0}), set("b", {0});
  EXPECT_EQ(firn_prepare(context, &model.status), FIRN_INVALID);
  EXPECT_THAT(model.status.message, HasSubstr("the model has no sizes for these dims"));
}

} // namespace
} // namespace firn::runtime
