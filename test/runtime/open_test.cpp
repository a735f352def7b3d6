// Opening modules: what is told of them, versions, processors, files.
#include "support.h"

#include <sys/stat.h>
#include <unistd.h>

#include "runtime/module/crc32c.h"

namespace firn::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A file of the test's own.
class TemporaryFile {
public:
  explicit TemporaryFile(const std::string &bytes) : path(::testing::TempDir() + "firn-XXXXXX") {
    const int file = mkstemp(path.data());
    EXPECT_EQ(write(file, bytes.data(), bytes.size()), ssize_t(bytes.size()));
    close(file);
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  std::string path;
};

Opened openFile(const std::string &path, uint32_t flags = 0) {
  Opened result;
  firn_module *module = nullptr;
  const firn_open_options options = {flags, 0};
  firn_module_open(path.c_str(), &options, &module, &result.status);
  result.module.reset(module);
  return result;
}

/// Changes the header, and its checksum with it.
template <class Change> std::string withHeader(std::string bytes, Change change) {
  auto &header = *reinterpret_cast<firn_module_header *>(bytes.data());
  change(header);
  header.header_checksum = crc32cExtend(0, &header, offsetof(firn_module_header, header_checksum));
  return bytes;
}

void expectFailure(const std::string &bytes, firn_code code, const std::string &message) {
  const AlignedBytes memory(bytes);
  const Opened opened = openMemory(memory);
  EXPECT_EQ(opened.status.code, code);
  EXPECT_EQ(opened.module, nullptr);
  EXPECT_THAT(opened.status.message, HasSubstr(message));
}

TEST(Open, TellsTheSignature) {
  TestModel model(sectionsOf(addProgram(-1), ramp(kAddWeights)));
  const firn_module *module = model.opened.module.get();
  ASSERT_EQ(firn_module_input_count(module), 1u);
  ASSERT_EQ(firn_module_output_count(module), 1u);
  const firn_port *x = firn_module_input(module, 0), *y = firn_module_output(module, 0);
  EXPECT_STREQ(x->name, "x");
  EXPECT_EQ(x->dtype, FIRN_FLOAT);
  ASSERT_EQ(x->rank, 1u);
  EXPECT_EQ(x->dims[0], -1);
  EXPECT_STREQ(y->name, "y");
  EXPECT_EQ(y->dims[0], -1);
  EXPECT_EQ(firn_module_input(module, 1), nullptr);
  EXPECT_EQ(firn_module_cpu_level(module), 2u);
}

TEST(Open, StaticDimsAreTold) {
  TestModel model(sectionsOf(addProgram(100), ramp(kAddWeights)));
  EXPECT_EQ(firn_module_input(model.opened.module.get(), 0)->dims[0], 100);
}

TEST(Open, TellsTheSections) {
  TestModel model(sectionsOf(addProgram(100), ramp(kAddWeights)));
  uint32_t count;
  size_t size;
  const firn_section *sections = firn_module_sections(model.opened.module.get(), &count);
  const auto *bytes =
      static_cast<const char *>(firn_module_bytes(model.opened.module.get(), &size));
  ASSERT_EQ(count, 3u);
  EXPECT_EQ(sections[1].kind, FIRN_SECTION_WEIGHTS);
  EXPECT_EQ(sections[1].offset % FIRN_PAGE_SIZE, 0u);
  EXPECT_EQ(size, model.bytes.size);
  float second;
  std::memcpy(&second, bytes + sections[1].offset + 4, 4);
  EXPECT_EQ(second, 1.0f);
}

TEST(Open, WritingIsReproducible) {
  EXPECT_EQ(moduleBytes(sectionsOf(addProgram(-1), ramp(kAddWeights))),
            moduleBytes(sectionsOf(addProgram(-1), ramp(kAddWeights))));
}

TEST(Open, AFileRunsLikeMemory) {
  const TemporaryFile file(moduleBytes(sectionsOf(addProgram(4), ramp(kAddWeights))));
  Opened opened = openFile(file.path, FIRN_OPEN_VERIFY);
  ASSERT_TRUE(opened.module) << opened.status.message;
  firn_context *context;
  firn_status status;
  ASSERT_EQ(firn_context_create(opened.module.get(), nullptr, &context, &status), FIRN_OK);
  // The context keeps the module alive, and the mapping does not need the file's name.
  opened.module.reset();
  unlink(file.path.c_str());
  const ContextPointer owner(context);
  const std::vector<float> x = {10, 20, 30, 40};
  setInput(context, "x", FIRN_FLOAT, x, nullptr);
  ASSERT_EQ(firn_run(context, &status), FIRN_OK) << status.message;
  EXPECT_THAT(outputOf<float>(context, "y"), ElementsAre(10, 22, 34, 46));
}

TEST(Open, CodeOfAFileIsMappedFromIt) {
  const TemporaryFile file(moduleBytes(sectionsOf(addProgram(4), ramp(kAddWeights))));
  const Opened opened = openFile(file.path);
  ASSERT_TRUE(opened.module);
  std::ifstream maps("/proc/self/maps");
  std::string line;
  int executable = 0;
  while (std::getline(maps, line)) {
    EXPECT_EQ(line.find(" rwxp"), std::string::npos);
    executable +=
        line.find(file.path) != std::string::npos && line.find(" r-xp") != std::string::npos;
  }
  EXPECT_EQ(executable, 1);
}

TEST(Open, FilesThatCannotBeOpenedAreNamed) {
  EXPECT_THAT(openFile("/nowhere.firn").status.message, HasSubstr("'/nowhere.firn': can't open"));
  EXPECT_EQ(openFile("/nowhere.firn").status.code, FIRN_UNREADABLE);
  EXPECT_EQ(openFile("/").status.code, FIRN_UNREADABLE);
  const TemporaryFile empty("");
  EXPECT_EQ(openFile(empty.path).status.code, FIRN_DAMAGED);
  const TemporaryFile text(
      "this is no module, but it is long enough to hold the header of one, or so");
  EXPECT_THAT(openFile(text.path).status.message, HasSubstr("expected a firn module"));
}

TEST(Open, StatusMayBeLeftOut) {
  firn_module *module;
  EXPECT_EQ(firn_module_open("/nowhere.firn", nullptr, &module, nullptr), FIRN_UNREADABLE);
}

TEST(Open, MemoryHasToBeAligned) {
  const AlignedBytes bytes(" " + moduleBytes(sectionsOf(addProgram(4), ramp(kAddWeights))));
  firn_module *module;
  EXPECT_EQ(firn_module_open_memory(static_cast<const char *>(bytes.data()) + 1, bytes.size - 1,
                                    nullptr, &module, nullptr),
            FIRN_INVALID);
}

TEST(Open, OtherVersionsAreRefusedByName) {
  const std::string bytes = moduleBytes(sectionsOf(addProgram(4), ramp(kAddWeights)));
  expectFailure(withHeader(bytes, [](auto &header) { header.major = 2; }), FIRN_VERSION,
                "expected module format 1.x, got 2.0: compile the model again");
  expectFailure(withHeader(bytes, [](auto &header) { header.abi_major = 7; }), FIRN_VERSION,
                "expected code for ABI 1.0, got 7.0");
  expectFailure(withHeader(bytes, [](auto &header) { header.abi_minor = 1; }), FIRN_VERSION,
                "got 1.1");
  const AlignedBytes newer(withHeader(bytes, [](auto &header) { header.minor = 9; }));
  EXPECT_EQ(openMemory(newer).status.code, FIRN_OK);
}

TEST(Open, UnknownSectionsAreSkippedWhereOptional) {
  std::vector<ModuleSection> sections = sectionsOf(addProgram(4), ramp(kAddWeights));
  sections.push_back(ModuleSection::of(77, "from the future", 0, FIRN_SECTION_OPTIONAL));
  const AlignedBytes skipped(moduleBytes(sections));
  EXPECT_EQ(openMemory(skipped).status.code, FIRN_OK);
  sections.back().flags = 0;
  expectFailure(moduleBytes(sections), FIRN_VERSION, "a kind that this runtime lacks, 77");
  sections.back() =
      ModuleSection::of(FIRN_SECTION_DEBUG, "another format", 0, FIRN_SECTION_OPTIONAL);
  sections.back().major = 2;
  const AlignedBytes otherDebug(moduleBytes(sections));
  EXPECT_EQ(openMemory(otherDebug).status.code, FIRN_OK);
  sections.back().flags = 0;
  expectFailure(moduleBytes(sections), FIRN_VERSION, "expected format 1.x, got 2.0");
}

TEST(Open, AProgramIsNeededAndOneIsEnough) {
  expectFailure(moduleBytes({codeSection()}), FIRN_DAMAGED, "the module has no program");
  std::vector<ModuleSection> sections = sectionsOf(addProgram(4), ramp(kAddWeights));
  sections.push_back(sections.front());
  expectFailure(moduleBytes(sections), FIRN_DAMAGED, "more than one section of program");
}

TEST(Open, TheBestCodeThatTheProcessorHasIsTaken) {
  std::vector<ModuleSection> sections = sectionsOf(addProgram(4), ramp(kAddWeights));
  for (uint16_t level : {FIRN_CPU_X86_64_V4, FIRN_CPU_X86_64_V3})
    sections.push_back(codeSection(level));
  const AlignedBytes bytes(moduleBytes(sections));
  const uint32_t machine = firn_cpu_level_of_machine();
  ASSERT_GE(machine, 2u);
  EXPECT_EQ(firn_module_cpu_level(openMemory(bytes).module.get()), machine);
  EXPECT_EQ(firn_module_cpu_level(openMemory(bytes, 0, 2).module.get()), 2u);
  setenv("FIRN_CPU_LEVEL", "v2", 1);
  EXPECT_EQ(firn_module_cpu_level(openMemory(bytes).module.get()), 2u);
  for (const char *wrong : {"v1", "v5", "avx2", "3", "v33"}) {
    setenv("FIRN_CPU_LEVEL", wrong, 1);
    EXPECT_THAT(openMemory(bytes).status.message,
                HasSubstr("environment FIRN_CPU_LEVEL: expected v2, v3 or v4"));
  }
  if (machine < 4) {
    setenv("FIRN_CPU_LEVEL", "v4", 1);
    EXPECT_THAT(openMemory(bytes).status.message, HasSubstr("asks for x86-64-v4, this processor"));
  }
  unsetenv("FIRN_CPU_LEVEL");
}

TEST(Open, MissingCodeIsSaidWithTheLevelsThereAre) {
  std::vector<ModuleSection> sections = sectionsOf(addProgram(4), ramp(kAddWeights));
  sections.back() = codeSection(FIRN_CPU_X86_64_V4);
  sections.push_back(codeSection(FIRN_CPU_X86_64_V3));
  const AlignedBytes bytes(moduleBytes(sections));
  const Opened opened = openMemory(bytes, 0, 2);
  EXPECT_EQ(opened.status.code, FIRN_CPU);
  EXPECT_THAT(opened.status.message,
              HasSubstr("expected x86-64-v2 or lower, got x86-64-v4, x86-64-v3"));
}

TEST(Open, InspectionNeedsNoCode) {
  std::vector<ModuleSection> sections = sectionsOf(addProgram(4), ramp(kAddWeights));
  sections.pop_back();
  const AlignedBytes bytes(moduleBytes(sections));
  const Opened opened = openMemory(bytes, FIRN_OPEN_INSPECT);
  ASSERT_TRUE(opened.module) << opened.status.message;
  EXPECT_EQ(firn_module_cpu_level(opened.module.get()), 0u);
  firn_context *context;
  firn_status status;
  ASSERT_EQ(firn_context_create(opened.module.get(), nullptr, &context, &status), FIRN_OK);
  const ContextPointer owner(context);
  EXPECT_EQ(firn_prepare(context, &status), FIRN_OK);
  EXPECT_EQ(firn_context_memory(context).arena, 64u);
  const std::vector<float> x(4);
  setInput(context, "x", FIRN_FLOAT, x, &status);
  EXPECT_EQ(firn_run(context, &status), FIRN_NOT_READY);
}

} // namespace
} // namespace firn::runtime
