#include "runtime/module/cpu.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/module/format.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace firn::runtime {
namespace {

#if defined(__x86_64__)

bool hasAll(unsigned features, unsigned wanted) { return (features & wanted) == wanted; }

/// Which registers the system saves when it switches between programs.
__attribute__((target("xsave"))) unsigned savedRegisters() {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

constexpr unsigned kSaveAvx = 0x6, kSaveAvx512 = 0xe6;
constexpr unsigned kLahf = 1u << 0, kLzcnt = 1u << 5; // leaf 0x80000001, ecx

uint32_t levelOfFeatures() {
  unsigned a, b, c, d, extendedC = 0, b7 = 0, unused;
  if (!__get_cpuid(1, &a, &b, &c, &d))
    return 0;
  __get_cpuid(0x80000001, &a, &b, &extendedC, &d);
  __get_cpuid_count(7, 0, &a, &b7, &unused, &d);
  if (!hasAll(c, bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B) ||
      !hasAll(extendedC, kLahf))
    return 0;
  if (!hasAll(c, bit_AVX | bit_F16C | bit_FMA | bit_MOVBE | bit_OSXSAVE) ||
      !hasAll(extendedC, kLzcnt) || !hasAll(b7, bit_AVX2 | bit_BMI | bit_BMI2) ||
      !hasAll(savedRegisters(), kSaveAvx))
    return FIRN_CPU_X86_64_V2;
  if (!hasAll(b7, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL) ||
      !hasAll(savedRegisters(), kSaveAvx512))
    return FIRN_CPU_X86_64_V3;
  return FIRN_CPU_X86_64_V4;
}

#else

uint32_t levelOfFeatures() { return 0; }

#endif

firn_code limit(uint32_t wanted, const char *source, uint32_t machine, uint32_t *level,
                firn_status *status) {
  if (wanted < FIRN_CPU_X86_64_V2 || wanted > FIRN_CPU_X86_64_V4)
    return fail(status, FIRN_INVALID, "%s: expected v2, v3 or v4", source);
  if (wanted > machine)
    return fail(status, FIRN_CPU, "%s asks for x86-64-v%u, this processor has %s%u", source, wanted,
                machine ? "x86-64-v" : "level ", machine);
  if (wanted < *level)
    *level = wanted;
  return FIRN_OK;
}

firn_code failLevel(const uint32_t *levels, uint32_t count, uint32_t level, firn_status *status) {
  char text[96];
  size_t at = 0;
  text[0] = 0;
  for (uint32_t i = 0; i < count && at + 24 < sizeof text; ++i)
    if (levels[i])
      at += snprintf(text + at, sizeof text - at, "%sx86-64-v%u", at ? ", " : "", levels[i]);
  return fail(status, FIRN_CPU,
              "the module has no code for this processor: expected %s%u or lower, got %s",
              level ? "x86-64-v" : "level ", level, at ? text : "none");
}

} // namespace

uint32_t detectCpuLevel() {
  // Asking takes a while (a hypervisor answers); the answer never changes.
  static int known = -1;
  int level = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (level < 0)
    __atomic_store_n(&known, level = int(levelOfFeatures()), __ATOMIC_RELAXED);
  return uint32_t(level);
}

firn_code usableCpuLevel(uint32_t wanted, uint32_t *level, firn_status *status) {
  const uint32_t machine = *level = detectCpuLevel();
  const char *forced = getenv("FIRN_CPU_LEVEL");
  if (forced && *forced) {
    const bool wellFormed = forced[0] == 'v' && forced[1] && !forced[2];
    if (firn_code code = limit(wellFormed ? uint32_t(forced[1] - '0') : 0,
                               "environment FIRN_CPU_LEVEL", machine, level, status))
      return code;
  }
  return wanted ? limit(wanted, "option cpu_level", machine, level, status) : FIRN_OK;
}

firn_code chooseCode(const uint32_t *levels, uint32_t count, uint32_t level, uint32_t *chosen,
                     firn_status *status) {
  uint32_t best = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (levels[i] > level || levels[i] <= best)
      continue;
    best = levels[i];
    *chosen = i;
  }
  return best ? FIRN_OK : failLevel(levels, count, level, status);
}

} // namespace firn::runtime

uint32_t firn_cpu_level_of_machine(void) { return firn::runtime::detectCpuLevel(); }
