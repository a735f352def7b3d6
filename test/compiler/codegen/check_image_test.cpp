// Images that the runtime could not map are refused.
#include "compiler/codegen/CheckImage.h"
#include "test_code.h"

#include <elf.h>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace firn::codegen;
using testing::HasSubstr;

namespace {

const std::string nothing = R"(
func.func @f(%x: index, %y: index, %z: index) attributes {firn.function = 0 : i32} { return }
)";

std::string validImage() {
  auto code = generateText(nothing, testOptions({FIRN_CPU_X86_64_V2}));
  EXPECT_TRUE(code.ok()) << code.status().message();
  return code->images[0].elf;
}

Elf64_Ehdr &headerOf(std::string &image) { return *reinterpret_cast<Elf64_Ehdr *>(image.data()); }

Elf64_Phdr &segmentOf(std::string &image, uint32_t type) {
  auto *segment = reinterpret_cast<Elf64_Phdr *>(image.data() + headerOf(image).e_phoff);
  while (segment->p_type != type)
    ++segment;
  return *segment;
}

void expectRefused(const std::function<void(std::string &)> &damage, const std::string &why) {
  std::string image = validImage();
  damage(image);
  absl::Status status = checkImage(image);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr(why));
}

TEST(CheckImage, TakesWhatTheLinkerMakes) { EXPECT_TRUE(checkImage(validImage()).ok()); }

TEST(CheckImage, RefusesWritableSegments) {
  expectRefused([](std::string &image) { segmentOf(image, PT_LOAD).p_flags = PF_R | PF_W; },
                "expected segments R or RX");
}

TEST(CheckImage, RefusesZeroedMemory) {
  expectRefused([](std::string &image) { segmentOf(image, PT_LOAD).p_memsz += 16; },
                "not wholly in the file");
}

TEST(CheckImage, RefusesInterpreters) {
  expectRefused([](std::string &image) { segmentOf(image, PT_LOAD).p_type = PT_INTERP; },
                "expected no segment of type 0x3");
}

TEST(CheckImage, RefusesAnEntryOutsideOfCode) {
  expectRefused([](std::string &image) { headerOf(image).e_entry = 8; }, "the entry lies outside");
}

TEST(CheckImage, RefusesDynamicRelocations) {
  expectRefused(
      [](std::string &image) {
        uint64_t offset = segmentOf(image, PT_DYNAMIC).p_offset;
        reinterpret_cast<Elf64_Dyn *>(image.data() + offset)->d_tag = DT_RELA;
      },
      "it needs a dynamic linker: RELA");
}

TEST(CheckImage, RefusesOtherFiles) {
  EXPECT_EQ(checkImage("not an image").code(), absl::StatusCode::kInternal);
  expectRefused([](std::string &image) { headerOf(image).e_machine = EM_AARCH64; },
                "expected a shared x86-64 image");
}

} // namespace
