// The code of a module: an ELF image that needs nothing done to it but mapping.
#pragma once

#include "runtime/abi/dispatch.h"
#include "runtime/module/file.h"
#include "runtime/module/format.h"

namespace firn::runtime {

/// What the program headers of an image say.
struct CodeImage {
  struct Segment {
    uint64_t offset, address, size; // bytes in the section; address from the image's first
    bool executable;
  };
  static constexpr uint32_t kMostSegments = 8;
  Segment segments[kMostSegments];
  uint32_t count;
  uint64_t span;  // of addresses, from 0, whole pages
  uint64_t entry; // an address in an executable segment
};

/// Checks an image: x86-64, loads that are readable or readable and executable, never writable;
/// no relocations, imports, initialisers or thread-local data.
firn_code readCodeImage(const unsigned char *data, size_t size, CodeImage *image,
                        firn_status *status);

/// Mapped code; unmapped when it goes.
class Code {
public:
  Code() = default;
  Code(const Code &) = delete;
  Code &operator=(const Code &) = delete;
  ~Code();

  /// Maps the section's segments straight from the file. From memory, or where the file system
  /// allows no execution, copies them; no page is ever writable and executable.
  firn_code load(const ModuleBytes &bytes, const firn_section &section, firn_status *status);

  firn_dispatch_entry entry() const { return function; }

private:
  bool mapSegments(const ModuleBytes &bytes, uint64_t sectionOffset, const CodeImage &image);
  bool copySegments(const unsigned char *section, const CodeImage &image);

  unsigned char *base = nullptr;
  uint64_t span = 0;
  firn_dispatch_entry function = nullptr;
};

} // namespace firn::runtime
