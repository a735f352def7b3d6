// Running programs without control flow: sizes, memory, hooks, errors.
#include "support.h"

namespace firn::runtime {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<float> expectedSum(const std::vector<float> &x) {
  std::vector<float> y = x;
  for (size_t i = 0; i < x.size(); ++i)
    y[i] += 2 * float(i);
  return y;
}

TEST(Run, StaticDimsNeedNothingButData) {
  TestModel model(sectionsOf(addProgram(100), ramp(kAddWeights)), 4);
  firn_context *context = model.context.get();
  const std::vector<float> x = ramp(100, 0.5f);
  ASSERT_EQ(setInput(context, "x", FIRN_FLOAT, x, &model.status), FIRN_OK);
  ASSERT_EQ(firn_run(context, &model.status), FIRN_OK) << model.status.message;
  EXPECT_EQ(outputOf<float>(context, "y"), expectedSum(x));
  EXPECT_THAT(dimsOf(context, "y"), ElementsAre(100));
}

TEST(Run, DimsMayChangeBetweenRuns) {
  TestModel model(sectionsOf(addProgram(-1), ramp(kAddWeights)), 2);
  firn_context *context = model.context.get();
  for (int64_t n : {5, 4096, 0, 1, 17, 17, 4000}) {
    const std::vector<float> x = ramp(size_t(n), 3);
    ASSERT_EQ(firn_set_input_dims(context, "x", &n, 1, &model.status), FIRN_OK);
    ASSERT_EQ(setInput(context, "x", FIRN_FLOAT, x, &model.status), FIRN_OK);
    ASSERT_EQ(firn_run(context, &model.status), FIRN_OK) << model.status.message;
    EXPECT_EQ(outputOf<float>(context, "y"), expectedSum(x));
    EXPECT_THAT(dimsOf(context, "y"), ElementsAre(n));
    EXPECT_EQ(firn_context_memory(context).arena, uint64_t(n * 4 + 63) / 64 * 64);
  }
}

TEST(Run, ReadsInputsWhereTheyAre) {
  TestModel model(sectionsOf(addProgram(4), ramp(kAddWeights)));
  std::vector<float> x = {1, 1, 1, 1};
  setInput(model.context.get(), "x", FIRN_FLOAT, x, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), nullptr), FIRN_OK);
  EXPECT_THAT(outputOf<float>(model.context.get(), "y"), ElementsAre(1, 3, 5, 7));
  x.assign(4, 0.0f);
  ASSERT_EQ(firn_run(model.context.get(), nullptr), FIRN_OK);
  EXPECT_THAT(outputOf<float>(model.context.get(), "y"), ElementsAre(0, 2, 4, 6));
}

TEST(Run, OutputsMayBeTheCallers) {
  TestModel model(sectionsOf(addProgram(4), ramp(kAddWeights)));
  firn_context *context = model.context.get();
  const std::vector<float> x(4);
  std::vector<float> first(4, -1), second(4, -1);
  setInput(context, "x", FIRN_FLOAT, x, nullptr);
  for (std::vector<float> *own : {&first, &second}) {
    ASSERT_EQ(firn_set_output(context, "y", FIRN_FLOAT, own->data(), 16, &model.status), FIRN_OK);
    ASSERT_EQ(firn_run(context, &model.status), FIRN_OK) << model.status.message;
    EXPECT_THAT(*own, ElementsAre(0, 2, 4, 6));
    EXPECT_EQ(firn_context_memory(context).outputs, 0u);
  }
  ASSERT_EQ(firn_set_output(context, "y", FIRN_FLOAT, nullptr, 0, &model.status), FIRN_OK);
  second.assign(4, 9);
  ASSERT_EQ(firn_run(context, &model.status), FIRN_OK);
  EXPECT_THAT(outputOf<float>(context, "y"), ElementsAre(0, 2, 4, 6));
  EXPECT_THAT(second, Each(9));
}

/// out[z][y][x]: how often each workgroup ran.
TestProgram hitProgram(int64_t z, int64_t y, int64_t x) {
  TestProgram program;
  const uint32_t slots[] = {program.constant(z), program.constant(y), program.constant(x)};
  const uint32_t bytes = program.constant(z * y * x * 4);
  const uint32_t start = program.input("start", FIRN_INT32, {slots[0], slots[1], slots[2]}, bytes);
  const uint32_t hits = program.output("hits", FIRN_INT32, {slots[0], slots[1], slots[2]}, bytes);
  program.copy(start, hits, bytes);
  program.dispatch(kHit, {hits}, {slots[1], slots[2]}, {slots[2], slots[1], slots[0]},
                   program.constant(64));
  return program;
}

