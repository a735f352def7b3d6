// Models that are linked in: the same results as of a file, what is refused.
#include "support.h"

#include "runtime/module/memory.h"

extern "C" uint32_t test_dispatch(uint32_t function, const firn_workgroup *group); // code.c

namespace firn::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What an object of `firn embed` has of a program.
class StaticModel {
public:
  explicit StaticModel(const TestProgram &program, const std::vector<float> &values = {})
      : program(program.finish()), weights(weightBytes(values)) {
    model.size = sizeof model;
    model.major = FIRN_STATIC_MAJOR;
    model.minor = FIRN_STATIC_MINOR;
    model.code = levels;
    model.code_count = 1;
    model.program = this->program.data();
    model.program_size = this->program.size;
    model.weights = values.empty() ? nullptr : weights.data();
    model.weights_size = values.empty() ? 0 : weights.size;
  }
  StaticModel(const StaticModel &) = delete;

  Opened open(uint32_t flags = 0, uint32_t level = 0) const {
    Opened result;
    firn_module *module = nullptr;
    const firn_open_options options = {flags, level};
    firn_module_open_static(&model, &options, &module, &result.status);
    result.module.reset(module);
    return result;
  }

  void expectFailure(firn_code code, const std::string &message) const {
    const Opened opened = open();
    EXPECT_EQ(opened.status.code, code);
    EXPECT_EQ(opened.module, nullptr);
    EXPECT_THAT(opened.status.message, HasSubstr(message));
  }

  firn_static_code levels[2] = {{FIRN_CPU_X86_64_V2, 0, test_dispatch},
                                {FIRN_CPU_X86_64_V3, 0, test_dispatch}};
  firn_static_module model = {};

private:
  static std::string weightBytes(const std::vector<float> &values) {
    std::string bytes(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float));
    return bytes.append(kAlignment, 0);
  }
  AlignedBytes program, weights;
};

ContextPointer singleContext(firn_module *module) {
  firn_context *context = nullptr;
  firn_status status;
  EXPECT_EQ(firn_context_create_single(module, &context, &status), FIRN_OK) << status.message;
  return ContextPointer(context);
}

TEST(Static, RunsLikeAFile) {
  StaticModel linked(addProgram(-1), ramp(kAddWeights, 0.1f));
  TestModel file(sectionsOf(addProgram(-1), ramp(kAddWeights, 0.1f)));
  Opened opened = linked.open();
  ASSERT_TRUE(opened.module) << opened.status.message;
  EXPECT_EQ(firn_module_cpu_level(opened.module.get()), 2u);
  const ContextPointer context = singleContext(opened.module.get());
  EXPECT_EQ(firn_context_threads(context.get()), 1u);
  opened.module.reset(); // the context keeps it
  const std::vector<float> x = ramp(1000, 0.3f);
  const int64_t dims[] = {1000};
  for (firn_context *each : {context.get(), file.context.get()}) {
    firn_set_input_dims(each, "x", dims, 1, nullptr);
    setInput(each, "x", FIRN_FLOAT, x, nullptr);
    ASSERT_EQ(firn_run(each, nullptr), FIRN_OK);
  }
  EXPECT_EQ(outputOf<float>(context.get(), "y"), outputOf<float>(file.context.get(), "y"));
}

TEST(Static, RunsOnThreads) {
  StaticModel linked(addProgram(4), ramp(kAddWeights));
  const Opened opened = linked.open();
  firn_context *made = nullptr;
  const firn_context_options options = {3, nullptr, nullptr};
  ASSERT_EQ(firn_context_create(opened.module.get(), &options, &made, nullptr), FIRN_OK);
  const ContextPointer context(made);
  const std::vector<float> x = {10, 20, 30, 40};
  setInput(made, "x", FIRN_FLOAT, x, nullptr);
  ASSERT_EQ(firn_run(made, nullptr), FIRN_OK);
  EXPECT_THAT(outputOf<float>(made, "y"), ElementsAre(10, 22, 34, 46));
}

