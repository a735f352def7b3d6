#include "runtime/module/sections.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/abi/dispatch.h"
#include "runtime/module/crc32c.h"

namespace firn::runtime {
namespace {

constexpr uint16_t kSectionMajor = 1; // of every kind so far
constexpr const char *kRemedy = "compile the model again with the firn of this runtime";

firn_code checkHeader(const firn_module_header &header, size_t size, firn_status *status) {
  if (size < sizeof(firn_module_header) ||
      memcmp(header.magic, FIRN_MODULE_MAGIC, sizeof header.magic) != 0)
    return fail(status, FIRN_DAMAGED, "expected a firn module, got something else");
  const uint32_t checksum = crc32cExtend(0, &header, offsetof(firn_module_header, header_checksum));
  if (checksum != header.header_checksum)
    return fail(status, FIRN_DAMAGED, "the header is damaged: expected checksum %08x, got %08x",
                header.header_checksum, checksum);
  if (header.major != FIRN_MODULE_MAJOR)
    return fail(status, FIRN_VERSION, "expected module format %u.x, got %u.%u: %s",
                FIRN_MODULE_MAJOR, header.major, header.minor, kRemedy);
  if (header.abi_major != FIRN_ABI_MAJOR || header.abi_minor > FIRN_ABI_MINOR)
    return fail(status, FIRN_VERSION, "expected code for ABI %u.%u, got %u.%u: %s", FIRN_ABI_MAJOR,
                FIRN_ABI_MINOR, header.abi_major, header.abi_minor, kRemedy);
  if (header.file_size != size)
    return fail(status, FIRN_DAMAGED, "expected a file of %" PRIu64 " bytes, got %zu",
                header.file_size, size);
  return FIRN_OK;
}

firn_code checkEntry(const firn_section &section, uint32_t index, size_t size,
                     firn_status *status) {
  if (section.offset > size || section.size > size - section.offset)
    return fail(status, FIRN_DAMAGED, "section %u reaches beyond the end of the file", index);
  const uint32_t alignment = section.alignment;
  if (alignment == 0 || (alignment & (alignment - 1)) || (section.offset & (alignment - 1)))
    return fail(status, FIRN_DAMAGED, "section %u is not aligned as the table says", index);
  const bool mapped = section.kind == FIRN_SECTION_CODE || section.kind == FIRN_SECTION_WEIGHTS;
  if (mapped && alignment < FIRN_PAGE_SIZE)
    return fail(status, FIRN_DAMAGED, "section %u: expected an alignment of at least %u, got %u",
                index, FIRN_PAGE_SIZE, alignment);
  const uint32_t known = knownMajor(section.kind);
  if (section.flags & FIRN_SECTION_OPTIONAL)
    return FIRN_OK;
  if (known == 0)
    return fail(status, FIRN_VERSION, "section %u has a kind that this runtime lacks, %u: %s",
                index, section.kind, kRemedy);
  if (section.major != known)
    return fail(status, FIRN_VERSION, "section %u of kind %u: expected format %u.x, got %u.%u: %s",
                index, section.kind, known, section.major, section.minor, kRemedy);
  return FIRN_OK;
}

} // namespace

uint32_t knownMajor(uint16_t kind) {
  return kind >= FIRN_SECTION_PROGRAM && kind <= FIRN_SECTION_BUILD ? kSectionMajor : 0;
}

firn_code checkSections(const unsigned char *data, size_t size, const firn_section **sections,
                        uint32_t *count, firn_status *status) {
  const auto &header = *reinterpret_cast<const firn_module_header *>(data);
  if (firn_code code = checkHeader(header, size, status))
    return code;
  const uint64_t room = size - sizeof header;
  if (header.section_count > room / sizeof(firn_section) || header.table_offset % 8 ||
      header.table_offset < sizeof header ||
      header.table_offset > size - header.section_count * sizeof(firn_section))
    return fail(status, FIRN_DAMAGED, "the table of sections reaches beyond the end of the file");
  const size_t bytes = header.section_count * sizeof(firn_section);
  if (crc32cExtend(0, data + header.table_offset, bytes) != header.table_checksum)
    return fail(status, FIRN_DAMAGED, "the table of sections is damaged: its checksum differs");
  *sections = reinterpret_cast<const firn_section *>(data + header.table_offset);
  *count = header.section_count;
  for (uint32_t i = 0; i < *count; ++i)
    if (firn_code code = checkEntry((*sections)[i], i, size, status))
      return code;
  return FIRN_OK;
}

firn_code checkContents(const unsigned char *data, const firn_section &section, const char *what,
                        firn_status *status) {
  const uint32_t checksum = crc32cExtend(0, data + section.offset, section.size);
  if (checksum == section.checksum)
    return FIRN_OK;
  return fail(status, FIRN_DAMAGED, "the %s is damaged: expected checksum %08x, got %08x", what,
              section.checksum, checksum);
}

} // namespace firn::runtime
