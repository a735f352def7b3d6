// Which code a processor can run: x86-64 psABI levels, by the features that it reports.
#pragma once

#include "runtime/module/status.h"

namespace firn::runtime {

/// The level of this machine: 0, or 2 to 4.
uint32_t detectCpuLevel();

/// The level to choose code for: the machine's, limited by `wanted` (0: not) and by the
/// environment's FIRN_CPU_LEVEL. An error where a limit is no level, or above the machine's.
firn_code usableCpuLevel(uint32_t wanted, uint32_t *level, firn_status *status);

/// The index of the best code for `level`: of the highest of `levels` that is not above it; a level
/// of 0 is no code. FIRN_CPU where there is none.
firn_code chooseCode(const uint32_t *levels, uint32_t count, uint32_t level, uint32_t *chosen,
                     firn_status *status);

} // namespace firn::runtime
