#include "runtime/module/code.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

namespace firn::runtime {
namespace {

constexpr uint64_t kPage = FIRN_PAGE_SIZE;

uint64_t pageDown(uint64_t address) { return address & ~(kPage - 1); }

int protectionOf(const CodeImage::Segment &segment) {
  return segment.executable ? PROT_READ | PROT_EXEC : PROT_READ;
}

} // namespace

Code::~Code() {
  if (base)
    munmap(base, span);
}

// What the last page of a segment shows of the file beyond it is never used.
bool Code::mapSegments(const ModuleBytes &bytes, uint64_t sectionOffset, const CodeImage &image) {
  for (uint32_t i = 0; i < image.count; ++i) {
    const CodeImage::Segment &segment = image.segments[i];
    const uint64_t before = segment.address % kPage;
    void *at = base + segment.address - before;
    if (mmap(at, before + segment.size, protectionOf(segment), MAP_PRIVATE | MAP_FIXED,
             bytes.descriptor(), off_t(sectionOffset + segment.offset - before)) == MAP_FAILED)
      return false;
  }
  return true;
}

bool Code::copySegments(const unsigned char *section, const CodeImage &image) {
  void *fresh =
      mmap(base, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (fresh == MAP_FAILED)
    return false;
  for (uint32_t i = 0; i < image.count; ++i) {
    const CodeImage::Segment &segment = image.segments[i];
    memcpy(base + segment.address, section + segment.offset, segment.size);
  }
  if (mprotect(base, span, PROT_READ) != 0)
    return false;
  for (uint32_t i = 0; i < image.count; ++i) {
    const CodeImage::Segment &segment = image.segments[i];
    const uint64_t first = pageDown(segment.address);
    if (mprotect(base + first, segment.address + segment.size - first, protectionOf(segment)) != 0)
      return false;
  }
  return true;
}

firn_code Code::load(const ModuleBytes &bytes, const firn_section &section, firn_status *status) {
  CodeImage image;
  const unsigned char *contents = bytes.data() + section.offset;
  if (firn_code code = readCodeImage(contents, section.size, &image, status))
    return code;
  void *range = mmap(nullptr, image.span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (range == MAP_FAILED)
    return fail(status, FIRN_OUT_OF_MEMORY, "can't reserve memory for code: %s", strerror(errno));
  base = static_cast<unsigned char *>(range);
  span = image.span;
  const bool mapped = bytes.descriptor() >= 0 && mapSegments(bytes, section.offset, image);
  if (!mapped && !copySegments(contents, image))
    return fail(status, FIRN_UNREADABLE, "can't make code executable: %s", strerror(errno));
  void *address = base + image.entry;
  memcpy(&function, &address, sizeof function);
  return FIRN_OK;
}

} // namespace firn::runtime