TEST(Run, EveryWorkgroupRunsOnce) {
  for (uint32_t threads : {1, 2, 3, 8})
    for (const auto &grid : std::vector<std::vector<int64_t>>{
             {1, 1, 1}, {1, 1, 2}, {3, 5, 7}, {2, 1, 9}, {1, 100, 100}, {5, 0, 3}}) {
      TestModel model(sectionsOf(hitProgram(grid[0], grid[1], grid[2])), threads);
      const std::vector<int32_t> start(size_t(grid[0] * grid[1] * grid[2]), 41);
      setInput(model.context.get(), "start", FIRN_INT32, start, nullptr);
      for (int round = 0; round < 20; ++round)
        ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
      EXPECT_THAT(outputOf<int32_t>(model.context.get(), "hits"), Each(42));
    }
}

/// Adds one stripe at level 2, two at level 3, three at level 4.
TEST(Run, LevelsMayHaveGridsOfTheirOwn) {
  for (uint32_t level = FIRN_CPU_X86_64_V2; level <= firn_cpu_level_of_machine(); ++level) {
    TestProgram program;
    const uint32_t n = program.constant(3 * kStripe), bytes = program.constant(3 * kStripe * 4);
    const uint32_t x = program.input("x", FIRN_FLOAT, {n}, bytes);
    const uint32_t y = program.output("y", FIRN_FLOAT, {n}, bytes);
    const uint32_t one = program.one(), two = program.constant(2), three = program.constant(3);
    program.dispatch(kAdd, {x, x, y}, {n}, {one, one, one, two, one, one, three, one, one});
    TestModel model(
        {ModuleSection::of(FIRN_SECTION_PROGRAM, program.finish()), codeSection(uint16_t(level))});
    const std::vector<float> ones(3 * kStripe, 1);
    std::vector<float> result(3 * kStripe);
    setInput(model.context.get(), "x", FIRN_FLOAT, ones, nullptr);
    firn_set_output(model.context.get(), "y", FIRN_FLOAT, result.data(), result.size() * 4,
                    nullptr);
    ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
    EXPECT_EQ(std::count(result.begin(), result.end(), 2.0f), (level - 1) * kStripe);
  }
}

TEST(Run, ThreadsMayBeTheCallers) {
  TestModel model(sectionsOf(hitProgram(3, 4, 50)));
  const firn_parallel_for backwards = [](void *user, uint32_t count, void (*body)(void *, uint32_t),
                                         void *argument) {
    *static_cast<uint32_t *>(user) += count;
    for (uint32_t i = count; i > 0; --i)
      body(argument, i - 1);
  };
  uint32_t bodies = 0;
  const firn_context_options options = {5, backwards, &bodies};
  firn_context *context;
  ASSERT_EQ(firn_context_create(model.opened.module.get(), &options, &context, nullptr), FIRN_OK);
  const ContextPointer owner(context);
  const std::vector<int32_t> start(600, 0);
  setInput(context, "start", FIRN_INT32, start, nullptr);
  ASSERT_EQ(firn_run(context, &model.status), FIRN_OK) << model.status.message;
  EXPECT_THAT(outputOf<int32_t>(context, "hits"), Each(1));
  EXPECT_EQ(bodies, 5u);
  EXPECT_EQ(firn_context_threads(context), 5u);
}

TEST(Run, BindingsMayBeginInsideABuffer) {
  TestProgram program;
  const uint32_t four = program.constant(4), eight = program.constant(8);
  const uint32_t sixteen = program.constant(16), bytes = program.constant(32);
  const uint32_t x = program.input("x", FIRN_FLOAT, {eight}, bytes);
  const uint32_t y = program.output("y", FIRN_FLOAT, {four}, sixteen);
  program.dispatch(kAdd, {x, x, y}, {four});
  program.steps.back().offsets = {0, sixteen, 0};
  TestModel model(sectionsOf(program));
  const std::vector<float> values = {1, 2, 3, 4, 10, 20, 30, 40};
  setInput(model.context.get(), "x", FIRN_FLOAT, values, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK) << model.status.message;
  EXPECT_THAT(outputOf<float>(model.context.get(), "y"), ElementsAre(11, 22, 33, 44));
}

