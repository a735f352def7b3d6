// Damaged modules: an error, never a crash. Sanitizer builds see what a crash would not show.
#include "support.h"

#include <random>

#include "runtime/module/crc32c.h"

namespace firn::runtime {
namespace {

using ::testing::HasSubstr;

std::string sampleDebug(uint32_t inputPort = 0) {
  flatbuffers::FlatBufferBuilder builder;
  const std::vector<flatbuffers::Offset<flatbuffers::String>> nodes = {
      builder.CreateString("block/add")};
  const std::vector<uint32_t> dims = {1};
  const std::vector<flatbuffers::Offset<schema::DispatchName>> dispatches = {
      schema::CreateDispatchNameDirect(builder, 0, "add 100", &nodes)};
  const std::vector<flatbuffers::Offset<schema::TensorName>> tensors = {
      schema::CreateTensorNameDirect(builder, 1, 2, "add:0", FIRN_FLOAT, &dims)};
  const std::vector<flatbuffers::Offset<schema::PortKey>> inputs = {
      schema::CreatePortKeyDirect(builder, inputPort, "image")};
  schema::FinishDebugBuffer(builder,
                            schema::CreateDebugDirect(builder, &dispatches, &tensors, &inputs));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

std::vector<ModuleSection> sampleSections() {
  std::vector<ModuleSection> sections = sectionsOf(addProgram(100), ramp(kAddWeights));
  sections.push_back(
      ModuleSection::of(FIRN_SECTION_DEBUG, sampleDebug(), 0, FIRN_SECTION_OPTIONAL));
  return sections;
}

const std::string &sample() {
  static const std::string bytes = moduleBytes(sampleSections());
  return bytes;
}

std::vector<firn_section> tableOf(const std::string &bytes) {
  std::vector<firn_section> table(4);
  std::memcpy(table.data(), bytes.data() + sizeof(firn_module_header),
              table.size() * sizeof(firn_section));
  return table;
}

firn_section sectionOf(uint16_t kind) {
  for (const firn_section &section : tableOf(sample()))
    if (section.kind == kind)
      return section;
  return {};
}

firn_code openCode(const std::string &bytes, uint32_t flags = 0) {
  const AlignedBytes memory(bytes);
  const Opened opened = openMemory(memory, flags);
  EXPECT_EQ(opened.module == nullptr, opened.status.code != FIRN_OK);
  EXPECT_EQ(opened.status.message[0] == 0, opened.status.code == FIRN_OK);
  return opened.status.code;
}

TEST(Damage, KeysOfPortsThatDoNotExist) {
  std::vector<ModuleSection> sections = sectionsOf(addProgram(100), ramp(kAddWeights));
  sections.push_back(ModuleSection::of(FIRN_SECTION_DEBUG, sampleDebug(1)));
  const AlignedBytes memory(moduleBytes(sections));
  const Opened opened = openMemory(memory);
  EXPECT_EQ(opened.status.code, FIRN_DAMAGED);
  EXPECT_THAT(opened.status.message, HasSubstr("a key belongs to no input or output"));
}

TEST(Damage, TheSampleIsGood) { EXPECT_EQ(openCode(sample(), FIRN_OPEN_VERIFY), FIRN_OK); }

TEST(Damage, EveryTruncationIsSeen) {
  std::vector<size_t> sizes = {0, 1, 7, 8, 63, 64, 65, 100, sample().size() - 1};
  for (const firn_section &section : tableOf(sample()))
    for (uint64_t size : {section.offset, section.offset + 1, section.offset + section.size - 1})
      sizes.push_back(size);
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i)
    sizes.push_back(random() % sample().size());
  for (size_t size : sizes)
    EXPECT_EQ(openCode(sample().substr(0, size)), FIRN_DAMAGED) << size << " bytes";
}

TEST(Damage, BytesThatFollowAreSeen) { EXPECT_EQ(openCode(sample() + "x"), FIRN_DAMAGED); }

void expectEveryFlipSeen(uint64_t begin, uint64_t size, uint32_t flags = 0) {
  std::mt19937 random(4);
  const uint64_t step = size > 4096 ? size / 2048 : 1;
  for (uint64_t at = begin; at < begin + size; at += step) {
    std::string bytes = sample();
    bytes[at] ^= char(1 << random() % 8);
    const firn_code code = openCode(bytes, flags);
    EXPECT_NE(code, FIRN_OK) << "byte " << at;
  }
}

TEST(Damage, FlippedBitsOfHeaderAndTableAreSeen) {
  expectEveryFlipSeen(0, sizeof(firn_module_header) + 4 * sizeof(firn_section));
}

TEST(Damage, FlippedBitsOfTheProgramAreSeen) {
  const firn_section section = sectionOf(FIRN_SECTION_PROGRAM);
  expectEveryFlipSeen(section.offset, section.size);
}

TEST(Damage, FlippedBitsOfCodeAreSeen) {
  const firn_section section = sectionOf(FIRN_SECTION_CODE);
  expectEveryFlipSeen(section.offset, section.size);
}

TEST(Damage, FlippedBitsOfNamesAreSeen) {
  const firn_section section = sectionOf(FIRN_SECTION_DEBUG);
  expectEveryFlipSeen(section.offset, section.size);
}

TEST(Damage, FlippedBitsOfWeightsAreSeenOnRequest) {
  const firn_section section = sectionOf(FIRN_SECTION_WEIGHTS);
  std::string bytes = sample();
  bytes[section.offset + 5] ^= 1;
  EXPECT_EQ(openCode(bytes), FIRN_OK);
  expectEveryFlipSeen(section.offset, section.size, FIRN_OPEN_VERIFY);
}

/// Makes all checksums right again, as someone who means harm would.
void seal(std::string *bytes) {
  firn_module_header header;
  std::memcpy(&header, bytes->data(), sizeof header);
  std::vector<firn_section> table = tableOf(*bytes);
  for (firn_section &section : table)
    if (section.offset <= bytes->size() && section.size <= bytes->size() - section.offset)
      section.checksum = crc32cExtend(0, bytes->data() + section.offset, section.size);
  const size_t size = table.size() * sizeof(firn_section);
  std::memcpy(bytes->data() + sizeof header, table.data(), size);
  header.table_checksum = crc32cExtend(0, table.data(), size);
  header.header_checksum = crc32cExtend(0, &header, offsetof(firn_module_header, header_checksum));
  std::memcpy(bytes->data(), &header, sizeof header);
}

/// Opens it and, where that is possible, sets a context up; does not run what may be any code.
void useSealed(std::string bytes) {
  seal(&bytes);
  const AlignedBytes memory(bytes);
  const Opened opened = openMemory(memory);
  if (!opened.module)
    return;
  firn_context *context;
  const firn_context_options options = {1, nullptr, nullptr};
  if (firn_context_create(opened.module.get(), &options, &context, nullptr) != FIRN_OK)
    return;
  const ContextPointer owner(context);
  const int64_t dims[] = {100};
  firn_set_input_dims(context, "x", dims, 1, nullptr);
  // Sizes of any number of bytes are possible; memory for them is not this test's matter.
  firn_status status;
  firn_prepare(context, &status);
}

void mutate(uint16_t kind, int rounds) {
  const firn_section section = sectionOf(kind);
  std::mt19937 random(kind);
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = sample();
    for (uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
      const uint64_t at = section.offset + random() % section.size;
      const uint32_t how = random() % 3;
      bytes[at] = how == 0   ? char(bytes[at] ^ 1 << random() % 8)
                  : how == 1 ? char(random())
                             : '\xff';
    }
    useSealed(bytes);
  }
}

TEST(Damage, MaliciousProgramsAreNoCrash) { mutate(FIRN_SECTION_PROGRAM, 6000); }
TEST(Damage, MaliciousNamesAreNoCrash) { mutate(FIRN_SECTION_DEBUG, 2000); }
TEST(Damage, MaliciousImagesAreNoCrash) { mutate(FIRN_SECTION_CODE, 1000); }

TEST(Damage, MaliciousTablesAreNoCrash) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = sample();
    const size_t at = 10 + random() % (sizeof(firn_module_header) + 4 * sizeof(firn_section) - 10);
    bytes[at] = random() % 2 ? char(random()) : char(bytes[at] ^ 1 << random() % 8);
    useSealed(bytes);
  }
}

TEST(Damage, NamesOfWhatDoesNotExistAreRefused) {
  std::vector<ModuleSection> sections = sectionsOf(addProgram(100), ramp(kAddWeights));
  flatbuffers::FlatBufferBuilder builder;
  const std::vector<flatbuffers::Offset<schema::DispatchName>> dispatches = {
      schema::CreateDispatchNameDirect(builder, 99, "nothing")};
  schema::FinishDebugBuffer(builder, schema::CreateDebugDirect(builder, &dispatches));
  sections.push_back(ModuleSection::of(
      FIRN_SECTION_DEBUG,
      {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()}));
  const AlignedBytes memory(moduleBytes(sections));
  EXPECT_THAT(openMemory(memory).status.message, HasSubstr("dispatch 0 names what does not exist"));
}

} // namespace
} // namespace firn::runtime
