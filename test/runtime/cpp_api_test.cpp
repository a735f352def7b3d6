// firn/firn.hpp: owners, views, errors as values and as exceptions.
#include <array>

#include "firn/firn.hpp"
#include "support.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// y = x + w + w with w = 0, 1, 2 …; the length of x is dynamic.
class CppApi : public ::testing::Test {
protected:
  CppApi()
      : bytes(runtime::moduleBytes(
            runtime::sectionsOf(runtime::addProgram(-1), runtime::ramp(runtime::kAddWeights)))),
        opened(Module::OpenMemory(bytes.data(), bytes.size)),
        created(Context::Create(opened.value(), {1, nullptr, nullptr})), context(created.value()) {}

  runtime::AlignedBytes bytes;
  Result<Module> opened;
  Result<Context> created;
  Context &context;
};

TEST_F(CppApi, RunsWithoutCopies) {
  std::vector<float> x = {1, 2, 3}, y(3);
  context.SetDims("x", {3}).value();
  context.SetInput<float>("x", x).value();
  context.SetOutput<float>("y", y).value();
  context.Run().value();
  EXPECT_THAT(y, ElementsAre(1, 4, 7));
  x[0] = 10;
  context.Run().value();
  EXPECT_THAT(y, ElementsAre(10, 4, 7)) << "reads the caller's memory again";
  Tensor<const float> result = context.Output<const float>("y").value();
  EXPECT_EQ(result.data(), y.data());
  EXPECT_THAT(result.dims(), ElementsAre(3));
}

TEST_F(CppApi, OutputsAreViews) {
  const std::array<float, 2> x = {5, 6};
  context.SetDims("x", {2}).value();
  context.SetInput<float>("x", x).value();
  context.SetOutput<float>("y", {}).value();
  context.Run().value();
  Result<TensorView> view = context.Output("y");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->dtype(), FIRN_FLOAT);
  EXPECT_EQ(view->size_bytes(), 8u);
  EXPECT_THAT(view->As<float>(), ElementsAre(5, 8));
  EXPECT_TRUE(view->As<int32_t>().empty()) << "another type";
  Tensor<float> typed = *context.Output<float>("y");
  EXPECT_EQ(typed.data(), view->data());
  EXPECT_EQ(typed[1], 8);
}

TEST_F(CppApi, TellsWhatTheModelTakes) {
  const Module &module = *opened;
  ASSERT_EQ(module.input_count(), 1u);
  ASSERT_EQ(module.output_count(), 1u);
  EXPECT_STREQ(module.input(0).name(), "x");
  EXPECT_EQ(module.output(0).dtype(), FIRN_FLOAT);
  EXPECT_THAT(module.output(0).dims(), ElementsAre(-1));
  EXPECT_EQ(module.cpu_level(), 2u);
  EXPECT_EQ(context.threads(), 1u);
}

TEST_F(CppApi, ErrorsAreValues) {
  const Status status = context.SetDims("z", {1});
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), FIRN_INVALID);
  EXPECT_THAT(status.message(), HasSubstr("the model has no input 'z'"));

  const std::vector<int32_t> integers = {1};
  EXPECT_THAT(context.SetInput<int32_t>("x", integers).message(),
              HasSubstr("expected dtype float, got int32"));

  context.SetDims("x", {1}).value();
  context.Prepare().value();
  const Result<Tensor<int64_t>> output = context.Output<int64_t>("y");
  EXPECT_FALSE(output);
  EXPECT_EQ(output.code(), FIRN_INVALID);
  EXPECT_STREQ(output.message(), "output 'y': expected dtype float, got int64");

  const Result<Module> missing = Module::Open("nowhere.firn");
  EXPECT_FALSE(missing.ok());
  EXPECT_EQ(missing.code(), FIRN_UNREADABLE);
}

TEST_F(CppApi, ValueThrows) {
  try {
    Module::Open("nowhere.firn").value();
    FAIL() << "expected firn::Error";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), FIRN_UNREADABLE);
    EXPECT_THAT(error.what(), HasSubstr("nowhere.firn"));
  }
  EXPECT_THROW(context.SetDims("z", {}).value(), std::exception);
}

TEST_F(CppApi, OwnersMove) {
  const std::vector<float> x = {1};
  Context moved = std::move(context);
  EXPECT_EQ(context.get(), nullptr);
  moved.SetDims("x", {1}).value();
  moved.SetInput<float>("x", x).value();
  Module module = std::move(opened).value();
  {
    Module closed = std::move(module);
  }
  EXPECT_EQ(moved.Run().code(), FIRN_OK) << "a context keeps its module alive";
  Result<Context> assigned = Status();
  assigned = Context::Create(Module::OpenMemory(bytes.data(), bytes.size).value());
  ASSERT_TRUE(assigned);
  moved = std::move(assigned).value();
  EXPECT_EQ(moved.Run().code(), FIRN_NOT_READY);
}

template <class T, class C> constexpr bool kSpanOf = std::is_convertible<C, Span<T>>::value;
static_assert(kSpanOf<const float, std::vector<float> &> && kSpanOf<float, std::vector<float> &>);
static_assert(kSpanOf<const float, const std::array<float, 3> &> && kSpanOf<float, float (&)[3]>);
static_assert(kSpanOf<const float, Span<float>> && !kSpanOf<float, Span<const float>>);
static_assert(!kSpanOf<float, const std::vector<float> &>, "a view does not take const away");
static_assert(!kSpanOf<const float, std::vector<double> &>, "values are not converted");
static_assert(!std::is_copy_constructible<Module>::value && sizeof(Module) == sizeof(void *));

} // namespace
} // namespace firn
