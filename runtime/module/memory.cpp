#include "runtime/module/memory.h"

#include <sys/mman.h>

namespace firn::runtime {
namespace {

// From this size on, huge pages spare more time than they may waste memory.
constexpr uint64_t kHugePage = 2 << 20;

} // namespace

bool Block::reserve(uint64_t size) {
  if (bytes && size <= reserved)
    return true;
  free(bytes);
  const uint64_t alignment = size >= 2 * kHugePage ? kHugePage : kAlignment;
  const uint64_t total = alignUp(size + kAlignment, alignment);
  bytes = static_cast<unsigned char *>(aligned_alloc(alignment, total));
  reserved = bytes ? size : 0;
#ifdef MADV_HUGEPAGE
  if (bytes && alignment == kHugePage)
    madvise(bytes, total,
            MADV_HUGEPAGE); // advice: it is no matter where the system does not take it
#endif
  return bytes != nullptr;
}

} // namespace firn::runtime
