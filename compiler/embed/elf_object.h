// Relocatable ELF objects of x86-64, as far as models need them: sections of bytes that lie
// elsewhere, addresses in them, symbols.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/output_file.h"

namespace firn {

/// SHF_X86_64_LARGE of the psABI, which older <elf.h> lack: code reaches it at any distance.
constexpr uint64_t kElfLargeSection = 0x10000000;

/// Eight bytes that the linker sets to the address of a symbol.
struct ElfAddress {
  uint64_t offset; ///< in the section
  uint32_t symbol; ///< index into ElfObject::symbols
  int64_t addend = 0;
};

struct ElfSection {
  std::string name;
  uint64_t flags;     ///< SHF_…
  uint64_t alignment; ///< a power of two
  /// The contents, one part behind the other. The bytes stay with whoever owns them until the
  /// object is written.
  std::vector<absl::string_view> parts = {};
  std::vector<ElfAddress> addresses = {};

  uint64_t size() const;
  /// Zeros until the size is a multiple of `multiple`.
  void pad(uint64_t multiple);
  void appendZeros(uint64_t count);
  /// Where the part begins.
  uint64_t append(absl::string_view part);
};

struct ElfSymbol {
  enum class Scope { Local, Hidden, Default };
  std::string name;
  Scope scope;
  bool isFunction;
  uint32_t section; ///< index into ElfObject::sections
  uint64_t offset, size;
};

struct ElfObject {
  std::vector<ElfSection> sections;
  std::vector<ElfSymbol> symbols; ///< local ones first

  /// Keeps bytes for as long as the object lives.
  absl::string_view keep(std::string bytes) { return kept.emplace_back(std::move(bytes)); }

private:
  std::deque<std::string> kept; // moving it does not move its strings
};

/// Writes the object front to back; the same object gives the same bytes.
absl::Status writeElfObject(const ElfObject &object, OutputFile &file);

} // namespace firn
