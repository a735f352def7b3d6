#include "compiler/codegen/CheckImage.h"

#include "absl/strings/str_cat.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELF.h"

using namespace llvm;
using namespace llvm::ELF;

namespace firn::codegen {
namespace {

using Elf = object::ELFFile<object::ELF64LE>;

absl::Status refuse(const Twine &why) {
  return absl::InternalError(absl::StrCat("the generated code cannot be mapped: ", why.str()));
}

absl::Status refuse(Error error) { return refuse(toString(std::move(error))); }

absl::Status checkHeader(const Elf &elf) {
  const auto &header = elf.getHeader();
  if (header.e_type != ET_DYN || header.e_machine != EM_X86_64)
    return refuse("expected a shared x86-64 image");
  return absl::OkStatus();
}

absl::Status checkSegment(const Elf::Elf_Phdr &segment) {
  switch (segment.p_type) {
  case PT_LOAD:
    if (segment.p_flags != PF_R && segment.p_flags != (PF_R | PF_X))
      return refuse("expected segments R or RX, got one with flags " + Twine(segment.p_flags));
    if (segment.p_filesz != segment.p_memsz)
      return refuse("a segment is not wholly in the file");
    return absl::OkStatus();
  case PT_PHDR:
  case PT_DYNAMIC:
  case PT_NOTE:
    return absl::OkStatus();
  default:
    return refuse("expected no segment of type 0x" + Twine::utohexstr(segment.p_type));
  }
}

absl::Status checkSegments(const Elf &elf) {
  auto segments = elf.program_headers();
  if (!segments)
    return refuse(segments.takeError());
  bool entered = false;
  uint64_t entry = elf.getHeader().e_entry;
  for (const auto &segment : *segments) {
    if (absl::Status status = checkSegment(segment); !status.ok())
      return status;
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X))
      entered |= entry >= segment.p_vaddr && entry - segment.p_vaddr < segment.p_filesz;
  }
  return entered ? absl::OkStatus() : refuse("the entry lies outside of the code");
}

// What a dynamic linker would have to do.
absl::Status checkDynamic(const Elf &elf) {
  auto entries = elf.dynamicEntries();
  if (!entries)
    return refuse(entries.takeError());
  for (const auto &entry : *entries) {
    switch (entry.getTag()) {
    case DT_NULL:
    case DT_SYMTAB:
    case DT_SYMENT:
    case DT_STRTAB:
    case DT_STRSZ:
    case DT_HASH:
    case DT_GNU_HASH:
    case DT_SYMBOLIC:
    case DT_FLAGS:
    case DT_FLAGS_1:
      break;
    default:
      return refuse("it needs a dynamic linker: " + elf.getDynamicTagAsString(entry.getTag()));
    }
  }
  return absl::OkStatus();
}

absl::Status checkSymbols(const Elf &elf, const Elf::Elf_Shdr &section) {
  auto symbols = elf.symbols(&section);
  auto names = elf.getStringTableForSymtab(section);
  if (!symbols || !names)
    return refuse(joinErrors(symbols.takeError(), names.takeError()));
  for (const auto &symbol : symbols->drop_front(symbols->empty() ? 0 : 1)) {
    auto name = symbol.getName(*names);
    if (!name)
      return refuse(name.takeError());
    if (symbol.st_shndx == SHN_UNDEF)
      return refuse("it imports '" + *name + "'");
  }
  return absl::OkStatus();
}

absl::Status checkSections(const Elf &elf) {
  auto sections = elf.sections();
  if (!sections)
    return refuse(sections.takeError());
  for (const auto &section : *sections) {
    bool allocated = section.sh_flags & SHF_ALLOC;
    if (section.sh_type == SHT_REL || section.sh_type == SHT_RELA || section.sh_type == SHT_RELR)
      return refuse("it has relocations");
    if (allocated && (section.sh_flags & (SHF_WRITE | SHF_TLS)) && section.sh_size != 0)
      return refuse("it has writable data");
    if (section.sh_type == SHT_DYNSYM)
      if (absl::Status status = checkSymbols(elf, section); !status.ok())
        return status;
  }
  return absl::OkStatus();
}

} // namespace

absl::Status checkImage(StringRef image) {
  auto elf = Elf::create(image);
  if (!elf)
    return refuse(elf.takeError());
  for (auto check : {checkHeader, checkSegments, checkDynamic, checkSections})
    if (absl::Status status = check(*elf); !status.ok())
      return status;
  return absl::OkStatus();
}

} // namespace firn::codegen
