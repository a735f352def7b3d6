// The module file: a header, a table of sections, the sections. Little-endian, like every machine
// it runs on. All numbers are checked against the file's size before they are used.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// "FIRN" and a byte that text transfers would change.
#define FIRN_MODULE_MAGIC "FIRN\x8D\r\n\x1A"
#define FIRN_MODULE_MAJOR 1
#define FIRN_MODULE_MINOR 0
/// Sections that are mapped begin at multiples of this.
#define FIRN_PAGE_SIZE 4096

typedef struct firn_module_header {
  char magic[8];
  uint16_t major, minor; /* another major: refused; a higher minor: read as far as known */
  uint32_t section_count;
  uint64_t file_size;
  uint64_t table_offset;         /* of section_count firn_section */
  uint32_t table_checksum;       /* CRC-32C of the table */
  uint16_t abi_major, abi_minor; /* runtime/abi/dispatch.h */
  uint8_t reserved[20];          /* 0 */
  uint32_t header_checksum;      /* CRC-32C of the 60 bytes before */
} firn_module_header;

enum firn_section_kind {
  FIRN_SECTION_PROGRAM = 1, /* runtime/schema/program.fbs */
  FIRN_SECTION_WEIGHTS = 2, /* page-aligned; entries 64-byte aligned; 64 zero bytes at the end */
  FIRN_SECTION_CODE = 3,    /* page-aligned ELF image; `variant` says which machine it needs */
  FIRN_SECTION_DEBUG = 4,   /* runtime/schema/debug.fbs; optional */
  FIRN_SECTION_BUILD = 5,   /* text, a line per fact: the compiler's version, its flags; optional */
};

/// Of code sections: x86-64 psABI levels, by the features that a processor has.
enum firn_cpu_level { FIRN_CPU_X86_64_V2 = 2, FIRN_CPU_X86_64_V3 = 3, FIRN_CPU_X86_64_V4 = 4 };

/// Set in `flags` of a section that a reader which does not know its kind may leave alone.
#define FIRN_SECTION_OPTIONAL 1u

typedef struct firn_section {
  uint16_t kind, variant;
  uint16_t major, minor; /* of the section's own format */
  uint32_t flags, alignment;
  uint64_t offset, size;
  uint32_t checksum; /* CRC-32C of the section */
  uint32_t reserved; /* 0 */
} firn_section;

#ifdef __cplusplus
}

static_assert(sizeof(firn_module_header) == 64, "the header is 64 bytes");
static_assert(sizeof(firn_section) == 40, "an entry of the table is 40 bytes");
#endif
