#include "runtime/kernels/kernel_bitcode.h"

#include <cassert>

#define EMBED(name)                                                                                \
  asm(".pushsection .rodata." #name ", \"a\"\n"                                                    \
      ".balign 16\n"                                                                               \
      "firn_embedded_" #name ":\n"                                                                 \
      ".incbin \"" FIRN_BITCODE_FOLDER "/" #name ".bc\"\n"                                         \
      "firn_embedded_" #name "_end:\n"                                                             \
      ".popsection\n");                                                                            \
  extern "C" const char firn_embedded_##name[];                                                    \
  extern "C" const char firn_embedded_##name##_end[];

EMBED(kernels_v2)
EMBED(kernels_v3)
EMBED(kernels_v4)
EMBED(support_v2)
EMBED(support_v3)
EMBED(support_v4)

#define BITCODE(name)                                                                              \
  {firn_embedded_##name, size_t(firn_embedded_##name##_end - firn_embedded_##name)}

namespace firn::kernels {

Bitcode bitcode(int level) {
  static const Bitcode files[] = {BITCODE(kernels_v2), BITCODE(kernels_v3), BITCODE(kernels_v4)};
  assert(level >= 2 && level <= 4);
  return files[level - 2];
}

Bitcode supportBitcode(int level) {
  static const Bitcode files[] = {BITCODE(support_v2), BITCODE(support_v3), BITCODE(support_v4)};
  assert(level >= 2 && level <= 4);
  return files[level - 2];
}

} // namespace firn::kernels
