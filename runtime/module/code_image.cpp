#include "runtime/module/code.h"

#include <elf.h>
#include <string.h>

namespace firn::runtime {
namespace {

constexpr uint64_t kPage = FIRN_PAGE_SIZE;
constexpr uint64_t kLargestAddress = uint64_t(1) << 32;

uint64_t pageUp(uint64_t size) { return (size + kPage - 1) & ~(kPage - 1); }

firn_code refuse(firn_status *status, const char *why) {
  return fail(status, FIRN_DAMAGED, "the code is no image that firn makes: %s", why);
}

bool isPlainHeader(const Elf64_Ehdr &header) {
  return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
         header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_machine == EM_X86_64 &&
         header.e_type == ET_DYN && header.e_phentsize == sizeof(Elf64_Phdr);
}

/// What a loader would have to do before the code may run.
bool asksForWork(int64_t tag) {
  switch (tag) {
  case DT_NEEDED:
  case DT_RELA:
  case DT_REL:
  case DT_JMPREL:
  case DT_RELR:
  case DT_TEXTREL:
  case DT_INIT:
  case DT_FINI:
  case DT_INIT_ARRAY:
  case DT_FINI_ARRAY:
  case DT_PREINIT_ARRAY:
    return true;
  default:
    return false;
  }
}

bool liesInside(const Elf64_Phdr &header, size_t size) {
  return header.p_offset <= size && header.p_filesz <= size - header.p_offset;
}

const char *checkDynamic(const unsigned char *data, size_t size, const Elf64_Phdr &header) {
  if (!liesInside(header, size))
    return "its dynamic section reaches beyond its end";
  for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= header.p_filesz; at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn entry;
    memcpy(&entry, data + header.p_offset + at, sizeof entry);
    if (entry.d_tag == DT_NULL)
      break;
    if (asksForWork(entry.d_tag))
      return "it has relocations, imports or initialisers";
  }
  return nullptr;
}

const char *addLoad(const Elf64_Phdr &header, size_t size, CodeImage *image) {
  if (header.p_flags != PF_R && header.p_flags != (PF_R | PF_X))
    return "a segment is neither read-only nor executable";
  if (!liesInside(header, size) || header.p_filesz != header.p_memsz || header.p_filesz == 0)
    return "a segment reaches beyond its end";
  if (header.p_vaddr > kLargestAddress || header.p_vaddr % kPage != header.p_offset % kPage)
    return "a segment cannot be mapped";
  if ((header.p_vaddr & ~(kPage - 1)) < image->span)
    return "two segments share a page";
  if (image->count == CodeImage::kMostSegments)
    return "it has too many segments";
  image->segments[image->count++] = {header.p_offset, header.p_vaddr, header.p_filesz,
                                     (header.p_flags & PF_X) != 0};
  image->span = pageUp(header.p_vaddr + header.p_filesz);
  return nullptr;
}

const char *readProgramHeader(const unsigned char *data, size_t size, const Elf64_Phdr &header,
                              CodeImage *image) {
  switch (header.p_type) {
  case PT_LOAD:
    return addLoad(header, size, image);
  case PT_DYNAMIC:
    return checkDynamic(data, size, header);
  case PT_INTERP:
  case PT_TLS:
    return "it asks for a loader or thread-local data";
  default:
    return nullptr;
  }
}

bool isExecutable(const CodeImage &image, uint64_t address) {
  for (uint32_t i = 0; i < image.count; ++i) {
    const CodeImage::Segment &segment = image.segments[i];
    if (segment.executable && address >= segment.address &&
        address - segment.address < segment.size)
      return true;
  }
  return false;
}

} // namespace

firn_code readCodeImage(const unsigned char *data, size_t size, CodeImage *image,
                        firn_status *status) {
  memset(image, 0, sizeof *image);
  Elf64_Ehdr header;
  if (size < sizeof header)
    return refuse(status, "it is too short");
  memcpy(&header, data, sizeof header);
  if (!isPlainHeader(header))
    return refuse(status, "it is no position-independent x86-64 ELF");
  if (header.e_phoff > size || header.e_phnum > (size - header.e_phoff) / sizeof(Elf64_Phdr))
    return refuse(status, "its program headers reach beyond its end");
  for (uint32_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    memcpy(&segment, data + header.e_phoff + i * sizeof segment, sizeof segment);
    if (const char *why = readProgramHeader(data, size, segment, image))
      return refuse(status, why);
  }
  image->entry = header.e_entry;
  return isExecutable(*image, image->entry) ? FIRN_OK
                                            : refuse(status, "its entry is not in its code");
}

} // namespace firn::runtime
