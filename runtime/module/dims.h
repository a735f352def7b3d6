// The numbers of a program that depend on its inputs: slots.
#pragma once

#include "runtime/module/memory.h"
#include "runtime/module/status.h"
#include "runtime/schema/program_generated.h"

namespace firn::runtime {

/// What slots are computed from.
struct DimSource {
  const schema::Program *program;
  /// Of each input its first element in `inputDims`.
  const uint32_t *inputStart;
  const int64_t *inputDims;
};

/// Computes slots from `first` on into `values`. A Read slot keeps its value where `read` (a byte a
/// slot) is set, otherwise it takes its upper bound. `read` may be null: none is. Overflow,
/// division by zero: FIRN_INVALID.
firn_code evaluateDims(const DimSource &source, uint32_t first, int64_t *values,
                       const uint8_t *read, firn_status *status);

/// `a op b`; false where that is no number.
bool computeDim(schema::DimOp op, int64_t a, int64_t b, int64_t *result);

} // namespace firn::runtime