TEST(Run, DenormalsAreZeroOnEveryThread) {
  TestProgram program;
  const uint32_t one = program.one(), bytes = program.constant(4);
  const uint32_t a = program.input("a", FIRN_FLOAT, {one}, bytes);
  const uint32_t b = program.input("b", FIRN_FLOAT, {one}, bytes);
  const uint32_t product = program.output("product", FIRN_FLOAT, {one}, bytes);
  program.dispatch(kMultiply, {a, b, product});
  TestModel model(sectionsOf(program));
  const std::vector<float> small = {1e-30f}, tiny = {1e-10f};
  setInput(model.context.get(), "a", FIRN_FLOAT, small, nullptr);
  setInput(model.context.get(), "b", FIRN_FLOAT, tiny, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), nullptr), FIRN_OK);
  EXPECT_EQ(outputOf<float>(model.context.get(), "product")[0], 0.0f);
  volatile float own = 1e-30f;
  EXPECT_GT(own * 1e-10f, 0.0f) << "the caller's own mode is as before";
}

TEST(Run, HooksSeeEveryStep) {
  TestModel model(sectionsOf(hitProgram(2, 3, 4)));
  struct Seen {
    std::vector<firn_step> steps;
    int32_t firstHit = 0;
  } seen;
  firn_set_step_hook(
      model.context.get(),
      [](void *user, const firn_step *step) {
        auto *seen = static_cast<Seen *>(user);
        seen->steps.push_back(*step);
        seen->firstHit = *static_cast<const int32_t *>(step->bindings[step->binding_count - 1]);
      },
      &seen);
  const std::vector<int32_t> start(24, 6);
  setInput(model.context.get(), "start", FIRN_INT32, start, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), nullptr), FIRN_OK);
  ASSERT_EQ(seen.steps.size(), 2u);
  EXPECT_EQ(seen.steps[0].index, 0u);
  EXPECT_EQ(seen.steps[0].binding_count, 2u);
  EXPECT_EQ(seen.steps[1].index, 1u);
  EXPECT_EQ(seen.steps[1].function, unsigned(kHit));
  EXPECT_THAT(seen.steps[1].grid, ElementsAre(4, 3, 2));
  EXPECT_GT(seen.steps[1].nanoseconds, 0u);
  EXPECT_EQ(seen.steps[1].slots[0], 0);
  EXPECT_EQ(seen.firstHit, 7);
  firn_set_step_hook(model.context.get(), nullptr, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), nullptr), FIRN_OK);
  EXPECT_EQ(seen.steps.size(), 2u);
}

TEST(Run, AFailingStepIsNamed) {
  TestProgram program;
  const uint32_t one = program.one(), bytes = program.constant(4);
  const uint32_t index = program.input("index", FIRN_INT32, {one}, bytes);
  const uint32_t picked = program.output("picked", FIRN_FLOAT, {one}, bytes);
  program.dispatch(kPick, {index, picked});
  std::vector<ModuleSection> sections = sectionsOf(program);
  flatbuffers::FlatBufferBuilder builder;
  const std::vector<flatbuffers::Offset<flatbuffers::String>> nodes = {
      builder.CreateString("g/take")};
  const std::vector<flatbuffers::Offset<schema::DispatchName>> names = {
      schema::CreateDispatchNameDirect(builder, 0, "gather 4", &nodes)};
  schema::FinishDebugBuffer(builder, schema::CreateDebugDirect(builder, &names));
  sections.push_back(ModuleSection::of(
      FIRN_SECTION_DEBUG,
      {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()}));
  TestModel model(sections);
  std::vector<int32_t> value = {2};
  setInput(model.context.get(), "index", FIRN_INT32, value, nullptr);
  ASSERT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK);
  EXPECT_THAT(outputOf<float>(model.context.get(), "picked"), ElementsAre(2.5f));
  value[0] = 4;
  EXPECT_EQ(firn_run(model.context.get(), &model.status), FIRN_FAILED);
  EXPECT_STREQ(model.status.message,
               "step 0, gather 4 of node 'g/take': an index lies outside its dimension");
  value[0] = 0;
  EXPECT_EQ(firn_run(model.context.get(), &model.status), FIRN_OK)
      << "a context outlives a failure";
}

} // namespace
} // namespace firn::runtime
