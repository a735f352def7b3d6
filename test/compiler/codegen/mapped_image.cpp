#include "mapped_image.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

constexpr uint64_t page = 4096;

} // namespace

MappedImage::MappedImage(const std::string &elf) {
  auto *header = reinterpret_cast<const Elf64_Ehdr *>(elf.data());
  auto *segments = reinterpret_cast<const Elf64_Phdr *>(elf.data() + header->e_phoff);
  for (int i = 0; i < header->e_phnum; ++i)
    if (segments[i].p_type == PT_LOAD)
      size = (segments[i].p_vaddr + segments[i].p_memsz + page - 1) / page * page;
  FILE *file = tmpfile();
  EXPECT_EQ(fwrite(elf.data(), 1, elf.size(), file), elf.size());
  fflush(file);
  base = static_cast<char *>(mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (int i = 0; i < header->e_phnum; ++i) {
    const Elf64_Phdr &segment = segments[i];
    if (segment.p_type != PT_LOAD)
      continue;
    uint64_t before = segment.p_vaddr % page;
    int access = PROT_READ | (segment.p_flags & PF_X ? PROT_EXEC : 0);
    void *mapped = mmap(base + segment.p_vaddr - before, segment.p_filesz + before, access,
                        MAP_PRIVATE | MAP_FIXED, fileno(file), segment.p_offset - before);
    EXPECT_NE(mapped, MAP_FAILED);
  }
  fclose(file);
  dispatch = reinterpret_cast<firn_dispatch_entry>(base + header->e_entry);
}

MappedImage::~MappedImage() { munmap(base, size); }
