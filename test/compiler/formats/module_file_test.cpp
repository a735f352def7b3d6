// Modules on the disk: they appear whole or not at all.
#include "compiler/formats/module_file.h"

#include "support.h"

namespace firn {
namespace {

std::string readAll(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ModuleFile : public testing::TempDir {};

std::vector<ModuleSection> sampleSections() {
  return {ModuleSection::of(FIRN_SECTION_BUILD, "firn 0.1\n", 0, FIRN_SECTION_OPTIONAL),
          ModuleSection::of(FIRN_SECTION_WEIGHTS, std::string(100000, 'w'))};
}

TEST_F(ModuleFile, IsWhatTheWriterWrites) {
  std::string expected;
  ModuleSink sink;
  sink.append = [&](std::string_view bytes) { return expected.append(bytes), true; };
  sink.overwrite = [&](uint64_t offset, std::string_view bytes) {
    return expected.replace(offset, bytes.size(), bytes), true;
  };
  ASSERT_TRUE(writeModule(sink, sampleSections()));
  const std::string path = at("m.firn");
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(writeModuleFile(path, sampleSections()).ok());
    EXPECT_EQ(readAll(path), expected);
  }
}

TEST_F(ModuleFile, LeavesWhatWasThereWhereASectionFails) {
  const std::string path = at("m.firn");
  ASSERT_TRUE(writeModuleFile(path, sampleSections()).ok());
  const std::string before = readAll(path);
  std::vector<ModuleSection> sections = sampleSections();
  sections[1].produce = [](const ModuleSection::Append &append) {
    append("half");
    return false;
  };
  EXPECT_FALSE(writeModuleFile(path, sections).ok());
  EXPECT_EQ(readAll(path), before);
}

TEST_F(ModuleFile, SaysWhyAFileCannotBeWritten) {
  const absl::Status status = writeModuleFile(at("nowhere/m.firn"), sampleSections());
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("nowhere/m.firn"));
}

} // namespace
} // namespace firn
