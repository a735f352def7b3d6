// Code images that firn would never write.
#include "runtime/module/code.h"

#include <elf.h>

#include "support.h"

namespace firn::runtime {
namespace {

using ::testing::HasSubstr;

Elf64_Phdr *headersOf(std::string &image, uint16_t *count) {
  auto *header = reinterpret_cast<Elf64_Ehdr *>(image.data());
  *count = header->e_phnum;
  return reinterpret_cast<Elf64_Phdr *>(image.data() + header->e_phoff);
}

Elf64_Phdr &headerOf(std::string &image, uint32_t type, uint32_t flags = 0) {
  uint16_t count;
  Elf64_Phdr *headers = headersOf(image, &count);
  for (uint16_t i = 0; i < count; ++i)
    if (headers[i].p_type == type && (headers[i].p_flags & flags) == flags)
      return headers[i];
  ADD_FAILURE() << "no such program header";
  return headers[0];
}

/// What the runtime says to the good image with one thing changed.
template <class Change> std::string messageFor(Change change) {
  std::string image = readFile(FIRN_TEST_CODE);
  change(image);
  CodeImage read;
  firn_status status = {};
  readCodeImage(reinterpret_cast<const unsigned char *>(image.data()), image.size(), &read,
                &status);
  return status.message;
}

Elf64_Ehdr &elf(std::string &image) { return *reinterpret_cast<Elf64_Ehdr *>(image.data()); }

TEST(CodeImage, TheCompilersIsGood) {
  EXPECT_EQ(messageFor([](std::string &) {}), "");
}

TEST(CodeImage, OtherFilesAreRefused) {
  EXPECT_THAT(messageFor([](auto &image) { image = "short"; }), HasSubstr("too short"));
  const std::string no = "no position-independent x86-64 ELF";
  EXPECT_THAT(messageFor([](auto &image) { image[0] = 'X'; }), HasSubstr(no));
  EXPECT_THAT(messageFor([](auto &image) { elf(image).e_machine = EM_AARCH64; }), HasSubstr(no));
  EXPECT_THAT(messageFor([](auto &image) { elf(image).e_type = ET_EXEC; }), HasSubstr(no));
  EXPECT_THAT(messageFor([](auto &image) { elf(image).e_phoff = ~uint64_t(0); }),
              HasSubstr("beyond its end"));
  EXPECT_THAT(messageFor([](auto &image) { elf(image).e_phnum = 0xffff; }),
              HasSubstr("beyond its end"));
}

TEST(CodeImage, SegmentsAreReadOnlyOrExecutable) {
  for (uint32_t flags : {PF_R | PF_W, PF_R | PF_W | PF_X, PF_X, 0})
    EXPECT_THAT(messageFor([&](auto &image) { headerOf(image, PT_LOAD).p_flags = flags; }),
                HasSubstr("neither read-only nor executable"));
}

TEST(CodeImage, SegmentsLieInTheFile) {
  EXPECT_THAT(messageFor([](auto &image) {
                auto &load = headerOf(image, PT_LOAD);
                load.p_filesz = load.p_memsz = image.size() + 1;
              }),
              HasSubstr("beyond its end"));
  EXPECT_THAT(messageFor([](auto &image) { headerOf(image, PT_LOAD).p_memsz += 1; }),
              HasSubstr("beyond its end"));
  EXPECT_THAT(messageFor([](auto &image) { headerOf(image, PT_LOAD).p_offset = ~uint64_t(0); }),
              HasSubstr("beyond its end"));
}

TEST(CodeImage, SegmentsHaveTheirOwnPages) {
  EXPECT_THAT(messageFor([](auto &image) { headerOf(image, PT_LOAD, PF_X).p_vaddr -= 4096; }),
              HasSubstr("share a page"));
  EXPECT_THAT(messageFor([](auto &image) { headerOf(image, PT_LOAD, PF_X).p_vaddr += 8; }),
              HasSubstr("cannot be mapped"));
  EXPECT_THAT(messageFor([](auto &image) { headerOf(image, PT_LOAD, PF_X).p_vaddr += 1ull << 40; }),
              HasSubstr("cannot be mapped"));
}

TEST(CodeImage, NothingIsLeftToDo) {
  for (int64_t tag : {DT_RELA, DT_NEEDED, DT_INIT_ARRAY, DT_JMPREL, DT_TEXTREL})
    EXPECT_THAT(messageFor([&](auto &image) {
                  const uint64_t at = headerOf(image, PT_DYNAMIC).p_offset;
                  std::memcpy(image.data() + at, &tag, sizeof tag);
                }),
                HasSubstr("relocations, imports or initialisers"));
  EXPECT_THAT(messageFor([](auto &image) { headerOf(image, PT_DYNAMIC).p_type = PT_TLS; }),
              HasSubstr("thread-local"));
  EXPECT_THAT(messageFor([](auto &image) { headerOf(image, PT_DYNAMIC).p_type = PT_INTERP; }),
              HasSubstr("a loader"));
}

TEST(CodeImage, TheEntryIsCode) {
  for (uint64_t entry : {uint64_t(0), uint64_t(64), uint64_t(1) << 40})
    EXPECT_THAT(messageFor([&](auto &image) { elf(image).e_entry = entry; }),
                HasSubstr("its entry is not in its code"));
}

} // namespace
} // namespace firn::runtime
