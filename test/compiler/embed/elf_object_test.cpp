// Objects, read back by their headers.
#include "compiler/embed/elf_object.h"

#include <elf.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firn {
namespace {

using ::testing::ElementsAre;

std::string bytesOf(const ElfObject &object) {
  const std::string path = ::testing::TempDir() + "firn-elf-" + std::to_string(getpid()) + ".o";
  auto file = OutputFile::create(path);
  EXPECT_TRUE(file.ok());
  EXPECT_TRUE(writeElfObject(object, **file).ok());
  EXPECT_TRUE((*file)->commit().ok());
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  unlink(path.c_str());
  return bytes;
}

/// An object as a linker sees it.
class Reader {
public:
  explicit Reader(std::string contents) : bytes(std::move(contents)) {
    const auto &header = at<Elf64_Ehdr>(0);
    for (size_t i = 0; i < header.e_shnum; ++i) {
      sections.push_back(at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr)));
      EXPECT_LE(sections.back().sh_offset + sections.back().sh_size, bytes.size());
      EXPECT_EQ(sections.back().sh_offset % std::max<uint64_t>(sections.back().sh_addralign, 1),
                0u);
    }
    names = sections[header.e_shstrndx];
  }
  template <class T> const T &at(uint64_t offset) const {
    EXPECT_LE(offset + sizeof(T), bytes.size());
    return *reinterpret_cast<const T *>(bytes.data() + offset);
  }
  const Elf64_Shdr *find(const std::string &name) const {
    for (const Elf64_Shdr &section : sections)
      if (name == bytes.data() + names.sh_offset + section.sh_name)
        return &section;
    return nullptr;
  }
  std::string contents(const std::string &name) const {
    return bytes.substr(find(name)->sh_offset, find(name)->sh_size);
  }

  std::string bytes;
  std::vector<Elf64_Shdr> sections;
  Elf64_Shdr names;
};

ElfObject sample() {
  ElfObject object;
  ElfSection code{".text.a", SHF_ALLOC | SHF_EXECINSTR, 4096};
  code.append("code");
  code.pad(16);
  code.append(object.keep("more"));
  ElfSection table{".data.rel.ro.a", SHF_ALLOC | SHF_WRITE, 8};
  table.appendZeros(16);
  table.addresses = {{8, 1, 3}};
  object.sections = {code, table};
  object.symbols = {{"own", ElfSymbol::Scope::Local, true, 0, 0, 4},
                    {"more", ElfSymbol::Scope::Local, false, 0, 16, 4},
                    {"shown", ElfSymbol::Scope::Hidden, false, 1, 0, 16}};
  return object;
}

TEST(ElfObject, HoldsItsSections) {
  const Reader reader(bytesOf(sample()));
  const auto &header = reader.at<Elf64_Ehdr>(0);
  EXPECT_EQ(header.e_type, ET_REL);
  EXPECT_EQ(header.e_machine, EM_X86_64);
  EXPECT_EQ(reader.contents(".text.a"), std::string("code") + std::string(12, 0) + "more");
  EXPECT_EQ(reader.find(".text.a")->sh_addralign, 4096u);
  EXPECT_EQ(reader.find(".text.a")->sh_flags, uint64_t(SHF_ALLOC | SHF_EXECINSTR));
  EXPECT_EQ(reader.contents(".data.rel.ro.a"), std::string(16, 0));
}

TEST(ElfObject, AsksForNoExecutableStack) {
  const Reader reader(bytesOf(sample()));
  ASSERT_NE(reader.find(".note.GNU-stack"), nullptr);
  EXPECT_EQ(reader.find(".note.GNU-stack")->sh_flags, 0u);
}

TEST(ElfObject, HoldsItsSymbolsLocalOnesFirst) {
  const Reader reader(bytesOf(sample()));
  const Elf64_Shdr &table = *reader.find(".symtab");
  EXPECT_EQ(table.sh_size, 4 * sizeof(Elf64_Sym));
  EXPECT_EQ(table.sh_info, 3u); // the first that is not local
  const auto &shown = reader.at<Elf64_Sym>(table.sh_offset + 3 * sizeof(Elf64_Sym));
  EXPECT_EQ(ELF64_ST_BIND(shown.st_info), STB_GLOBAL);
  EXPECT_EQ(ELF64_ST_VISIBILITY(shown.st_other), STV_HIDDEN);
  EXPECT_EQ(shown.st_size, 16u);
  EXPECT_STREQ(reader.bytes.data() + reader.sections[table.sh_link].sh_offset + shown.st_name,
               "shown");
}

TEST(ElfObject, AddressesBecomeRelocations) {
  const Reader reader(bytesOf(sample()));
  const Elf64_Shdr &table = *reader.find(".rela.data.rel.ro.a");
  ASSERT_EQ(table.sh_size, sizeof(Elf64_Rela));
  const auto &address = reader.at<Elf64_Rela>(table.sh_offset);
  EXPECT_EQ(address.r_offset, 8u);
  EXPECT_EQ(address.r_addend, 3);
  EXPECT_EQ(ELF64_R_TYPE(address.r_info), unsigned(R_X86_64_64));
  EXPECT_EQ(ELF64_R_SYM(address.r_info), 2u); // behind the empty first symbol
  EXPECT_EQ(&reader.sections[table.sh_info], reader.find(".data.rel.ro.a"));
  EXPECT_EQ(&reader.sections[table.sh_link], reader.find(".symtab"));
}

TEST(ElfObject, TheSameObjectHasTheSameBytes) { EXPECT_EQ(bytesOf(sample()), bytesOf(sample())); }

TEST(ElfObject, SectionsGrowByPartsAndZeros) {
  ElfSection section{".rodata", SHF_ALLOC, 64};
  EXPECT_EQ(section.append("abc"), 0u);
  section.pad(64);
  EXPECT_EQ(section.append("d"), 64u);
  section.appendZeros(10000);
  EXPECT_EQ(section.size(), 10065u);
}

} // namespace
} // namespace firn