TEST(Static, HasNoFile) {
  StaticModel linked(addProgram(4), ramp(kAddWeights));
  const Opened opened = linked.open();
  size_t size = 1;
  uint32_t count = 1;
  EXPECT_EQ(firn_module_bytes(opened.module.get(), &size), nullptr);
  EXPECT_EQ(firn_module_sections(opened.module.get(), &count), nullptr);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(count, 0u);
}

TEST(Static, TakesTheBestLevelThatThereIs) {
  StaticModel linked(addProgram(4), ramp(kAddWeights));
  linked.model.code_count = 2;
  EXPECT_EQ(firn_module_cpu_level(linked.open(0, 2).module.get()), 2u);
  if (firn_cpu_level_of_machine() >= 3) {
    EXPECT_EQ(firn_module_cpu_level(linked.open().module.get()), 3u);
  }
}

TEST(Static, RefusesAProcessorItHasNoCodeFor) {
  StaticModel linked(addProgram(4), ramp(kAddWeights));
  linked.levels[0].level = 9;
  linked.expectFailure(FIRN_CPU, "the module has no code for this processor: expected x86-64-v");
  linked.model.code_count = 0;
  linked.expectFailure(FIRN_CPU, "got none");
}

TEST(Static, CanBeLookedAtWithoutCode) {
  StaticModel linked(addProgram(4), ramp(kAddWeights));
  linked.levels[0].level = 9;
  const Opened opened = linked.open(FIRN_OPEN_INSPECT);
  ASSERT_TRUE(opened.module) << opened.status.message;
  EXPECT_STREQ(firn_module_input(opened.module.get(), 0)->name, "x");
  const ContextPointer context = singleContext(opened.module.get());
  firn_status status;
  EXPECT_EQ(firn_run(context.get(), &status), FIRN_NOT_READY);
}

TEST(Static, RefusesOtherVersions) {
  StaticModel linked(addProgram(4), ramp(kAddWeights));
  linked.model.major = FIRN_STATIC_MAJOR + 1;
  linked.expectFailure(FIRN_VERSION, "expected a linked model of version 1.0, got 2.0");
  linked.model.major = FIRN_STATIC_MAJOR;
  linked.model.minor = FIRN_STATIC_MINOR + 1;
  linked.expectFailure(FIRN_VERSION, "embed it again with the firn of this runtime");
}

TEST(Static, RefusesWhatIsDamaged) {
  StaticModel linked(addProgram(4), ramp(kAddWeights));
  const firn_static_module good = linked.model;
  const auto with = [&](auto change) {
    linked.model = good;
    change(linked.model);
    return linked.open().status;
  };
  EXPECT_EQ(with([](auto &) {}).code, FIRN_OK);
  EXPECT_EQ(with([](auto &m) { m.size = 4; }).code, FIRN_INVALID);
  EXPECT_EQ(with([](auto &m) { m.size -= 8; }).code, FIRN_DAMAGED);
  EXPECT_EQ(with([](auto &m) { m.program = nullptr; }).code, FIRN_DAMAGED);
  EXPECT_EQ(with([](auto &m) { m.program_size /= 2; }).code, FIRN_DAMAGED);
  EXPECT_EQ(with([](auto &m) { m.weights_size = 64; }).code, FIRN_DAMAGED);
  EXPECT_EQ(with([](auto &m) { m.weights = nullptr; }).code, FIRN_DAMAGED);
  EXPECT_EQ(with([](auto &m) { m.code = nullptr; }).code, FIRN_DAMAGED);
  EXPECT_EQ(with([](auto &m) { m.names = m.program, m.names_size = 8; }).code, FIRN_DAMAGED);
  EXPECT_THAT(with([](auto &m) { m.weights = static_cast<const char *>(m.weights) + 8; }).message,
              HasSubstr("the linked model is damaged: its weights are not aligned"));
  linked.levels[0].entry = nullptr;
  EXPECT_EQ(with([](auto &) {}).code, FIRN_DAMAGED);
}

} // namespace
} // namespace firn::runtime
