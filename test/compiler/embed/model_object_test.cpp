// Modules as objects: what lies where, what is refused.
#include "compiler/embed/model_object.h"

#include <cstddef>

#include "runtime/module/memory.h"
#include "support.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<ModuleSection> twoLevels(size_t weights = runtime::kAddWeights) {
  std::vector<ModuleSection> sections =
      runtime::sectionsOf(runtime::addProgram(4), runtime::ramp(weights));
  sections.push_back(runtime::codeSection(FIRN_CPU_X86_64_V3));
  return sections;
}

const ElfSection *find(const ElfObject &object, const std::string &name) {
  for (const ElfSection &section : object.sections)
    if (section.name == name)
      return &section;
  return nullptr;
}

std::string contents(const ElfSection &section) {
  std::string bytes;
  for (absl::string_view part : section.parts)
    bytes.append(part.data(), part.size());
  return bytes;
}

std::vector<std::string> names(const ElfObject &object) {
  std::vector<std::string> result;
  for (const ElfSection &section : object.sections)
    result.push_back(section.name);
  return result;
}

TEST(ModelObject, HasASectionForEachPart) {
  const OpenModule module(twoLevels());
  const auto object = modelObject(module.get(), {"m", {}});
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_THAT(names(*object), ElementsAre(".text.firn.m.v2", ".text.firn.m.v3", ".rodata.firn.m",
                                          ".rodata.firn.m.weights", ".data.rel.ro.firn.m"));
}

TEST(ModelObject, WeightsAreThoseOfTheFileWithTheirTail) {
  const OpenModule module(twoLevels());
  const auto object = modelObject(module.get(), {"m", {}});
  const std::string bytes = contents(*find(*object, ".rodata.firn.m.weights"));
  ASSERT_EQ(bytes.size(), runtime::kAddWeights * sizeof(float) + 64);
  float third;
  std::memcpy(&third, bytes.data() + 8, sizeof third);
  EXPECT_EQ(third, 2.0f);
  EXPECT_EQ(bytes.substr(bytes.size() - 64), std::string(64, 0));
  // They are not copied.
  for (absl::string_view part : find(*object, ".rodata.firn.m.weights")->parts)
    if (!part.empty() && part.size() > 64) {
      EXPECT_GE(reinterpret_cast<const unsigned char *>(part.data()), module.data());
    }
}

TEST(ModelObject, TheDescriptorRefersToEveryPart) {
  const OpenModule module(twoLevels());
  const auto object = modelObject(module.get(), {"m", {}});
  const ElfSymbol &model = object->symbols.back();
  EXPECT_EQ(model.name, "firn_model_m");
  EXPECT_EQ(model.scope, ElfSymbol::Scope::Hidden);
  EXPECT_EQ(model.size, sizeof(firn_static_module));
  const ElfSection &section = object->sections[model.section];
  firn_static_module value;
  std::memcpy(&value, contents(section).data() + model.offset, sizeof value);
  EXPECT_EQ(value.size, sizeof value);
  EXPECT_EQ(value.major, FIRN_STATIC_MAJOR);
  EXPECT_EQ(value.code_count, 2u);
  EXPECT_EQ(value.weights_size, runtime::kAddWeights * sizeof(float) + 64);
  EXPECT_EQ(value.names_size, 0u);
  ASSERT_EQ(section.addresses.size(), 5u); // two entries, the table, program, weights
  EXPECT_EQ(section.addresses[3].offset, model.offset + offsetof(firn_static_module, program));
  EXPECT_EQ(object->symbols[section.addresses[3].symbol].name, "m_program");
  EXPECT_EQ(object->symbols[section.addresses[0].symbol].name, "m_code_v2");
}

TEST(ModelObject, ExportsTheModelWhereItIsAskedTo) {
  const OpenModule module(twoLevels());
  const auto object = modelObject(module.get(), {"m", {}, true});
  EXPECT_EQ(object->symbols.back().scope, ElfSymbol::Scope::Default);
}

TEST(ModelObject, TakesTheLevelsThatAreWanted) {
  const OpenModule module(twoLevels());
  const auto object = modelObject(module.get(), {"m", {3}});
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(find(*object, ".text.firn.m.v2"), nullptr);
  EXPECT_NE(find(*object, ".text.firn.m.v3"), nullptr);
}

TEST(ModelObject, RefusesALevelThatThereIsNone) {
  const OpenModule module(twoLevels());
  const auto object = modelObject(module.get(), {"m", {3, 4}});
  EXPECT_EQ(object.status().message(),
            "the module has no code of level v4: expected --levels of v2,v3");
}

TEST(ModelObject, LargeWeightsLieOutOfTheWay) {
  const OpenModule module(twoLevels(17 << 20));
  const auto object = modelObject(module.get(), {"m", {}});
  const ElfSection *weights = find(*object, ".lrodata.firn.m");
  ASSERT_NE(weights, nullptr);
  EXPECT_TRUE(weights->flags & kElfLargeSection);
}

// Opening to look at a module compares neither code nor weights with their checksums.
TEST(ModelObject, FindsDamage) {
  std::string bytes = runtime::moduleBytes(twoLevels());
  const auto &header = *reinterpret_cast<const firn_module_header *>(bytes.data());
  for (uint32_t i = 0; i < header.section_count; ++i) {
    std::string other = bytes;
    firn_section section;
    std::memcpy(&section, bytes.data() + header.table_offset + i * sizeof section, sizeof section);
    if (section.kind == FIRN_SECTION_PROGRAM)
      continue; // compared when it is opened
    other[section.offset + section.size / 2] ^= 1;
    const runtime::AlignedBytes memory(other);
    const runtime::Opened opened = runtime::openMemory(memory, FIRN_OPEN_INSPECT);
    ASSERT_TRUE(opened.module) << opened.status.message;
    const auto object = modelObject(opened.module.get(), {"m", {}});
    EXPECT_EQ(object.status().code(), absl::StatusCode::kDataLoss) << i;
    EXPECT_THAT(std::string(object.status().message()), HasSubstr("damaged: expected checksum"));
  }
}

} // namespace
} // namespace firn
