// What a kernel does to finished values before it stores them.
#pragma once

#include "runtime/abi/dispatch.h"
#include "runtime/kernels/common/vector.h"

/// Defined by the compiler for each dispatch (natively by the test). `row`: of the output, all its
/// leading dimensions flattened; `column`: of the first lane. Lanes behind the last column are
/// garbage and are not stored; it may read operands of them.
extern "C" firn::kernels::V FIRN_SYMBOL(firn_epilogue)(firn::kernels::V value, int64_t row,
                                                       int64_t column, const firn_workgroup *group);

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

/// The epilogue that a kernel entry hands to its template.
struct ModuleEpilogue {
  const firn_workgroup *group;

  FIRN_INLINE V operator()(V value, int64_t row, int64_t column) const {
    return FIRN_SYMBOL(firn_epilogue)(value, row, column, group);
  }
};

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels
