#include "compiler/embed/elf_object.h"

#include <elf.h>

#include <cassert>
#include <cstring>

namespace firn {
namespace {

constexpr char kZeros[4096] = {};

uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

template <class T> void appendBytes(std::string &bytes, const T &value) {
  bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
}

/// Names one behind the other, each with a zero behind it; the first is empty.
class NameTable {
public:
  uint32_t add(absl::string_view name) {
    const uint32_t at = uint32_t(bytes.size());
    bytes.append(name.data(), name.size());
    bytes.push_back('\0');
    return at;
  }
  const std::string &contents() const { return bytes; }

private:
  std::string bytes = std::string(1, '\0');
};

/// A row of the table of sections, and the bytes it stands for.
struct Row {
  Elf64_Shdr header;
  std::vector<absl::string_view> parts;
};

class Writer {
public:
  explicit Writer(const ElfObject &object) : object(object) {}

  absl::Status write(OutputFile &file) {
    layOut();
    absl::Status status = file.append(head());
    uint64_t position = sizeof(Elf64_Ehdr);
    for (const Row &row : rows) {
      if (row.header.sh_type == SHT_NULL)
        continue;
      status.Update(zeros(file, row.header.sh_offset - position));
      for (absl::string_view part : row.parts)
        status.Update(file.append(part));
      position = row.header.sh_offset + row.header.sh_size;
      if (!status.ok())
        return status;
    }
    status.Update(zeros(file, tableOffset - position));
    for (const Row &row : rows)
      status.Update(file.append({reinterpret_cast<const char *>(&row.header), sizeof row.header}));
    return status;
  }

private:
  static absl::Status zeros(OutputFile &file, uint64_t count) {
    assert(count < sizeof kZeros);
    return file.append({kZeros, size_t(count)});
  }

  void layOut() {
    rows.push_back({});
    for (const ElfSection &section : object.sections)
      addRow(section.name, SHT_PROGBITS, section.flags, section.alignment, section.parts);
    // Without it linkers take the object for one that wants an executable stack.
    addRow(".note.GNU-stack", SHT_PROGBITS, 0, 1, {});
    addSymbols();
    addAddresses();
    const uint32_t name = sectionNames.add(".shstrtab");
    addRow("", SHT_STRTAB, 0, 1, {sectionNames.contents()});
    rows.back().header.sh_name = name;
    tableOffset = alignUp(end, alignof(Elf64_Shdr));
  }

  uint32_t addRow(absl::string_view name, uint32_t type, uint64_t flags, uint64_t alignment,
                  std::vector<absl::string_view> parts) {
    Row row = {};
    row.header.sh_name = name.empty() ? 0 : sectionNames.add(name);
    row.header.sh_type = type;
    row.header.sh_flags = flags;
    row.header.sh_addralign = alignment;
    row.header.sh_offset = alignUp(end, alignment);
    for (absl::string_view part : parts)
      row.header.sh_size += part.size();
    row.parts = std::move(parts);
    end = row.header.sh_offset + row.header.sh_size;
    rows.push_back(std::move(row));
    return uint32_t(rows.size() - 1);
  }

  void addSymbols() {
    uint32_t locals = 1;
    appendBytes(symbols, Elf64_Sym{});
    for (const ElfSymbol &symbol : object.symbols) {
      const bool isLocal = symbol.scope == ElfSymbol::Scope::Local;
      assert((!isLocal || symbols.size() == locals * sizeof(Elf64_Sym)) && "local symbols first");
      locals += isLocal;
      Elf64_Sym entry = {};
      entry.st_name = symbolNames.add(symbol.name);
      entry.st_info = ELF64_ST_INFO(isLocal ? STB_LOCAL : STB_GLOBAL,
                                    symbol.isFunction ? STT_FUNC : STT_OBJECT);
      entry.st_other = symbol.scope == ElfSymbol::Scope::Hidden ? STV_HIDDEN : STV_DEFAULT;
      entry.st_shndx = uint16_t(symbol.section + 1);
      entry.st_value = symbol.offset;
      entry.st_size = symbol.size;
      appendBytes(symbols, entry);
    }
    const uint32_t names = addRow(".strtab", SHT_STRTAB, 0, 1, {symbolNames.contents()});
    symbolRow = addRow(".symtab", SHT_SYMTAB, 0, 8, {symbols});
    rows[symbolRow].header.sh_link = names;
    rows[symbolRow].header.sh_info = locals;
    rows[symbolRow].header.sh_entsize = sizeof(Elf64_Sym);
  }

  void addAddresses() {
    addresses.reserve(object.sections.size()); // rows refer to its strings
    for (uint32_t i = 0; i < object.sections.size(); ++i) {
      const ElfSection &section = object.sections[i];
      if (section.addresses.empty())
        continue;
      std::string &bytes = addresses.emplace_back();
      for (const ElfAddress &address : section.addresses)
        appendBytes(bytes, Elf64_Rela{address.offset,
                                      ELF64_R_INFO(uint64_t(address.symbol) + 1, R_X86_64_64),
                                      address.addend});
      Elf64_Shdr &header =
          rows[addRow(".rela" + section.name, SHT_RELA, SHF_INFO_LINK, 8, {bytes})].header;
      header.sh_link = symbolRow;
      header.sh_info = i + 1;
      header.sh_entsize = sizeof(Elf64_Rela);
    }
  }

  std::string head() const {
    Elf64_Ehdr header = {};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_REL;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof header;
    header.e_shoff = tableOffset;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = uint16_t(rows.size());
    header.e_shstrndx = uint16_t(rows.size() - 1);
    std::string bytes;
    appendBytes(bytes, header);
    return bytes;
  }

  const ElfObject &object;
  NameTable sectionNames, symbolNames;
  std::string symbols;
  std::vector<std::string> addresses;
  std::vector<Row> rows;
  uint32_t symbolRow = 0;
  uint64_t end = sizeof(Elf64_Ehdr), tableOffset = 0;
};

} // namespace

uint64_t ElfSection::size() const {
  uint64_t result = 0;
  for (absl::string_view part : parts)
    result += part.size();
  return result;
}

void ElfSection::appendZeros(uint64_t count) {
  for (; count > sizeof kZeros; count -= sizeof kZeros)
    parts.emplace_back(kZeros, sizeof kZeros);
  parts.emplace_back(kZeros, size_t(count));
}

void ElfSection::pad(uint64_t multiple) { appendZeros(alignUp(size(), multiple) - size()); }

uint64_t ElfSection::append(absl::string_view part) {
  const uint64_t at = size();
  parts.push_back(part);
  return at;
}

absl::Status writeElfObject(const ElfObject &object, OutputFile &file) {
  return Writer(object).write(file);
}

} // namespace firn
